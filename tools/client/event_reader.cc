#include "client/event_reader.h"

#include <utility>

namespace cairn::client {

std::optional<std::string_view> EventReader::next_line() {
    const std::size_t end = buffer_.find('\n', scanned_);
    if (end == std::string::npos) {
        buffer_.erase(0, start_);
        start_ = 0;
        scanned_ = buffer_.size();
        return std::nullopt;
    }
    std::string_view line = std::string_view(buffer_).substr(start_, end - start_);
    start_ = scanned_ = end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

std::optional<std::string> EventReader::next() {
    constexpr std::string_view kField = "data:";
    while (const auto line = next_line()) {
        if (line->empty() && has_data_) {
            has_data_ = false;
            return std::exchange(data_, {});
        }
        if (!line->starts_with(kField)) continue;
        std::string_view value = line->substr(kField.size());
        if (value.starts_with(' ')) value.remove_prefix(1);
        if (has_data_) data_ += '\n';
        data_ += value;
        has_data_ = true;
    }
    return std::nullopt;
}

}  // namespace cairn::client
