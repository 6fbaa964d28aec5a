#include "cli/json_text.h"

#include <fmt/format.h>

namespace cairn::cli {

namespace {

void new_line(std::string& out, std::size_t depth) {
    out += '\n';
    out.append(2 * depth, ' ');
}

// Position behind the string that starts at `at`.
std::size_t end_of_string(std::string_view json, std::size_t at) {
    for (std::size_t i = at + 1; i < json.size(); ++i) {
        if (json[i] == '\\') {
            ++i;
        } else if (json[i] == '"') {
            return i + 1;
        }
    }
    return json.size();
}

bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

// Position of the bracket that closes an empty list or object opened at `at`, or npos.
std::size_t closes_at_once(std::string_view json, std::size_t at) {
    std::size_t next = at + 1;
    while (next < json.size() && is_space(json[next])) ++next;
    const char wanted = json[at] == '{' ? '}' : ']';
    return next < json.size() && json[next] == wanted ? next : std::string_view::npos;
}

}  // namespace

std::string indent_json(std::string_view json) {
    std::string out;
    out.reserve(json.size() * 2);
    std::size_t depth = 0;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (c == '"') {
            const std::size_t end = end_of_string(json, i);
            out.append(json.substr(i, end - i));
            i = end - 1;
        } else if (c == '{' || c == '[') {
            out += c;
            if (const std::size_t close = closes_at_once(json, i); close != std::string_view::npos) {
                out += json[close];
                i = close;
            } else {
                new_line(out, ++depth);
            }
        } else if (c == '}' || c == ']') {
            if (depth > 0) --depth;
            new_line(out, depth);
            out += c;
        } else if (c == ',') {
            out += c;
            new_line(out, depth);
        } else if (c == ':') {
            out += ": ";
        } else if (!is_space(c)) {
            out += c;
        }
    }
    return out;
}

std::string quote_json(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            out += c;
        }
    }
    return out + "\"";
}

std::string quote_json_list(const std::vector<std::string>& texts) {
    std::string out = "[";
    for (const auto& text : texts) out += (out.size() > 1 ? "," : "") + quote_json(text);
    return out + "]";
}

Result<JsonDocument> JsonDocument::parse(std::string_view json) {
    JsonDocument document;
    document.parser_ = std::make_unique<simdjson::dom::parser>();
    const auto error = document.parser_->parse(json.data(), json.size()).get(document.root_);
    if (error != simdjson::SUCCESS) {
        return fail(ErrorCode::internal, fmt::format("unreadable JSON: {}", simdjson::error_message(error)));
    }
    return document;
}

std::string text_at(simdjson::dom::element object, std::string_view key) {
    std::string_view text;
    if (object[key].get(text) != simdjson::SUCCESS) return {};
    return std::string(text);
}

std::uint64_t number_at(simdjson::dom::element object, std::string_view key) {
    std::uint64_t number = 0;
    if (object[key].get(number) != simdjson::SUCCESS) return 0;
    return number;
}

std::vector<simdjson::dom::element> items_of(simdjson::dom::element array) {
    std::vector<simdjson::dom::element> items;
    simdjson::dom::array list;
    if (array.get(list) == simdjson::SUCCESS) items.assign(list.begin(), list.end());
    return items;
}

std::vector<simdjson::dom::element> items_at(simdjson::dom::element object, std::string_view key) {
    simdjson::dom::element array;
    if (object[key].get(array) != simdjson::SUCCESS) return {};
    return items_of(array);
}

std::string plain_text(simdjson::dom::element value) {
    if (value.is_null()) return "-";
    std::string_view text;
    if (value.get(text) == simdjson::SUCCESS) return std::string(text);
    return simdjson::minify(value);
}

}  // namespace cairn::cli
