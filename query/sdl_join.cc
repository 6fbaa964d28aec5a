// @join of an SDL: a relation that is found by equal values (query/README.md, "Joins").
#include <fmt/format.h>

#include <algorithm>

#include "query/sdl_conversion.h"

namespace cairn::query {

namespace {

Result<std::string> join_argument(const AstDirective& directive, std::string_view name,
                                  std::string_view place) {
    auto text = text_argument(directive, name);
    if (text && !text->empty()) return *text;
    return fail(ErrorCode::invalid_argument,
                fmt::format("join without an argument. {}, Argument: {}", place, name));
}

}  // namespace

Status convert_join(const AstFieldDefinition& node, std::string_view type_name, FieldDefinition& field) {
    auto directive = std::find_if(node.directives.begin(), node.directives.end(),
                                  [](const AstDirective& candidate) { return candidate.name == "join"; });
    if (directive == node.directives.end()) return {};
    const std::string place = fmt::format("Type: {}, Field: {}", type_name, node.name);
    if (!field.is_relation()) {
        return fail(
            ErrorCode::invalid_argument,
            fmt::format("join of a field that is no relation. {}, Kind: {}", place, kind_name(field.kind)));
    }
    for (const AstDirective& other : node.directives) {
        if (&other == &*directive) continue;
        return fail(
            ErrorCode::invalid_argument,
            fmt::format("join together with another directive. {}, Directive: {}", place, other.name));
    }
    JoinDescription join;
    CAIRN_ASSIGN(join.on, join_argument(*directive, "on", place));
    CAIRN_ASSIGN(join.references, join_argument(*directive, "references", place));
    field.join = std::move(join);
    return {};
}

}  // namespace cairn::query
