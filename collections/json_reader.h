// The lenient JSON dialect of the reference's document reader (spec/blocks.md section 2.2): tokens, strings,
// skipping, and its error texts. json_document.cc puts types on top. No library reads this dialect. A reader
// is for one text and one thread; it holds views into the text.
#pragma once

#include <string>
#include <string_view>

#include "cairn/error.h"

namespace cairn {

enum class JsonType : std::uint8_t { object, array, string, number, truth, falsehood, null };
// The reference's name for it: "object" … "true", "false".
std::string_view json_type_name(JsonType type);

// Functions that return bool return false on a syntax error, after which error() has it and nothing else may
// be called.
class JsonReader {
  public:
    explicit JsonReader(std::string_view text) : rest_(text) {}

    void skip_space();
    // What begins here after blanks. False at the end of the text and where nothing can begin.
    bool peek(JsonType& type);

    // Reads the token that peek has announced.
    bool read_literal(JsonType type);           // true, false, null
    bool read_number(std::string_view& token);  // as written, also nan and inf
    bool read_string(
        std::string_view& text);  // decoded; a view into the input or into the reader, until the next string

    // For each member of the object here calls member(name), which must read the value; name stays until
    // another string is read. For each element of the array here calls element(). Nesting beyond the limit
    // fails.
    template <typename Member>
    bool read_object(Member member);
    template <typename Element>
    bool read_array(Element element);

    // Passes over the value here, whatever it is.
    bool skip_value();

    // Passes over blanks; fails when anything is left.
    bool finish();

    std::size_t depth() const { return depth_; }
    // What was not read yet.
    std::string_view rest() const { return rest_; }
    Error error() const;

  private:
    bool fail_here(std::string_view cause) { return fail_at(cause, rest_); }
    bool fail_at(std::string_view cause, std::string_view tail);
    bool within(std::string_view what);  // puts "cannot parse <what>: " before the cause; always false
    bool enter();
    void leave() { --depth_; }
    bool take(char c);
    bool begin_member(std::string_view& name);
    // After a member or element: true in `more` when another follows.
    bool end_item(char close, std::string_view what, bool& more);
    bool read_raw_string(std::string_view& raw, bool& escaped);
    void decode(std::string_view raw);
    std::size_t decode_unicode(std::string_view raw);

    std::string_view rest_;
    std::size_t depth_ = 0;
    std::string decoded_;
    std::string cause_;
    std::string_view tail_;
    bool trailing_ = false;
    bool too_deep_ = false;
};

template <typename Member>
bool JsonReader::read_object(Member member) {
    if (!enter()) return false;
    skip_space();
    if (rest_.empty()) return fail_here("missing '}'") || within("object");
    bool more = !take('}');
    while (more) {
        std::string_view name;
        if (!begin_member(name)) return within("object");
        if (!member(name)) return within("object value") || within("object");
        if (!end_item('}', "object", more)) return within("object");
    }
    leave();
    return true;
}

template <typename Element>
bool JsonReader::read_array(Element element) {
    if (!enter()) return false;
    skip_space();
    if (rest_.empty()) return fail_here("missing ']'") || within("array");
    bool more = !take(']');
    while (more) {
        if (!element()) return within("array value") || within("array");
        if (!end_item(']', "array", more)) return within("array");
    }
    leave();
    return true;
}

}  // namespace cairn
