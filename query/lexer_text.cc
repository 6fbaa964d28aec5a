#include "query/lexer_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace cairn::query {

namespace {

// Lines end with \n, \r or \r\n.
std::vector<std::string_view> split_lines(std::string_view text) {
    std::vector<std::string_view> lines;
    for (;;) {
        std::size_t end = text.find_first_of("\r\n");
        lines.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return lines;
        text.remove_prefix(text.substr(end, 2) == "\r\n" ? end + 2 : end + 1);
    }
}

std::uint32_t code_point_at(std::string_view source, std::size_t position) {
    auto byte = [&](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(source[position + i]));
    };
    switch (character_bytes(source, position)) {
        case 2:
            return (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
        case 3:
            return (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
        case 4:
            return (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
        default:
            return byte(0) < 0x80 ? byte(0) : 0xFFFD;
    }
}

std::string excerpt_line(std::string_view line) {
    std::string shown;
    for (char c : line) {
        if (static_cast<unsigned char>(c) < 0x20) {
            shown += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
        } else {
            shown += c;
        }
    }
    return shown;
}

bool is_blank(std::string_view line) {
    return line.find_first_not_of(" \t") == std::string_view::npos;
}

// Indentation that every line after the first one has, lines of nothing but blanks left out.
std::size_t common_indentation(const std::vector<std::string_view>& lines) {
    std::size_t common = std::string_view::npos;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        if (!is_blank(lines[i])) common = std::min(common, lines[i].find_first_not_of(" \t"));
    }
    return common == std::string_view::npos ? 0 : common;
}

}  // namespace

std::size_t character_bytes(std::string_view source, std::size_t position) {
    auto first = static_cast<unsigned char>(source[position]);
    std::size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
    return position + bytes <= source.size() ? bytes : 1;
}

std::string printed_character(std::string_view source, std::size_t position) {
    if (position >= source.size()) return "<EOF>";
    std::uint32_t code = code_point_at(source, position);
    if (code >= 0x20 && code < 0x7F) return fmt::format("\"{}\"", static_cast<char>(code));
    return fmt::format("\"\\\\u{:04X}\"", code);
}

void append_utf8(std::uint32_t code, std::string& text) {
    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) code = 0xFFFD;
    auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0 | code >> 6);
        put(0x80 | (code & 0x3F));
    } else {
        if (code < 0x10000) {
            put(0xE0 | code >> 12);
        } else {
            put(0xF0 | code >> 18);
            put(0x80 | (code >> 12 & 0x3F));
        }
        put(0x80 | (code >> 6 & 0x3F));
        put(0x80 | (code & 0x3F));
    }
}

std::string block_string_value(std::string_view raw) {
    std::vector<std::string_view> lines = split_lines(raw);
    std::size_t indentation = common_indentation(lines);
    for (std::size_t i = 1; i < lines.size(); ++i) {
        if (indentation <= lines[i].size()) lines[i].remove_prefix(indentation);
    }
    std::size_t first = 0, last = lines.size();
    while (first < last && is_blank(lines[first])) ++first;
    while (last > first && is_blank(lines[last - 1])) --last;
    std::string value;
    for (std::size_t i = first; i < last; ++i) {
        if (i > first) value += '\n';
        value += lines[i];
    }
    return value;
}

SourcePlace source_place(std::string_view source, std::size_t position) {
    SourcePlace place;
    std::size_t line_start = 0;
    for (std::size_t i = 0; i < position && i < source.size(); ++i) {
        if (source[i] != '\n' && source[i] != '\r') continue;
        if (source[i] == '\r' && source.substr(i + 1, 1) == "\n") {
            if (i + 1 >= position) break;
            ++i;
        }
        ++place.line;
        line_start = i + 1;
    }
    place.column = position - line_start + 1;
    return place;
}

std::string syntax_error_text(std::string_view source, std::string_view source_name,
                              const SyntaxFailure& failure) {
    SourcePlace place = source_place(source, failure.position);
    std::vector<std::string_view> lines = split_lines(source);
    std::size_t width = fmt::formatted_size("{}", place.line + 1);
    std::string text = fmt::format("Syntax Error GraphQL{}{} ({}:{}) {}\n\n", source_name.empty() ? "" : " ",
                                   source_name, place.line, place.column, failure.detail);
    auto add_line = [&](std::size_t number) {
        text += fmt::format("{:>{}}: {}\n", number, width, excerpt_line(lines[number - 1]));
    };
    if (place.line >= 2) add_line(place.line - 1);
    add_line(place.line);
    text.append(1 + width + place.column, ' ');
    text += "^\n";
    if (place.line < lines.size()) add_line(place.line + 1);
    return text;
}

}  // namespace cairn::query
