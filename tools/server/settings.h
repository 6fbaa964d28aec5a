// Settings of the server by key: flag given > environment > config.yaml > default (spec/http-and-cli.md
// section 18). One table names them all, with their flags.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/error.h"
#include "server/options.h"

namespace cairn::server {

enum class SettingKind : std::uint8_t { text, boolean, number, list };

struct Setting {
    std::string_view key;   // "api.address"; in the environment CAIRN_API_ADDRESS, or DEFRA_API_ADDRESS
    std::string_view flag;  // "--url"; empty: none
    SettingKind kind;
    std::string_view default_value;  // a list: commas between the items
    std::string_view help;
};
std::span<const Setting> all_settings();

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

class Settings {
  public:
    // Reads `<rootdir>/config.yaml` where there is one and puts the parts together. flags: values by key, a
    // list with commas between the items. Lines of the secret file (KEY=value) count as environment where
    // that has not the name itself. Errors: invalid_argument with key and value, io.
    static Result<Settings> load(const std::filesystem::path& rootdir,
                                 const std::map<std::string, std::string>& flags,
                                 const Environment& environment);

    const std::string& text(std::string_view key) const { return values_.find(key)->second; }
    bool boolean(std::string_view key) const;
    std::uint64_t number(std::string_view key) const;
    std::vector<std::string> list(std::string_view key) const;

    // Keys of the file that have no meaning here, in order.
    const std::vector<std::string>& unknown_keys() const { return unknown_keys_; }
    bool has_file() const { return has_file_; }
    // Writes config.yaml with all settings as they are. Errors: io.
    Status save(const std::filesystem::path& rootdir) const;

  private:
    Status read_file(const std::filesystem::path& file);
    Status set(const Setting& setting, std::string value, std::string_view origin);

    std::map<std::string, std::string, std::less<>> values_;
    std::vector<std::string> unknown_keys_;
    bool has_file_ = false;
};

// What a server with these settings is told, except for its store and its log. Errors: invalid_argument.
Result<ServerOptions> server_options(const Settings& settings, const std::filesystem::path& rootdir);

}  // namespace cairn::server
