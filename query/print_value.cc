#include "query/ast.h"

namespace cairn::query {

namespace {

// Depth is bounded by the parser's limit on nesting.
void append_value(const AstValue& value, std::string& out) {
    switch (value.kind) {
        case AstValue::Kind::null:
            out += "<nil>";
            break;
        case AstValue::Kind::boolean:
            out += value.boolean ? "true" : "false";
            break;
        case AstValue::Kind::integer:
        case AstValue::Kind::floating:
        case AstValue::Kind::enumeration:
            out += value.text;
            break;
        case AstValue::Kind::string:
            out += '"';
            out += value.text;
            out += '"';
            break;
        case AstValue::Kind::variable:
            out += '$';
            out += value.text;
            break;
        case AstValue::Kind::list:
            out += '[';
            for (std::size_t i = 0; i < value.items.size(); ++i) {
                if (i > 0) out += ", ";
                append_value(*value.items[i], out);
            }
            out += ']';
            break;
        case AstValue::Kind::object:
            out += '{';
            for (std::size_t i = 0; i < value.fields.size(); ++i) {
                if (i > 0) out += ", ";
                out += value.fields[i].name;
                out += ": ";
                append_value(*value.fields[i].value, out);
            }
            out += '}';
            break;
    }
}

}  // namespace

std::string print_value(const AstValue& value) {
    std::string out;
    append_value(value, out);
    return out;
}

}  // namespace cairn::query
