// Directives of an SDL that carry data: @index, @embedding, @policy, @materialized, @branchable.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "query/sdl_conversion.h"

namespace cairn::query {

namespace {

std::unexpected<Error> invalid(std::string message) {
    return fail(ErrorCode::invalid_argument, std::move(message));
}

bool is_index_name(std::string_view name) {
    auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    auto is_rest = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
    return !name.empty() && is_letter(name[0]) && std::all_of(name.begin(), name.end(), is_rest);
}

// One entry of includes. An entry without a field keeps an empty name; the rules on indexes refuse it.
Result<IndexFieldDescription> convert_included(const AstValue& entry, bool descending) {
    if (entry.kind != AstValue::Kind::object) return invalid("index with invalid argument");
    IndexFieldDescription field{{}, descending};
    for (const AstObjectField& member : entry.fields) {
        if (member.value->kind == AstValue::Kind::null) continue;
        if (member.name == "field") field.name = member.value->text;
        if (member.name == "direction") field.descending = member.value->text == "DESC";
    }
    return field;
}

std::vector<std::string> texts_of(const AstValue* list) {
    std::vector<std::string> texts;
    if (list == nullptr) return texts;
    if (list->kind != AstValue::Kind::list) return {std::string(list->text)};
    for (const AstValue* item : list->items) {
        texts.emplace_back(item->kind == AstValue::Kind::null ? std::string_view() : item->text);
    }
    return texts;
}

}  // namespace

const AstValue* argument_of(const AstDirective& directive, std::string_view name) {
    auto it = std::find_if(directive.arguments.begin(), directive.arguments.end(),
                           [&](const AstArgument& argument) { return argument.name == name; });
    bool given = it != directive.arguments.end() && it->value->kind != AstValue::Kind::null;
    return given ? it->value : nullptr;
}

std::optional<std::string> text_argument(const AstDirective& directive, std::string_view name) {
    const AstValue* value = argument_of(directive, name);
    if (value == nullptr) return std::nullopt;
    return std::string(value->text);
}

Result<std::int64_t> integer_of(const AstValue& literal) {
    std::int64_t number = 0;
    const char* end = literal.text.data() + literal.text.size();
    auto [rest, error] = std::from_chars(literal.text.data(), end, number);
    if (error == std::errc() && rest == end) return number;
    return invalid(fmt::format("Expected type \"Int\", found {}.", print_value(literal)));
}

Result<IndexDirective> convert_index(const AstDirective& directive, std::string_view field) {
    IndexDirective index;
    if (std::optional<std::string> name = text_argument(directive, "name")) {
        if (!is_index_name(*name)) return invalid(fmt::format("index with invalid name. Name: {}", *name));
        index.name = std::move(*name);
    }
    const AstValue* unique = argument_of(directive, "unique");
    index.unique = unique != nullptr && unique->boolean;
    const AstValue* direction = argument_of(directive, "direction");
    bool descending = direction != nullptr && direction->text == "DESC";
    if (const AstValue* includes = argument_of(directive, "includes")) {
        if (includes->kind != AstValue::Kind::list) return invalid("index with invalid argument");
        for (const AstValue* entry : includes->items) {
            CAIRN_ASSIGN(IndexFieldDescription included, convert_included(*entry, descending));
            index.fields.push_back(std::move(included));
        }
    }
    bool lists_field =
        std::any_of(index.fields.begin(), index.fields.end(),
                    [&](const IndexFieldDescription& included) { return included.name == field; });
    if (!field.empty() && !lists_field)
        index.fields.insert(index.fields.begin(), {std::string(field), descending});
    if (index.fields.empty()) return invalid("index missing fields");
    return index;
}

Result<EmbeddingDescription> convert_embedding(const AstDirective& directive, std::string_view field) {
    EmbeddingDescription embedding;
    embedding.field_name = field;
    embedding.fields = texts_of(argument_of(directive, "fields"));
    embedding.model = text_argument(directive, "model").value_or("");
    embedding.provider = text_argument(directive, "provider").value_or("");
    embedding.template_text = text_argument(directive, "template").value_or("");
    embedding.url = text_argument(directive, "url").value_or("");
    return embedding;
}

Result<PolicyDescription> convert_policy(const AstDirective& directive) {
    PolicyDescription policy;
    policy.id = text_argument(directive, "id").value_or("");
    policy.resource_name = text_argument(directive, "resource").value_or("");
    return policy;
}

bool convert_condition(const AstDirective& directive) {
    const AstValue* condition = argument_of(directive, "if");
    return condition == nullptr || condition->boolean;
}

}  // namespace cairn::query
