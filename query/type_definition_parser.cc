// The part of DocumentParser that reads type system definitions. What the project does not use (arguments of
// fields, interfaces of objects, members of unions, descriptions, default values) is checked for syntax and
// dropped.
#include <algorithm>

#include "query/document_parser.h"

namespace cairn::query {

bool DocumentParser::is_type_system_word(std::string_view word) const {
    static constexpr std::string_view kWords[] = {"type",  "interface", "enum",   "union",    "scalar",
                                                  "input", "extend",    "schema", "directive"};
    return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

bool DocumentParser::description() {
    return (!at(TokenKind::string) && !at(TokenKind::block_string)) || advance();
}

bool DocumentParser::type_system_definition() {
    AstTypeDefinition node;
    node.offset = token_.start;
    if (!description()) return false;
    if (!at(TokenKind::name) || !is_type_system_word(token_.value)) return unexpected();
    node.keyword = token_.value;
    node.kind = node.keyword == "type"        ? AstTypeDefinition::Kind::object
                : node.keyword == "interface" ? AstTypeDefinition::Kind::interface
                                              : AstTypeDefinition::Kind::other;
    if (!advance() || !type_system_body(node)) return false;
    document_.types_.push_back(node);
    return true;
}

bool DocumentParser::type_system_body(AstTypeDefinition& node) {
    if (node.keyword == "type") return object_body(node);
    if (node.keyword == "extend") return expect_word("type") && object_body(node);
    if (node.keyword == "directive") return directive_definition(node);
    if (node.keyword == "schema") {
        return directives(node.directives) &&
               fields_in_braces(node, false, &DocumentParser::operation_type_definition);
    }
    if (!name(node.name) || !directives(node.directives)) return false;
    if (node.keyword == "interface") return fields_in_braces(node, true, &DocumentParser::field_definition);
    if (node.keyword == "enum") return fields_in_braces(node, true, &DocumentParser::enum_value_definition);
    if (node.keyword == "input") return fields_in_braces(node, true, &DocumentParser::input_value_definition);
    if (node.keyword == "union") return expect(TokenKind::equals) && names_between(TokenKind::pipe);
    return true;
}

bool DocumentParser::object_body(AstTypeDefinition& node) {
    return name(node.name) && implements() && directives(node.directives) &&
           fields_in_braces(node, true, &DocumentParser::field_definition);
}

bool DocumentParser::fields_in_braces(AstTypeDefinition& node, bool may_be_empty,
                                      bool (DocumentParser::*parse_item)()) {
    std::size_t mark = field_definitions_.mark();
    auto item = [&] { return (this->*parse_item)(); };
    if (!list(TokenKind::brace_open, TokenKind::brace_close, may_be_empty, item)) return false;
    node.fields = field_definitions_.take(mark, arena_);
    return true;
}

// `implements A & B`; the older forms `implements A, B` and `implements A B` are taken as well.
bool DocumentParser::implements() {
    if (!at_word("implements")) return true;
    if (!advance()) return false;
    skip(TokenKind::amp);
    do {
        std::string_view ignored;
        if (failed() || !name(ignored)) return false;
    } while (skip(TokenKind::amp) || at(TokenKind::name));
    return !failed();
}

bool DocumentParser::names_between(TokenKind separator) {
    skip(separator);
    do {
        std::string_view ignored;
        if (failed() || !name(ignored)) return false;
    } while (skip(separator));
    return !failed();
}

bool DocumentParser::field_definition() {
    AstFieldDefinition node;
    if (!description()) return false;
    node.offset = token_.start;
    if (!name(node.name) || !argument_definitions(node.arguments) || !expect(TokenKind::colon)) return false;
    bool has_type = at(TokenKind::name) || at(TokenKind::bracket_open);
    if (has_type && (node.type = type()) == nullptr) return false;
    if (!directives(node.directives)) return false;
    field_definitions_.push(node);
    return true;
}

bool DocumentParser::argument_definitions(std::span<const AstFieldDefinition>& out) {
    if (!at(TokenKind::paren_open)) return true;
    std::size_t mark = field_definitions_.mark();
    auto item = [&] { return input_value_definition(); };
    if (!list(TokenKind::paren_open, TokenKind::paren_close, false, item)) return false;
    out = field_definitions_.take(mark, arena_);
    return true;
}

bool DocumentParser::input_value_definition() {
    AstFieldDefinition node;
    if (!description()) return false;
    node.offset = token_.start;
    if (!name(node.name) || !expect(TokenKind::colon) || (node.type = type()) == nullptr) return false;
    if (skip(TokenKind::equals) && value(true) == nullptr) return false;
    if (failed() || !directives(node.directives)) return false;
    field_definitions_.push(node);
    return true;
}

bool DocumentParser::enum_value_definition() {
    AstFieldDefinition node;
    if (!description()) return false;
    node.offset = token_.start;
    if (!name(node.name) || !directives(node.directives)) return false;
    field_definitions_.push(node);
    return true;
}

bool DocumentParser::operation_type_definition() {
    AstFieldDefinition node;
    node.offset = token_.start;
    node.name = token_.value;
    AstOperation::Type kind;
    if (!operation_type(kind) || !expect(TokenKind::colon)) return false;
    if (!at(TokenKind::name)) return expect(TokenKind::name);
    if ((node.type = type()) == nullptr) return false;
    field_definitions_.push(node);
    return true;
}

bool DocumentParser::directive_definition(AstTypeDefinition& node) {
    return expect(TokenKind::at) && name(node.name) && argument_definitions(node.fields) &&
           expect_word("on") && names_between(TokenKind::pipe);
}

}  // namespace cairn::query
