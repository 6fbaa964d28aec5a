#include "query/document_parser.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <new>

#include "dag/limits.h"

namespace cairn::query {

namespace {

// Up to here a scan finds a fragment faster than an index does.
constexpr std::size_t kLinearFragments = 8;

}  // namespace

DocumentParser::DocumentParser(Document& document, std::string_view source_name, const SyntaxLimits& limits)
    : document_(document),
      source_name_(source_name),
      limits_{std::min(limits.tokens, limits::kMaxSyntaxTokens),
              std::min(limits.nesting, limits::kMaxSyntaxDepth), limits.list_items},
      arena_(document.arena_),
      lexer_(document.source(), document.arena_) {}

DocumentParser::DepthGuard::DepthGuard(DocumentParser& parser) : parser_(parser) {
    ok_ = ++parser.depth_ <= parser.limits_.nesting ||
          parser.fail_limit("nesting is too deep", parser.limits_.nesting);
}

Status DocumentParser::run() {
    bool ok = advance();
    while (ok && !at(TokenKind::end)) ok = definition();
    if (!ok) return std::unexpected(std::move(error_));
    const std::vector<AstFragment>& fragments = document_.fragments_;
    for (std::size_t i = 0; fragments.size() > kLinearFragments && i < fragments.size(); ++i) {
        document_.fragment_index_.insert_or_assign(fragments[i].name, i);
    }
    return {};
}

Status DocumentParser::run_value() {
    bool ok = advance() && (document_.value_ = value(/*constant=*/true)) != nullptr && expect(TokenKind::end);
    if (!ok) return std::unexpected(std::move(error_));
    return {};
}

// ---- tokens and failures

bool DocumentParser::advance() {
    if (++tokens_ > limits_.tokens) return fail_limit("too many tokens", limits_.tokens);
    if (lexer_.next(token_)) return true;
    return fail(lexer_.failure().position, lexer_.failure().detail);
}

bool DocumentParser::skip(TokenKind kind) {
    return at(kind) && advance();
}

bool DocumentParser::expect(TokenKind kind) {
    if (at(kind)) return advance();
    return fail(token_.start,
                fmt::format("Expected {}, found {}", token_kind_name(kind), token_.description()));
}

bool DocumentParser::expect_word(std::string_view word) {
    if (at_word(word)) return advance();
    return fail(token_.start, fmt::format("Expected \"{}\", found {}", word, token_.description()));
}

bool DocumentParser::name(std::string_view& out) {
    out = token_.value;
    return expect(TokenKind::name);
}

bool DocumentParser::fail(std::size_t position, std::string detail) {
    if (failed_) return false;
    failed_ = true;
    SyntaxFailure failure{position, std::move(detail)};
    error_ = {ErrorCode::invalid_argument, syntax_error_text(document_.source(), source_name_, failure)};
    return false;
}

bool DocumentParser::fail_limit(std::string_view what, std::size_t limit) {
    if (failed_) return false;
    failed_ = true;
    SourcePlace place = source_place(document_.source(), token_.start);
    error_ = {ErrorCode::limit_exceeded,
              fmt::format("{}. Limit: {}, Line: {}, Column: {}", what, limit, place.line, place.column)};
    return false;
}

// ---- executable definitions

bool DocumentParser::definition() {
    if (at(TokenKind::brace_open)) return operation();
    if (at(TokenKind::string) || at(TokenKind::block_string)) return type_system_definition();
    if (!at(TokenKind::name)) return unexpected();
    std::string_view word = token_.value;
    if (word == "query" || word == "mutation" || word == "subscription") return operation();
    if (word == "fragment") return fragment_definition();
    if (is_type_system_word(word)) return type_system_definition();
    return unexpected();
}

bool DocumentParser::operation() {
    AstOperation node;
    node.offset = token_.start;
    if (!at(TokenKind::brace_open)) {
        if (!operation_type(node.type)) return false;
        if (at(TokenKind::name) && !name(node.name)) return false;
        if (!variable_definitions(node.variables) || !directives(node.directives)) return false;
    }
    if (!selection_set(node.selections)) return false;
    document_.operations_.push_back(node);
    return true;
}

bool DocumentParser::operation_type(AstOperation::Type& out) {
    if (at_word("query")) {
        out = AstOperation::Type::query;
    } else if (at_word("mutation")) {
        out = AstOperation::Type::mutation;
    } else if (at_word("subscription")) {
        out = AstOperation::Type::subscription;
    } else {
        return at(TokenKind::name) ? unexpected() : expect(TokenKind::name);
    }
    return advance();
}

bool DocumentParser::fragment_definition() {
    AstFragment node;
    node.offset = token_.start;
    if (!expect_word("fragment") || !fragment_name(node.name)) return false;
    if (!expect_word("on") || !name(node.type_condition)) return false;
    if (!directives(node.directives) || !selection_set(node.selections)) return false;
    document_.fragments_.push_back(node);
    return true;
}

bool DocumentParser::fragment_name(std::string_view& out) {
    return at_word("on") ? unexpected() : name(out);
}

bool DocumentParser::variable_definitions(std::span<const AstVariableDefinition>& out) {
    if (!at(TokenKind::paren_open)) return true;
    std::size_t mark = variables_.mark();
    if (!list(TokenKind::paren_open, TokenKind::paren_close, false, [&] { return variable_definition(); }))
        return false;
    out = variables_.take(mark, arena_);
    return true;
}

bool DocumentParser::variable_definition() {
    AstVariableDefinition node;
    node.offset = token_.start;
    if (!expect(TokenKind::dollar) || !name(node.name) || !expect(TokenKind::colon)) return false;
    if ((node.type = type()) == nullptr) return false;
    if (skip(TokenKind::equals) && (node.default_value = value(true)) == nullptr) return false;
    if (failed()) return false;
    variables_.push(node);
    return true;
}

bool DocumentParser::selection_set(AstSelectionSet& out) {
    DepthGuard depth(*this);
    if (!depth.ok()) return false;
    std::size_t mark = selections_.mark();
    if (!list(TokenKind::brace_open, TokenKind::brace_close, false, [&] { return selection(); }))
        return false;
    out = selections_.take(mark, arena_);
    return true;
}

bool DocumentParser::selection() {
    AstSelection* node = make<AstSelection>();
    node->offset = token_.start;
    if (at(TokenKind::spread) ? !fragment(*node) : !field(*node)) return false;
    selections_.push(node);
    return true;
}

bool DocumentParser::field(AstSelection& node) {
    if (!name(node.name)) return false;
    if (skip(TokenKind::colon)) {
        node.alias = node.name;
        if (!name(node.name)) return false;
    }
    if (failed() || !arguments(node.arguments) || !directives(node.directives)) return false;
    node.has_selection_set = at(TokenKind::brace_open);
    return !node.has_selection_set || selection_set(node.selections);
}

bool DocumentParser::fragment(AstSelection& node) {
    if (!expect(TokenKind::spread)) return false;
    if (at(TokenKind::name) && !at_word("on")) {
        node.kind = AstSelection::Kind::fragment_spread;
        return name(node.name) && directives(node.directives);
    }
    node.kind = AstSelection::Kind::inline_fragment;
    if (at_word("on") && (!advance() || !name(node.type_condition))) return false;
    node.has_selection_set = true;
    return directives(node.directives) && selection_set(node.selections);
}

bool DocumentParser::arguments(std::span<const AstArgument>& out) {
    if (!at(TokenKind::paren_open)) return true;
    std::size_t mark = arguments_.mark();
    if (!list(TokenKind::paren_open, TokenKind::paren_close, false, [&] { return argument(); })) return false;
    out = arguments_.take(mark, arena_);
    return true;
}

bool DocumentParser::argument() {
    AstArgument node;
    node.offset = token_.start;
    if (!name(node.name) || !expect(TokenKind::colon)) return false;
    if ((node.value = value(false)) == nullptr) return false;
    arguments_.push(node);
    return true;
}

bool DocumentParser::directives(std::span<const AstDirective>& out) {
    if (!at(TokenKind::at)) return true;
    std::size_t mark = directives_.mark();
    while (at(TokenKind::at)) {
        AstDirective node;
        node.offset = token_.start;
        if (!advance() || !name(node.name) || !arguments(node.arguments)) return false;
        directives_.push(node);
    }
    out = directives_.take(mark, arena_);
    return true;
}

// ---- values and types

const AstValue* DocumentParser::value(bool constant) {
    AstValue* node = make<AstValue>();
    node->offset = token_.start;
    node->text = token_.value;
    bool ok = false;
    switch (token_.kind) {
        case TokenKind::bracket_open:
            ok = list_value(*node, constant);
            break;
        case TokenKind::brace_open:
            ok = object_value(*node, constant);
            break;
        case TokenKind::name:
            ok = word_value(*node);
            break;
        case TokenKind::integer:
            node->kind = AstValue::Kind::integer;
            ok = advance();
            break;
        case TokenKind::floating:
            node->kind = AstValue::Kind::floating;
            ok = advance();
            break;
        case TokenKind::string:
        case TokenKind::block_string:
            node->kind = AstValue::Kind::string;
            ok = advance();
            break;
        case TokenKind::dollar:
            node->kind = AstValue::Kind::variable;
            ok = constant ? unexpected() : advance() && name(node->text);
            break;
        default:
            unexpected();
    }
    return ok ? node : nullptr;
}

bool DocumentParser::word_value(AstValue& node) {
    if (node.text == "true" || node.text == "false") {
        node.kind = AstValue::Kind::boolean;
        node.boolean = node.text == "true";
    } else {
        node.kind = node.text == "null" ? AstValue::Kind::null : AstValue::Kind::enumeration;
    }
    return advance();
}

bool DocumentParser::list_value(AstValue& node, bool constant) {
    DepthGuard depth(*this);
    if (!depth.ok()) return false;
    node.kind = AstValue::Kind::list;
    std::size_t mark = values_.mark();
    auto item = [&] {
        const AstValue* element = value(constant);
        if (element == nullptr) return false;
        values_.push(element);
        return values_.mark() - mark <= limits_.list_items ||
               fail_limit("too many items in a list", limits_.list_items);
    };
    if (!list(TokenKind::bracket_open, TokenKind::bracket_close, true, item)) return false;
    node.items = values_.take(mark, arena_);
    return true;
}

bool DocumentParser::object_value(AstValue& node, bool constant) {
    DepthGuard depth(*this);
    if (!depth.ok()) return false;
    node.kind = AstValue::Kind::object;
    std::size_t mark = object_fields_.mark();
    auto item = [&] {
        AstObjectField entry;
        if (!name(entry.name) || !expect(TokenKind::colon)) return false;
        if ((entry.value = value(constant)) == nullptr) return false;
        object_fields_.push(entry);
        return true;
    };
    if (!list(TokenKind::brace_open, TokenKind::brace_close, true, item)) return false;
    node.fields = object_fields_.take(mark, arena_);
    return true;
}

const AstType* DocumentParser::type() {
    DepthGuard depth(*this);
    if (!depth.ok()) return nullptr;
    AstType* node = make<AstType>();
    node->offset = token_.start;
    if (skip(TokenKind::bracket_open)) {
        if ((node->inner = type()) == nullptr || !expect(TokenKind::bracket_close)) return nullptr;
    } else if (failed() || !name(node->name)) {
        return nullptr;
    }
    node->non_null = skip(TokenKind::bang);
    return failed() ? nullptr : node;
}

// ---- the document

namespace {

Status check_text(std::string_view text, std::size_t limit) {
    if (text.size() > limit) {
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("document is too large. Limit: {}, Actual: {}", limit, text.size()));
    }
    if (!simdjson::validate_utf8(text.data(), text.size())) {
        return fail(ErrorCode::invalid_argument, "document is not valid UTF-8 text");
    }
    return {};
}

}  // namespace

Result<std::shared_ptr<const Document>> Document::parse(std::string_view text, std::string_view source_name,
                                                        const SyntaxLimits& limits) {
    CAIRN_TRY(check_text(text, source_name.empty() ? limits::kMaxSdlBytes : limits::kMaxRequestBytes));
    std::shared_ptr<Document> document(new Document(text));
    CAIRN_TRY(DocumentParser(*document, source_name, limits).run());
    return document;
}

Result<std::shared_ptr<const Document>> Document::parse_value(std::string_view text,
                                                              std::string_view source_name) {
    CAIRN_TRY(check_text(text, limits::kMaxRequestBytes));
    std::shared_ptr<Document> document(new Document(text));
    CAIRN_TRY(DocumentParser(*document, source_name, {}).run_value());
    return document;
}

const AstFragment* Document::fragment(std::string_view name) const {
    if (fragments_.size() > kLinearFragments) {
        auto it = fragment_index_.find(name);
        return it == fragment_index_.end() ? nullptr : &fragments_[it->second];
    }
    for (auto it = fragments_.rbegin(); it != fragments_.rend(); ++it) {
        if (it->name == name) return &*it;
    }
    return nullptr;
}

}  // namespace cairn::query
