#include "query/select_plan.h"

#include <algorithm>

#include <fmt/format.h>

#include "dag/limits.h"
#include "query/selection_groups.h"

namespace cairn::query {
namespace {

std::unexpected<Error> not_supported(std::string_view what) {
    return fail(ErrorCode::unsupported, fmt::format("{} is not supported", what));
}

const AstValue* first_argument(const AstSelection& selection, std::string_view& name) {
    for (const AstArgument& argument : selection.arguments) {
        if (argument.value != nullptr && argument.value->kind != AstValue::Kind::null) {
            name = argument.name;
            return argument.value;
        }
    }
    return nullptr;
}

class Planner {
  public:
    Planner(const Catalog& catalog, const Document& document) : catalog_(catalog), document_(document) {}

    Result<std::unique_ptr<SelectPlan>> select(int collection,
                                               const std::vector<const AstSelection*>& selections,
                                               std::size_t depth) {
        if (depth > limits::kMaxSyntaxDepth)
            return fail(ErrorCode::limit_exceeded, "selection is nested too deeply");
        auto plan = std::make_unique<SelectPlan>();
        plan->collection = collection;
        plan->selection = selections.front();
        for (const AstArgument& argument : selections.front()->arguments) {
            if (argument.name == "groupBy" || argument.name == "cid") {
                return not_supported(fmt::format("argument {}", argument.name));
            }
        }
        CAIRN_ASSIGN(std::vector<SelectionGroup> groups, group_selections(document_, selections));
        for (const SelectionGroup& group : groups) {
            CAIRN_ASSIGN(OutputItem item, output_item(collection, group, depth));
            bool from_row =
                item.kind == OutputItem::Kind::scalar || item.kind == OutputItem::Kind::relation ||
                (item.kind == OutputItem::Kind::count && item.target == OutputItem::Target::array);
            plan->ids_only = plan->ids_only && !from_row;
            plan->items.push_back(std::move(item));
        }
        return plan;
    }

    // Members of a group may not be grouped again: _group of commits takes no arguments.
    Result<CommitPlan> commits(const std::vector<const AstSelection*>& selections, bool may_group) {
        CommitPlan plan;
        CAIRN_ASSIGN(std::vector<SelectionGroup> groups, group_selections(document_, selections));
        for (const SelectionGroup& group : groups) {
            CAIRN_ASSIGN(CommitItem item, commit_item(group, may_group));
            plan.needs_signature = plan.needs_signature || item.kind == CommitItem::Kind::signature;
            plan.has_group = plan.has_group || item.kind == CommitItem::Kind::group;
            plan.items.push_back(std::move(item));
        }
        return plan;
    }

  private:
    Result<OutputItem> output_item(int collection, const SelectionGroup& group, std::size_t depth) {
        const AstSelection& first = *group.fields.front();
        OutputItem item;
        item.key = group.key;
        item.prefix = key_prefix(group.key);
        item.selection = &first;
        if (first.name == "__typename") {
            item.kind = OutputItem::Kind::type_name;
        } else if (first.name == "_docID") {
            item.kind = OutputItem::Kind::doc_id;
        } else if (first.name == "_deleted") {
            item.kind = OutputItem::Kind::deleted;
        } else if (first.name == "_version") {
            item.kind = OutputItem::Kind::versions;
            CAIRN_ASSIGN(item.commits, commits(group.fields, false));
        } else if (first.name == "_count") {
            CAIRN_TRY(count_item(collection, first, item));
        } else {
            CAIRN_TRY(field_item(collection, group, item, depth));
        }
        return item;
    }

    Status field_item(int collection, const SelectionGroup& group, OutputItem& item, std::size_t depth) {
        const Collection& type = catalog_.collection(collection);
        std::string_view name = group.fields.front()->name;
        item.field = type.field_index(name);
        if (item.field < 0) return not_supported(fmt::format("field {}", name));
        const Field& field = type.fields[static_cast<std::size_t>(item.field)];
        if (field.is_relation) {
            item.kind = OutputItem::Kind::relation;
            CAIRN_ASSIGN(item.child, select(field.target, group.fields, depth + 1));
        } else if (field.relation_object >= 0 && !field.stored) {
            item.kind = OutputItem::Kind::secondary_id;
            item.field = field.relation_object;
        } else {
            item.kind = OutputItem::Kind::scalar;
        }
        return {};
    }

    Status count_item(int collection, const AstSelection& selection, OutputItem& item) {
        item.kind = OutputItem::Kind::count;
        std::string_view name;
        item.target_value = first_argument(selection, name);
        if (item.target_value == nullptr) {
            return fail(ErrorCode::invalid_argument,
                        "aggregate must be provided with a property to aggregate");
        }
        if (selection.arguments.size() > 1) return not_supported("_count over several targets");
        if (name == "_version") {
            item.target = OutputItem::Target::versions;
            return {};
        }
        const Collection& type = catalog_.collection(collection);
        item.field = type.field_index(name);
        if (item.field < 0) return not_supported(fmt::format("_count of {}", name));
        const Field& field = type.fields[static_cast<std::size_t>(item.field)];
        item.target = field.is_relation ? OutputItem::Target::relation : OutputItem::Target::array;
        return {};
    }

    Result<CommitItem> commit_item(const SelectionGroup& group, bool may_group) {
        using Kind = CommitItem::Kind;
        const AstSelection& first = *group.fields.front();
        CommitItem item;
        item.prefix = key_prefix(group.key);
        static constexpr std::pair<std::string_view, Kind> kNames[] = {{"cid", Kind::cid},
                                                                       {"height", Kind::height},
                                                                       {"docID", Kind::doc_id},
                                                                       {"delta", Kind::delta},
                                                                       {"fieldName", Kind::field_name},
                                                                       {"schemaVersionId", Kind::version},
                                                                       {"links", Kind::links},
                                                                       {"signature", Kind::signature},
                                                                       {"_count", Kind::link_count},
                                                                       {"__typename", Kind::type_name},
                                                                       {"_group", Kind::group}};
        auto found = std::find_if(std::begin(kNames), std::end(kNames),
                                  [&](const auto& entry) { return entry.first == first.name; });
        if (found == std::end(kNames)) return not_supported(fmt::format("commit field {}", first.name));
        item.kind = found->second;
        if (item.kind == Kind::link_count && first.arguments.empty()) {
            return fail(ErrorCode::invalid_argument,
                        "aggregate must be provided with a property to aggregate");
        }
        if (item.kind == Kind::group) {
            if (!may_group) return fail(ErrorCode::invalid_argument, std::string(kGroupWithoutGroupBy));
            CAIRN_ASSIGN(CommitPlan members, commits(group.fields, false));
            item.children = std::move(members.items);
            return item;
        }
        if (item.kind != Kind::links && item.kind != Kind::signature) return item;
        CAIRN_ASSIGN(std::vector<SelectionGroup> inner, group_selections(document_, group.fields));
        for (const SelectionGroup& member : inner) {
            CommitItem child;
            child.prefix = key_prefix(member.key);
            std::string_view name = member.fields.front()->name;
            child.kind = name == "cid"        ? Kind::cid
                         : name == "name"     ? Kind::field_name
                         : name == "value"    ? Kind::delta
                         : name == "identity" ? Kind::doc_id
                         : name == "type"     ? Kind::version
                                              : Kind::type_name;
            item.children.push_back(std::move(child));
        }
        return item;
    }

    const Catalog& catalog_;
    const Document& document_;
};

}  // namespace

Result<std::unique_ptr<SelectPlan>> plan_select(const Catalog& catalog, const Document& document,
                                                int collection, const AstSelection& selection) {
    return Planner(catalog, document).select(collection, {&selection}, 0);
}

Result<CommitPlan> plan_commits(const Document& document, const AstSelection& selection) {
    static const std::shared_ptr<const Catalog> kNoCatalog = Catalog::empty();
    return Planner(*kNoCatalog, document).commits({&selection}, selection.name == "commits");
}

}  // namespace cairn::query
