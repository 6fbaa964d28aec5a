#include "server/settings.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>

#include "server/query_string.h"

namespace cairn::server {

namespace {

using Kind = SettingKind;

constexpr Setting kSettings[] = {
    {"api.address", "--url", Kind::text, "127.0.0.1:9181", "Address to listen on"},
    {"api.allowed-origins", "--allowed-origins", Kind::list, "",
     "Origins whose pages may use the API; * for all"},
    {"api.allowed-hosts", "--allowed-hosts", Kind::list, "",
     "Names of this server beside localhost and IP addresses; * for all"},
    {"api.pubkeypath", "--pubkeypath", Kind::text, "", "TLS certificate (PEM)"},
    {"api.privkeypath", "--privkeypath", Kind::text, "", "TLS key (PEM)"},
    {"api.threads", "--threads", Kind::number, "0", "Threads; 0: twice the processors, at least 4"},
    {"datastore.store", "--store", Kind::text, "persistent",
     "persistent, or memory: gone when the server stops"},
    {"development", "--development", Kind::boolean, "false", "Allow POST /purge"},
    {"acp.document.type", "--document-acp-type", Kind::text, "none",
     "Access control of documents: none or local"},
    {"acp.node.enable", "--node-acp-enable", Kind::boolean, "false", "Access control of the API"},
    {"keyring.disabled", "--no-keyring", Kind::boolean, "false", "Keep no keys on disk"},
    {"log.level", "--log-level", Kind::text, "info", "debug, info, error or fatal; requests are info"},
    {"limits.body-bytes", "--max-body-bytes", Kind::number, "67108864", "Longest body of a request"},
    {"limits.header-bytes", "--max-header-bytes", Kind::number, "32768",
     "Longest headers of a request, without its first line"},
    {"limits.connections", "--max-connections", Kind::number, "1000", "Open connections"},
    {"limits.transactions", "--max-transactions", Kind::number, "1000", "Open explicit transactions"},
    {"limits.subscriptions", "--max-subscriptions", Kind::number, "1000", "Open subscriptions"},
    {"limits.subscription-bytes", "--max-subscription-bytes", Kind::number, "8388608",
     "Unsent events of one subscription"},
    {"limits.request-seconds", "--request-seconds", Kind::number, "60",
     "Time for a request to arrive, and for its answer to be taken"},
    {"limits.query-seconds", "--query-seconds", Kind::number, "60", "Time of execution of a GraphQL request"},
    {"limits.query-tokens", "--max-query-tokens", Kind::number, "2000000", "Tokens of a GraphQL request"},
    {"limits.query-nesting", "--max-query-nesting", Kind::number, "200",
     "Brackets within brackets of a GraphQL request"},
    {"limits.query-depth", "--max-query-depth", Kind::number, "100", "Fields within fields"},
    {"limits.query-aliases", "--max-query-aliases", Kind::number, "10000", "Aliases of an operation"},
    {"limits.query-root-fields", "--max-query-root-fields", Kind::number, "10000",
     "Root fields of an operation"},
    {"limits.query-list-items", "--max-query-list-items", Kind::number, "1000000",
     "Items of one list in a request or its variables"},
    {"limits.nested-documents", "--max-nested-documents", Kind::number, "5000",
     "Documents that a mutation writes by nesting, or links"},
    {"limits.cascade-documents", "--max-cascade-documents", Kind::number, "100000",
     "Documents that a mutation deletes by delete rules"},
    {"limits.query-rows", "--max-query-rows", Kind::number, "1000000000",
     "Rows, index entries and commits that a request may look at"},
    {"limits.answer-bytes", "--max-answer-bytes", Kind::number, "1073741824", "Bytes of an answer"},
    {"limits.idle-seconds", "--idle-seconds", Kind::number, "120", "Time between requests of a connection"},
    {"limits.transaction-seconds", "--transaction-seconds", Kind::number, "300",
     "Time after which an unused transaction is discarded"},
    {"limits.stop-seconds", "--stop-seconds", Kind::number, "10",
     "Time for requests under way when the server stops"},
    {"modes.first-order-key-only", "--first-order-key-only", Kind::boolean, "false",
     "Orders count by their first key alone, as in DefraDB, unless an index has them whole"},
    {"modes.extremes-after-last-null", "--extremes-after-last-null", Kind::boolean, "false",
     "_min and _max over documents forget what came before a null, as in DefraDB"},
    {"modes.introspect-extensions", "--introspect-extensions", Kind::boolean, "false",
     "Introspection lists what DefraDB does not have"},
    {"secretfile", "--secret-file", Kind::text, ".env", "File of KEY=value lines for the environment"},
};

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
    return out;
}

const Setting* find_setting(std::string_view key) {
    auto found = std::find_if(std::begin(kSettings), std::end(kSettings),
                              [&](const Setting& setting) { return setting.key == key; });
    return found == std::end(kSettings) ? nullptr : found;
}

std::string environment_name(std::string_view prefix, std::string_view key) {
    std::string name(prefix);
    for (char c : key)
        name += c == '.' || c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return name;
}

std::map<std::string, std::string> read_secret_file(const std::string& file) {
    std::map<std::string, std::string> values;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        std::size_t equals = line.find('=');
        if (line.empty() || line[0] == '#' || equals == std::string::npos) continue;
        std::string value = line.substr(equals + 1);
        if (!value.empty() && value.back() == '\r') value.pop_back();
        values.emplace(line.substr(0, equals), value);
    }
    return values;
}

// The values of a YAML tree by their paths in small letters; a list with commas between its items.
void flatten(const YAML::Node& node, const std::string& path, std::map<std::string, std::string>& out) {
    if (node.IsMap()) {
        for (const auto& member : node) {
            std::string key = lower(member.first.as<std::string>());
            flatten(member.second, path.empty() ? key : path + "." + key, out);
        }
        return;
    }
    std::string& value = out[path];
    if (node.IsScalar()) value = node.as<std::string>();
    if (!node.IsSequence()) return;
    for (const auto& item : node) value += (value.empty() ? "" : ",") + item.as<std::string>();
}

void emit(YAML::Emitter& out, const Setting& setting, const std::string& value) {
    if (setting.kind != Kind::list) {
        out << YAML::Value << value;
        return;
    }
    out << YAML::Value << YAML::Flow << YAML::BeginSeq;
    for (std::size_t begin = 0; begin < value.size();) {
        std::size_t end = std::min(value.find(',', begin), value.size());
        out << value.substr(begin, end - begin);
        begin = end + 1;
    }
    out << YAML::EndSeq;
}

}  // namespace

std::span<const Setting> all_settings() {
    return kSettings;
}

Status Settings::set(const Setting& setting, std::string value, std::string_view origin) {
    bool good = setting.kind == Kind::boolean  ? parse_boolean(value).has_value()
                : setting.kind == Kind::number ? parse_number(value).has_value()
                                               : true;
    if (!good) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("{}: {} must be {}, not \"{}\"", origin, setting.key,
                                setting.kind == Kind::boolean ? "true or false" : "a number", value));
    }
    values_.insert_or_assign(std::string(setting.key), std::move(value));
    return {};
}

Status Settings::read_file(const std::filesystem::path& file) {
    std::error_code ignored;
    has_file_ = std::filesystem::exists(file, ignored);
    if (!has_file_) return {};
    std::map<std::string, std::string> found;
    try {
        if (YAML::Node root = YAML::LoadFile(file.string()); !root.IsNull()) flatten(root, "", found);
    } catch (const YAML::Exception& error) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("cannot read {}: {}", file.string(), error.what()));
    }
    for (auto& [key, value] : found) {
        if (const Setting* setting = find_setting(key)) {
            CAIRN_TRY(set(*setting, std::move(value), file.string()));
        } else {
            unknown_keys_.push_back(key);
        }
    }
    return {};
}

Result<Settings> Settings::load(const std::filesystem::path& rootdir,
                                const std::map<std::string, std::string>& flags,
                                const Environment& environment) {
    Settings settings;
    for (const Setting& setting : kSettings)
        CAIRN_TRY(settings.set(setting, std::string(setting.default_value), "default"));
    CAIRN_TRY(settings.read_file(rootdir / "config.yaml"));
    auto secret_flag = flags.find("secretfile");
    auto secrets =
        read_secret_file(secret_flag == flags.end() ? settings.text("secretfile") : secret_flag->second);
    auto look_up = [&](const std::string& name) -> std::optional<std::string> {
        if (auto value = environment(name)) return value;
        auto secret = secrets.find(name);
        return secret == secrets.end() ? std::nullopt : std::optional(secret->second);
    };
    for (const Setting& setting : kSettings) {
        for (std::string_view prefix : {"DEFRA_", "CAIRN_"}) {
            std::string name = environment_name(prefix, setting.key);
            if (auto value = look_up(name)) CAIRN_TRY(settings.set(setting, std::move(*value), name));
        }
        if (auto flag = flags.find(std::string(setting.key)); flag != flags.end())
            CAIRN_TRY(settings.set(setting, flag->second, setting.flag));
    }
    return settings;
}

bool Settings::boolean(std::string_view key) const {
    return *parse_boolean(text(key));
}

std::uint64_t Settings::number(std::string_view key) const {
    return *parse_number(text(key));
}

std::vector<std::string> Settings::list(std::string_view key) const {
    std::vector<std::string> items;
    std::string_view rest = text(key);
    while (!rest.empty()) {
        std::string_view item = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(item.size() + 1, rest.size()));
        if (!item.empty()) items.emplace_back(item);
    }
    return items;
}

// Groups follow one another in the table, so a group is opened where it changes.
Status Settings::save(const std::filesystem::path& rootdir) const {
    YAML::Emitter out;
    out << YAML::BeginMap;
    std::vector<std::string> open;
    for (const Setting& setting : kSettings) {
        std::vector<std::string> path;
        std::string_view rest = setting.key;
        for (std::size_t dot; (dot = rest.find('.')) != std::string_view::npos; rest.remove_prefix(dot + 1))
            path.emplace_back(rest.substr(0, dot));
        std::size_t common = 0;
        while (common < std::min(open.size(), path.size()) && open[common] == path[common]) ++common;
        for (; open.size() > common; open.pop_back()) out << YAML::EndMap;
        for (; open.size() < path.size(); open.push_back(path[open.size()]))
            out << YAML::Key << path[open.size()] << YAML::Value << YAML::BeginMap;
        out << YAML::Key << std::string(rest);
        emit(out, setting, text(setting.key));
    }
    for (; !open.empty(); open.pop_back()) out << YAML::EndMap;
    out << YAML::EndMap;
    std::filesystem::path file = rootdir / "config.yaml";
    std::error_code error;
    std::filesystem::create_directories(rootdir, error);
    std::ofstream stream(file);
    stream << out.c_str() << '\n';
    stream.close();
    if (!stream) return fail(ErrorCode::io, fmt::format("cannot write {}", file.string()));
    return {};
}

namespace {

// "[http://]host:port", the host of an IPv6 address in brackets.
Status read_address(std::string_view address, ServerOptions& options) {
    std::string_view rest = address;
    if (std::size_t scheme = rest.find("://"); scheme != std::string_view::npos)
        rest.remove_prefix(scheme + 3);
    std::size_t colon = rest.rfind(':');
    std::string_view port = colon == std::string_view::npos ? "" : rest.substr(colon + 1);
    std::string_view host = rest.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    auto number = parse_number(port);
    if (host.empty() || !number || *number > 65535)
        return fail(ErrorCode::invalid_argument, fmt::format("not an address with a port: {}", address));
    options.host = host;
    options.port = static_cast<std::uint16_t>(*number);
    return {};
}

std::int64_t milliseconds(const Settings& settings, std::string_view key) {
    constexpr std::uint64_t kLongest = 1'000'000'000;  // 30 years
    return static_cast<std::int64_t>(std::min(settings.number(key), kLongest) * 1000);
}

Limits read_limits(const Settings& settings) {
    return {.body_bytes = settings.number("limits.body-bytes"),
            .header_bytes = settings.number("limits.header-bytes"),
            .connections = settings.number("limits.connections"),
            .transactions = settings.number("limits.transactions"),
            .subscriptions = settings.number("limits.subscriptions"),
            .subscription_bytes = settings.number("limits.subscription-bytes"),
            .request_ms = milliseconds(settings, "limits.request-seconds"),
            .idle_ms = milliseconds(settings, "limits.idle-seconds"),
            .transaction_ms = milliseconds(settings, "limits.transaction-seconds"),
            .stop_ms = milliseconds(settings, "limits.stop-seconds")};
}

RequestLimits read_request_limits(const Settings& settings) {
    RequestLimits limits;
    limits.tokens = settings.number("limits.query-tokens");
    limits.nesting = settings.number("limits.query-nesting");
    limits.selection_depth = settings.number("limits.query-depth");
    limits.aliases = settings.number("limits.query-aliases");
    limits.root_fields = settings.number("limits.query-root-fields");
    limits.list_items = settings.number("limits.query-list-items");
    limits.nested_documents = settings.number("limits.nested-documents");
    limits.cascade_documents = settings.number("limits.cascade-documents");
    limits.rows = settings.number("limits.query-rows");
    limits.result_bytes = settings.number("limits.answer-bytes");
    limits.time = std::chrono::milliseconds(milliseconds(settings, "limits.query-seconds"));
    return limits;
}

}  // namespace

Result<ServerOptions> server_options(const Settings& settings, const std::filesystem::path& rootdir) {
    ServerOptions options;
    CAIRN_TRY(read_address(settings.text("api.address"), options));
    if (const std::string& type = settings.text("acp.document.type"); type != "none" && type != "local") {
        return fail(ErrorCode::unsupported,
                    fmt::format("the selected acp type is not supported by this build. ACP: {}", type));
    }
    for (const std::string& origin : settings.list("api.allowed-origins"))
        options.allowed_origins.push_back(lower(origin));
    options.allowed_hosts = settings.list("api.allowed-hosts");
    auto file = [&](std::string_view key) {
        const std::string& path = settings.text(key);
        return path.empty() ? std::filesystem::path() : rootdir / path;
    };
    options.certificate = file("api.pubkeypath");
    options.private_key = file("api.privkeypath");
    options.threads = settings.number("api.threads");
    options.development = settings.boolean("development");
    const std::string& level = settings.text("log.level");
    options.log_requests = level == "info" || level == "debug";
    options.limits = read_limits(settings);
    options.store.limits = read_request_limits(settings);
    options.store.modes = {.first_order_key_only = settings.boolean("modes.first-order-key-only"),
                           .extremes_after_last_null = settings.boolean("modes.extremes-after-last-null"),
                           .introspect_extensions = settings.boolean("modes.introspect-extensions")};
    return options;
}

}  // namespace cairn::server
