#include "query/select_plan.h"

#include <algorithm>

#include <fmt/format.h>

#include "collections/value.h"
#include "dag/limits.h"

namespace cairn::query {
namespace {

// The fields of selection sets in document order, fragments taken apart, grouped by response key in order of first appearance.
struct Group {
    std::string_view key;
    std::vector<const AstSelection*> fields;
};

class Collector {
  public:
    explicit Collector(const Document& document) : document_(document) {}
    Result<std::vector<Group>> collect(const std::vector<const AstSelection*>& parents) {
        groups_.clear();
        for (const AstSelection* parent : parents) CAIRN_TRY(add(parent->selections, 0));
        return std::move(groups_);
    }

  private:
    Status add(AstSelectionSet selections, std::size_t depth) {
        if (depth > limits::kMaxSyntaxDepth) return fail(ErrorCode::limit_exceeded, "fragments are nested too deeply");
        for (const AstSelection* selection : selections) {
            if (selection->kind == AstSelection::Kind::field) {
                add_field(*selection);
            } else if (selection->kind == AstSelection::Kind::inline_fragment) {
                CAIRN_TRY(add(selection->selections, depth + 1));
            } else if (const AstFragment* fragment = document_.fragment(selection->name)) {
                CAIRN_TRY(add(fragment->selections, depth + 1));
            }
        }
        return {};
    }
    void add_field(const AstSelection& field) {
        auto same = std::find_if(groups_.begin(), groups_.end(),
                                 [&](const Group& group) { return group.key == field.response_key(); });
        if (same == groups_.end()) {
            groups_.push_back({field.response_key(), {&field}});
        } else {
            same->fields.push_back(&field);
        }
    }
    const Document& document_;
    std::vector<Group> groups_;
};

std::string key_prefix(std::string_view key) {
    std::string prefix;
    append_json_string(key, prefix);
    prefix += ':';
    return prefix;
}

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

    Result<std::unique_ptr<SelectPlan>> select(int collection, const std::vector<const AstSelection*>& selections,
                                               std::size_t depth) {
        if (depth > limits::kMaxSyntaxDepth) return fail(ErrorCode::limit_exceeded, "selection is nested too deeply");
        auto plan = std::make_unique<SelectPlan>();
        plan->collection = collection;
        plan->selection = selections.front();
        for (const AstArgument& argument : selections.front()->arguments) {
            if (argument.name == "groupBy" || argument.name == "cid") {
                return not_supported(fmt::format("argument {}", argument.name));
            }
        }
        CAIRN_ASSIGN(std::vector<Group> groups, Collector(document_).collect(selections));
        std::sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) { return a.key < b.key; });
        for (const Group& group : groups) {
            CAIRN_ASSIGN(OutputItem item, output_item(collection, group, depth));
            bool from_row = item.kind == OutputItem::Kind::scalar || item.kind == OutputItem::Kind::relation ||
                            (item.kind == OutputItem::Kind::count && item.target == OutputItem::Target::array);
            plan->ids_only = plan->ids_only && !from_row;
            plan->items.push_back(std::move(item));
        }
        return plan;
    }

    Result<CommitPlan> commits(const std::vector<const AstSelection*>& selections) {
        CommitPlan plan;
        CAIRN_ASSIGN(std::vector<Group> groups, Collector(document_).collect(selections));
        std::sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) { return a.key < b.key; });
        for (const Group& group : groups) {
            CAIRN_ASSIGN(CommitItem item, commit_item(group));
            plan.needs_signature = plan.needs_signature || item.kind == CommitItem::Kind::signature;
            plan.items.push_back(std::move(item));
        }
        return plan;
    }

  private:
    Result<OutputItem> output_item(int collection, const Group& group, std::size_t depth) {
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
            CAIRN_ASSIGN(item.commits, commits(group.fields));
        } else if (first.name == "_count") {
            CAIRN_TRY(count_item(collection, first, item));
        } else {
            CAIRN_TRY(field_item(collection, group, item, depth));
        }
        return item;
    }

    Status field_item(int collection, const Group& group, OutputItem& item, std::size_t depth) {
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
            return fail(ErrorCode::invalid_argument, "aggregate must be provided with a property to aggregate");
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

    Result<CommitItem> commit_item(const Group& group) {
        using Kind = CommitItem::Kind;
        const AstSelection& first = *group.fields.front();
        CommitItem item;
        item.prefix = key_prefix(group.key);
        static constexpr std::pair<std::string_view, Kind> kNames[] = {
            {"cid", Kind::cid},          {"height", Kind::height},       {"docID", Kind::doc_id},
            {"delta", Kind::delta},      {"fieldName", Kind::field_name}, {"schemaVersionId", Kind::version},
            {"links", Kind::links},      {"signature", Kind::signature}, {"_count", Kind::link_count},
            {"__typename", Kind::type_name}};
        auto found = std::find_if(std::begin(kNames), std::end(kNames),
                                  [&](const auto& entry) { return entry.first == first.name; });
        if (found == std::end(kNames)) return not_supported(fmt::format("commit field {}", first.name));
        item.kind = found->second;
        if (item.kind == Kind::link_count && first.arguments.empty()) {
            return fail(ErrorCode::invalid_argument, "aggregate must be provided with a property to aggregate");
        }
        if (item.kind != Kind::links && item.kind != Kind::signature) return item;
        CAIRN_ASSIGN(std::vector<Group> inner, Collector(document_).collect(group.fields));
        std::sort(inner.begin(), inner.end(), [](const Group& a, const Group& b) { return a.key < b.key; });
        for (const Group& member : inner) {
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

Result<std::unique_ptr<SelectPlan>> plan_select(const Catalog& catalog, const Document& document, int collection,
                                                const AstSelection& selection) {
    return Planner(catalog, document).select(collection, {&selection}, 0);
}

Result<CommitPlan> plan_commits(const Document& document, const AstSelection& selection) {
    static const std::shared_ptr<const Catalog> kNoCatalog = Catalog::empty();
    return Planner(*kNoCatalog, document).commits({&selection});
}

}  // namespace cairn::query
