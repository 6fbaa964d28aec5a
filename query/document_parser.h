// Recursive descent parser of GraphQL documents over the tokens of lexer.h (syntax part of spec/query.md
// section 3.8 and spec/schema.md section 2). Internal to query; use Document::parse. A parser belongs to one
// document and one thread.
//
// The functions return null or false once something failed; the first failure is kept and ends the parse.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "cairn/error.h"
#include "query/ast.h"
#include "query/lexer.h"

namespace cairn::query {

// Elements of the lists that are being parsed, those of the innermost list last. A finished list moves to the
// arena, so that nested lists share one buffer and nothing is allocated a list.
template <typename T, std::size_t InlineCount>
class ListStack {
  public:
    static_assert(std::is_trivially_copyable_v<T>);
    std::size_t mark() const { return items_.size(); }
    void push(const T& item) { items_.push_back(item); }
    std::span<const T> take(std::size_t mark, std::pmr::memory_resource& arena) {
        std::size_t count = items_.size() - mark;
        if (count == 0) return {};
        T* copy = static_cast<T*>(arena.allocate(count * sizeof(T), alignof(T)));
        std::uninitialized_copy_n(items_.data() + mark, count, copy);
        items_.resize(mark);
        return {copy, count};
    }

  private:
    boost::container::small_vector<T, InlineCount> items_;
};

class DocumentParser {
  public:
    DocumentParser(Document& document, std::string_view source_name, const SyntaxLimits& limits);
    Status run();        // a whole document
    Status run_value();  // one value literal

  private:
    class DepthGuard;

    // ---- tokens and failures (document_parser.cc)
    bool advance();
    bool at(TokenKind kind) const { return token_.kind == kind; }
    bool at_word(std::string_view word) const {
        return token_.kind == TokenKind::name && token_.value == word;
    }
    bool skip(TokenKind kind);  // advances past the token if it is there; false when it is not or failed
    bool expect(TokenKind kind);
    bool expect_word(std::string_view word);
    bool name(std::string_view& out);
    bool fail(std::size_t position, std::string detail);
    bool unexpected() { return fail(token_.start, "Unexpected " + token_.description()); }
    bool fail_limit(std::string_view what, std::size_t limit);
    bool failed() const { return failed_; }
    template <typename T>
    T* make() {
        return new (arena_.allocate(sizeof(T), alignof(T))) T();
    }
    // Items up to the closing token. Fails with `Unexpected empty IN ()` when there is none and one is
    // needed.
    template <typename ParseItem>
    bool list(TokenKind open, TokenKind close, bool may_be_empty, ParseItem parse_item);

    // ---- executable definitions and values (document_parser.cc)
    bool definition();
    bool operation();
    bool operation_type(AstOperation::Type& out);
    bool fragment_definition();
    bool variable_definitions(std::span<const AstVariableDefinition>& out);
    bool variable_definition();
    bool selection_set(AstSelectionSet& out);
    bool selection();
    bool field(AstSelection& node);
    bool fragment(AstSelection& node);
    bool arguments(std::span<const AstArgument>& out);
    bool argument();
    bool directives(std::span<const AstDirective>& out);
    bool fragment_name(std::string_view& out);
    const AstValue* value(bool constant);
    bool word_value(AstValue& node);
    bool list_value(AstValue& node, bool constant);
    bool object_value(AstValue& node, bool constant);
    const AstType* type();

    // ---- type system definitions (type_definition_parser.cc)
    bool is_type_system_word(std::string_view word) const;
    bool type_system_definition();
    bool type_system_body(AstTypeDefinition& node);
    bool object_body(AstTypeDefinition& node);
    bool fields_in_braces(AstTypeDefinition& node, bool may_be_empty, bool (DocumentParser::*parse_item)());
    bool implements();
    bool names_between(TokenKind separator);
    bool description();
    bool field_definition();
    bool input_value_definition();
    bool enum_value_definition();
    bool operation_type_definition();
    bool argument_definitions(std::span<const AstFieldDefinition>& out);
    bool directive_definition(AstTypeDefinition& node);

    Document& document_;
    std::string_view source_name_;
    SyntaxLimits limits_;
    std::pmr::memory_resource& arena_;
    Lexer lexer_;
    Token token_;
    std::size_t tokens_ = 0;
    std::size_t depth_ = 0;
    bool failed_ = false;
    Error error_;

    ListStack<const AstValue*, 32> values_;
    ListStack<AstObjectField, 32> object_fields_;
    ListStack<AstArgument, 16> arguments_;
    ListStack<AstDirective, 8> directives_;
    ListStack<const AstSelection*, 32> selections_;
    ListStack<AstVariableDefinition, 8> variables_;
    ListStack<AstFieldDefinition, 8> field_definitions_;
};

// Counts nesting while it lives; ok() is false past the limit (the failure is then recorded).
class DocumentParser::DepthGuard {
  public:
    explicit DepthGuard(DocumentParser& parser);
    ~DepthGuard() { --parser_.depth_; }
    DepthGuard(const DepthGuard&) = delete;
    DepthGuard& operator=(const DepthGuard&) = delete;
    bool ok() const { return ok_; }

  private:
    DocumentParser& parser_;
    bool ok_;
};

template <typename ParseItem>
bool DocumentParser::list(TokenKind open, TokenKind close, bool may_be_empty, ParseItem parse_item) {
    std::size_t start = token_.start;
    if (!expect(open)) return false;
    bool empty = true;
    while (!at(close)) {
        if (!parse_item()) return false;
        empty = false;
    }
    // The closing token is read before the emptiness is judged, as a lexical error behind it comes first.
    if (!advance()) return false;
    if (empty && !may_be_empty) {
        return fail(start, "Unexpected empty IN " + std::string(token_kind_name(open)) +
                               std::string(token_kind_name(close)));
    }
    return true;
}

}  // namespace cairn::query
