#include "query/select_plan.h"

#include <algorithm>

#include <fmt/format.h>

#include "dag/limits.h"
#include "query/connection_types.h"
#include "query/selection_groups.h"

namespace cairn::query {
namespace {

std::unexpected<Error> not_supported(std::string_view what) {
    return fail(ErrorCode::unsupported, fmt::format("{} is not supported", what));
}

// The first argument that is not written as null.
const AstArgument* first_argument(const AstSelection& selection) {
    for (const AstArgument& argument : selection.arguments) {
        if (argument.value->kind != AstValue::Kind::null) return &argument;
    }
    return nullptr;
}

// Whether a selector is written with an asOf.
bool gives_as_of(const AstValue& selector) {
    return std::any_of(selector.fields.begin(), selector.fields.end(), [](const AstObjectField& member) {
        return member.name == "asOf" && member.value->kind != AstValue::Kind::null;
    });
}

// The names in a groupBy argument when it holds no variable.
std::optional<std::vector<std::string>> literal_names(const AstValue& value) {
    std::vector<std::string> names;
    if (value.kind == AstValue::Kind::enumeration) {
        names.emplace_back(value.text);
        return names;
    }
    if (value.kind != AstValue::Kind::list) return std::nullopt;
    for (const AstValue* item : value.items) {
        if (item->kind != AstValue::Kind::enumeration) return std::nullopt;
        names.emplace_back(item->text);
    }
    return names;
}

bool needs_row(const OutputItem& item) {
    using Kind = OutputItem::Kind;
    // What aggregates need of a row depends on variables.
    return item.kind == Kind::scalar || item.kind == Kind::relation || item.kind == Kind::connection ||
           item.kind == Kind::similarity || item.kind == Kind::group ||
           (item.kind == Kind::aggregate && item.field >= 0);
}

// Positions of the items in the order in which the fields have them.
std::vector<std::size_t> document_order(const std::vector<OutputItem>& items,
                                        const std::vector<const AstSelection*>& fields) {
    std::vector<std::pair<const AstSelection*, std::size_t>> by_field;
    by_field.reserve(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) by_field.emplace_back(items[i].selection, i);
    std::sort(by_field.begin(), by_field.end());
    std::vector<std::size_t> order;
    order.reserve(items.size());
    std::vector<char> taken(items.size(), 0);  // a fragment may bring in a field twice
    for (const AstSelection* field : fields) {
        auto at = std::lower_bound(by_field.begin(), by_field.end(), std::pair(field, std::size_t{0}));
        if (at == by_field.end() || at->first != field || taken[at->second] != 0) continue;
        taken[at->second] = 1;
        order.push_back(at->second);
    }
    return order;
}

class Planner {
  public:
    Planner(const Catalog& catalog, const Document& document, std::vector<std::string>& ungrouped)
        : catalog_(catalog), document_(document), ungrouped_(ungrouped) {}

    Result<std::unique_ptr<SelectPlan>> select(int collection,
                                               const std::vector<const AstSelection*>& selections,
                                               std::size_t depth) {
        if (depth > limits::kMaxSyntaxDepth)
            return fail(ErrorCode::limit_exceeded, "selection is nested too deeply");
        auto plan = std::make_unique<SelectPlan>();
        plan->collection = collection;
        plan->selection = selections.front();
        plan->is_root = depth == 0;
        plan->checks_groups = depth <= 1;
        const AstValue* group_by = nullptr;
        for (const AstArgument& argument : selections.front()->arguments) {
            if (argument.name == "groupBy") group_by = argument.value;
        }
        plan->has_group_by = group_by != nullptr && group_by->kind != AstValue::Kind::null;
        std::vector<const AstSelection*> fields;
        for (const AstSelection* selection : selections) {
            CAIRN_TRY(append_fields(document_, selection->selections, fields));
        }
        for (const SelectionGroup& group : group_by_key(fields)) {
            CAIRN_ASSIGN(OutputItem item, output_item(*plan, group, depth));
            plan->ids_only = plan->ids_only && !needs_row(item);
            plan->items.push_back(std::move(item));
        }
        plan->in_order = document_order(plan->items, fields);
        link_declared_ids(*plan);
        if (plan->has_group_by) {
            if (auto names = literal_names(*group_by)) {
                for (std::string& message : ungrouped_fields(catalog_, *plan, *names)) {
                    ungrouped_.push_back(std::move(message));
                }
            }
        }
        return plan;
    }

    Result<std::unique_ptr<ConnectionPlan>> connection(int collection,
                                                       const std::vector<const AstSelection*>& selections,
                                                       std::size_t depth) {
        return plan_connection(catalog_, document_, collection, selections,
                               [&](const std::vector<const AstSelection*>& nodes) {
                                   return select(collection, nodes, depth + 1);
                               });
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
    // A declared `rel_id` on the side without the key shows the related document's id when the relation is
    // selected too, and its stored value only where there is none (spec/query.md 6.2).
    void link_declared_ids(SelectPlan& plan) const {
        const Collection& type = catalog_.collection(plan.collection);
        for (OutputItem& item : plan.items) {
            if (item.kind != OutputItem::Kind::scalar) continue;
            int relation = type.fields[static_cast<std::size_t>(item.field)].relation_object;
            if (relation < 0 || type.fields[static_cast<std::size_t>(relation)].primary) continue;
            if (plan.below(relation) == nullptr) continue;
            item.kind = OutputItem::Kind::secondary_id;
            item.stored_field = item.field;
            item.field = relation;
        }
    }

    Result<OutputItem> output_item(const SelectPlan& plan, const SelectionGroup& group, std::size_t depth) {
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
        } else if (auto op = aggregate_op(first.name)) {
            item.op = *op;
            CAIRN_TRY(aggregate_item(plan, first, item));
        } else if (first.name == "_similarity") {
            CAIRN_TRY(similarity_item(plan, first, item));
        } else if (first.name == "_group") {
            if (!plan.has_group_by)
                return fail(ErrorCode::invalid_argument, std::string(kGroupWithoutGroupBy));
            item.kind = OutputItem::Kind::group;
            CAIRN_ASSIGN(item.child, select(plan.collection, group.fields, depth + 1));
        } else {
            CAIRN_TRY(field_item(plan.collection, group, item, depth));
        }
        return item;
    }

    Status field_item(int collection, const SelectionGroup& group, OutputItem& item, std::size_t depth) {
        const Collection& type = catalog_.collection(collection);
        std::string_view name = group.fields.front()->name;
        item.field = type.field_index(name);
        if (item.field < 0) item.field = relation_of_connection(catalog_, type, name);
        if (item.field < 0) return not_supported(fmt::format("field {}", name));
        const Field& field = type.fields[static_cast<std::size_t>(item.field)];
        if (field.is_relation && field.name != name) {
            item.kind = OutputItem::Kind::connection;
            CAIRN_ASSIGN(item.connection, connection(field.target, group.fields, depth));
        } else if (field.is_relation) {
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

    // Notes one array or join that is aggregated, so that rows are read.
    Status aggregate_item(const SelectPlan& plan, const AstSelection& selection, OutputItem& item) {
        item.kind = OutputItem::Kind::aggregate;
        if (first_argument(selection) == nullptr) {
            return fail(ErrorCode::invalid_argument, std::string(kNothingToAggregate));
        }
        const Collection& type = catalog_.collection(plan.collection);
        for (const AstArgument& argument : selection.arguments) {
            if (argument.name == "_group" && !plan.has_group_by &&
                argument.value->kind != AstValue::Kind::null) {
                return fail(ErrorCode::invalid_argument, std::string(kGroupWithoutGroupBy));
            }
            if (gives_as_of(*argument.value))
                return fail(ErrorCode::invalid_argument, std::string(kAsOfInside));
            int field = type.field_index(argument.name);
            if (field < 0) continue;
            const Field& found = type.fields[static_cast<std::size_t>(field)];
            if (!found.is_relation || found.is_join) item.field = field;
        }
        return {};
    }

    Status similarity_item(const SelectPlan& plan, const AstSelection& selection, OutputItem& item) {
        item.kind = OutputItem::Kind::similarity;
        const AstArgument* argument = first_argument(selection);
        if (argument == nullptr) return fail(ErrorCode::invalid_argument, std::string(kNothingToAggregate));
        item.field = catalog_.collection(plan.collection).field_index(argument->name);
        item.target_value = argument->value;
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
            return fail(ErrorCode::invalid_argument, std::string(kNothingToAggregate));
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
    std::vector<std::string>& ungrouped_;
};

}  // namespace

std::optional<std::size_t> SelectPlan::find(std::string_view key) const {
    auto at = std::lower_bound(items.begin(), items.end(), key,
                               [](const OutputItem& item, std::string_view name) { return item.key < name; });
    if (at == items.end() || at->key != key) return std::nullopt;
    return static_cast<std::size_t>(at - items.begin());
}

const SelectPlan* SelectPlan::below(int relation_field) const {
    for (std::size_t i : in_order) {
        if (items[i].kind == OutputItem::Kind::relation && items[i].field == relation_field) {
            return items[i].child.get();
        }
    }
    return nullptr;
}

std::vector<std::string> ungrouped_fields(const Catalog& catalog, const SelectPlan& plan,
                                          const std::vector<std::string>& group_by) {
    using Kind = OutputItem::Kind;
    std::vector<std::string> messages;
    if (!plan.checks_groups) return messages;
    const Collection& type = catalog.collection(plan.collection);
    for (std::size_t i : plan.in_order) {
        const OutputItem& item = plan.items[i];
        bool plain = item.kind == Kind::scalar || item.kind == Kind::doc_id || item.kind == Kind::deleted ||
                     item.kind == Kind::secondary_id;
        if (!plain) continue;
        std::string_view name = item.selection->name;
        bool grouped = std::any_of(group_by.begin(), group_by.end(), [&](const std::string& by) {
            const Field* field = type.find(by);
            return by == name || (field != nullptr && field->is_relation && by + "_id" == name);
        });
        if (!grouped) {
            messages.push_back(
                fmt::format("cannot select a non-group-by field at group-level. Field: {}", name));
        }
    }
    return messages;
}

Result<std::unique_ptr<SelectPlan>> plan_select(const Catalog& catalog, const Document& document,
                                                int collection, const AstSelection& selection,
                                                std::vector<std::string>& ungrouped) {
    return Planner(catalog, document, ungrouped).select(collection, {&selection}, 0);
}

Result<std::unique_ptr<ConnectionPlan>> plan_root_connection(const Catalog& catalog, const Document& document,
                                                             int collection, const AstSelection& selection,
                                                             std::vector<std::string>& ungrouped) {
    return Planner(catalog, document, ungrouped).connection(collection, {&selection}, 0);
}

Result<CommitPlan> plan_commits(const Document& document, const AstSelection& selection) {
    static const std::shared_ptr<const Catalog> kNoCatalog = Catalog::empty();
    std::vector<std::string> ungrouped;
    return Planner(*kNoCatalog, document, ungrouped).commits({&selection}, selection.name == "commits");
}

}  // namespace cairn::query
