#include "query/selection_groups.h"

#include <algorithm>

#include "collections/value.h"
#include "dag/limits.h"

namespace cairn::query {

Status append_fields(const Document& document, AstSelectionSet selections,
                     std::vector<const AstSelection*>& fields, std::size_t depth) {
    if (depth > limits::kMaxSyntaxDepth)
        return fail(ErrorCode::limit_exceeded, "fragments are nested too deeply");
    for (const AstSelection* selection : selections) {
        if (selection->kind == AstSelection::Kind::field) {
            fields.push_back(selection);
        } else if (selection->kind == AstSelection::Kind::inline_fragment) {
            CAIRN_TRY(append_fields(document, selection->selections, fields, depth + 1));
        } else if (const AstFragment* fragment = document.fragment(selection->name)) {
            CAIRN_TRY(append_fields(document, fragment->selections, fields, depth + 1));
        }
    }
    return {};
}

std::vector<SelectionGroup> group_by_key(std::vector<const AstSelection*> fields) {
    std::stable_sort(fields.begin(), fields.end(), [](const AstSelection* a, const AstSelection* b) {
        return a->response_key() < b->response_key();
    });
    std::vector<SelectionGroup> groups;
    for (const AstSelection* field : fields) {
        if (groups.empty() || groups.back().key != field->response_key())
            groups.push_back({field->response_key(), {}});
        groups.back().fields.push_back(field);
    }
    return groups;
}

Result<std::vector<SelectionGroup>> group_selections(const Document& document,
                                                     const std::vector<const AstSelection*>& parents) {
    std::vector<const AstSelection*> fields;
    for (const AstSelection* parent : parents) CAIRN_TRY(append_fields(document, parent->selections, fields));
    return group_by_key(std::move(fields));
}

std::string key_prefix(std::string_view key) {
    std::string prefix;
    append_json_string(key, prefix);
    prefix += ':';
    return prefix;
}

}  // namespace cairn::query
