#include "query/select_arguments.h"

#include <algorithm>

#include <fmt/format.h>

#include "query/access_path.h"
#include "query/input_values.h"
#include "query/past_views.h"

namespace cairn::query {
namespace {

std::vector<DocId> known_ids(const std::vector<std::string>& texts) {
    std::vector<DocId> ids;
    for (const std::string& text : texts) {
        if (auto id = DocId::from_text(text)) ids.push_back(*id);
    }
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return ids;
}

std::unexpected<Error> unknown_name(std::string_view name) {
    return fail(ErrorCode::invalid_argument, fmt::format("field or alias not found. Name: {}", name));
}

class OrderReader {
  public:
    OrderReader(const ExecutionContext& context, std::vector<SelectArguments::OrderKey>& keys)
        : context_(context), keys_(keys) {}

    // plan: the select of the documents, where there is one.
    Status read(int collection, const AstValue* value, const SelectPlan* plan) {
        value = context_.variables.resolve(value);
        if (value == nullptr || value->kind == AstValue::Kind::null) return {};
        if (value->kind != AstValue::Kind::list) return object(collection, value, plan, {});
        for (const AstValue* item : value->items) {
            CAIRN_TRY(object(collection, context_.variables.resolve(item), plan, {}));
        }
        return {};
    }

  private:
    using Path = std::vector<int>;

    // One key; what is not given or null orders by nothing.
    Status object(int collection, const AstValue* value, const SelectPlan* plan, Path path) {
        if (value == nullptr || value->kind == AstValue::Kind::null) return {};
        if (value->kind != AstValue::Kind::object) return invalid_input();
        CAIRN_TRY(check_single(*value));
        for (const AstObjectField& member : value->fields) {
            const AstValue* given = context_.variables.resolve(member.value);
            if (given == nullptr || given->kind == AstValue::Kind::null) continue;
            CAIRN_TRY(member.name == "_alias"
                          ? alias(collection, *given, plan, std::move(path))
                          : field(collection, member.name, *given, plan, std::move(path)));
        }
        return {};
    }

    Status field(int collection, std::string_view name, const AstValue& given, const SelectPlan* plan,
                 Path path) {
        const Collection& type = context_.catalog().collection(collection);
        int at = type.field_index(name);
        if (at < 0) return unknown_name(name);
        const Field& field = type.fields[static_cast<std::size_t>(at)];
        if (field.is_relation) return relation(field, at, given, plan ? plan->below(at) : nullptr, path);
        SelectArguments::OrderKey key;
        key.path = std::move(path);
        key.field = field.short_id == 1 ? -1 : at;
        if (field.relation_object >= 0 && !field.stored) {  // the related document's id
            key.path.push_back(field.relation_object);
            key.field = -1;
        }
        return add(std::move(key), given);
    }

    Status relation(const Field& field, int at, const AstValue& given, const SelectPlan* below, Path path) {
        if (field.many) return unknown_name(field.name);
        path.push_back(at);
        return object(field.target, &given, below, std::move(path));
    }

    // `_alias`: a response name of the select (spec/query.md 4.6).
    Status alias(int collection, const AstValue& names, const SelectPlan* plan, Path path) {
        if (names.kind != AstValue::Kind::object) return invalid_input();
        CAIRN_TRY(check_single(names));
        for (const AstObjectField& member : names.fields) {
            const AstValue* given = context_.variables.resolve(member.value);
            if (given == nullptr || given->kind == AstValue::Kind::null) continue;
            auto at = plan == nullptr ? std::nullopt : plan->find(member.name);
            if (at) {
                CAIRN_TRY(item(collection, *plan, *at, *given, std::move(path)));
                continue;
            }
            // Also what is not selected, but no relations.
            const Field* field = context_.catalog().collection(collection).find(member.name);
            if (field == nullptr || field->is_relation) return unknown_name(member.name);
            CAIRN_TRY(this->field(collection, member.name, *given, plan, std::move(path)));
        }
        return {};
    }

    Status item(int collection, const SelectPlan& plan, std::size_t at, const AstValue& given, Path path) {
        using Kind = OutputItem::Kind;
        const OutputItem& item = plan.items[at];
        const Collection& type = context_.catalog().collection(collection);
        SelectArguments::OrderKey key;
        key.path = path;
        switch (item.kind) {
            case Kind::relation:
                return relation(type.fields[static_cast<std::size_t>(item.field)], item.field, given,
                                item.child.get(), std::move(path));
            case Kind::aggregate:
            case Kind::similarity:
            case Kind::deleted:
                key.plan = &plan;
                key.item = at;
                return add(std::move(key), given);
            case Kind::scalar:
            case Kind::secondary_id:
            case Kind::doc_id:
                return field(collection, item.selection->name, given, &plan, std::move(path));
            default:
                return unknown_name(item.key);
        }
    }

    Status add(SelectArguments::OrderKey key, const AstValue& direction) {
        bool word = direction.kind == AstValue::Kind::enumeration || direction.kind == AstValue::Kind::string;
        if (!word) return invalid_input();
        if (direction.text != "ASC" && direction.text != "DESC") {
            return fail(ErrorCode::invalid_argument, "invalid order direction");
        }
        key.descending = direction.text == "DESC";
        keys_.push_back(std::move(key));
        return {};
    }

    static Status check_single(const AstValue& object) {
        if (object.fields.size() <= 1) return {};
        return fail(ErrorCode::invalid_argument, "each order argument can only define one field");
    }
    static std::unexpected<Error> invalid_input() {
        return fail(ErrorCode::invalid_argument, "invalid order input");
    }

    const ExecutionContext& context_;
    std::vector<SelectArguments::OrderKey>& keys_;
};

Result<GroupKey> group_key(const Collection& type, const std::string& name) {
    GroupKey key;
    key.field = type.field_index(name);
    if (name == "_deleted") {
        key.kind = GroupKey::Kind::deleted;
        return key;
    }
    const Field* field = key.field < 0 ? nullptr : &type.fields[static_cast<std::size_t>(key.field)];
    if (field == nullptr || field->many) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("invalid field value to groupBy. Field: {}", name));
    }
    if (field->short_id == 1) {
        key.kind = GroupKey::Kind::doc_id;
        return key;
    }
    if (field->is_relation && field->primary && field->id_field >= 0) {
        key.field = field->id_field;
    } else if (field->is_relation) {
        key.kind = GroupKey::Kind::related_id;
    } else if (field->relation_object >= 0 && !field->stored) {
        key.kind = GroupKey::Kind::related_id;
        key.field = field->relation_object;
    }
    if (key.kind == GroupKey::Kind::value) key.slot = type.fields[static_cast<std::size_t>(key.field)].slot;
    return key;
}

Status read_group_by(const ExecutionContext& context, const SelectPlan& plan, const AstValue* value,
                     SelectArguments& arguments) {
    auto names = text_list_argument(value, context.variables);
    if (!names) return {};
    for (std::string& message : ungrouped_fields(context.catalog(), plan, *names)) {
        return fail(ErrorCode::invalid_argument, std::move(message));
    }
    arguments.group_by.emplace();
    for (const std::string& name : *names) {
        CAIRN_ASSIGN(GroupKey key, group_key(context.catalog().collection(plan.collection), name));
        arguments.group_by->push_back(key);
    }
    return {};
}

class ArgumentReader {
  public:
    ArgumentReader(const ExecutionContext& context, int collection, const SelectPlan* plan)
        : context_(context), collection_(collection), plan_(plan) {}

    Status read(std::string_view name, const AstValue* value) {
        const VariableValues& variables = context_.variables;
        if (name == "docID" || name == "docIDs" || name == "id") {
            if (auto texts = text_list_argument(value, variables)) arguments_.ids = known_ids(*texts);
        } else if (name == "filter") {
            CAIRN_ASSIGN(arguments_.filter,
                         compile_filter(context_.catalog(), collection_, value, variables, plan_));
        } else if (name == "order") {
            CAIRN_TRY(OrderReader(context_, arguments_.order).read(collection_, value, plan_));
        } else if (name == "limit") {
            limit_ = integer_argument(value, variables);
        } else if (name == "offset") {
            offset_ = integer_argument(value, variables);
        } else if (name == "showDeleted") {
            arguments_.show_deleted = boolean_argument(value, variables);
        } else if (name == "cid") {
            const AstValue* cid = variables.resolve(value);
            if (cid != nullptr && cid->kind != AstValue::Kind::null) arguments_.cid = cid->text;
        } else if (name == kAsOf) {
            arguments_.as_of = as_of_argument(value, variables);
        } else if (name == "groupBy") {
            CAIRN_TRY(read_group_by(context_, *plan_, value, arguments_));
        }
        return {};
    }

    SelectArguments finish() {
        if (context_.modes.first_order_key_only) keep_first_key();
        arguments_.window = plain_window(limit_, offset_);
        arguments_.member_window = member_window(limit_, offset_);
        if (arguments_.group_by) arguments_.group_filter = split_aggregates(arguments_.filter);
        return std::move(arguments_);
    }

  private:
    void keep_first_key() {
        auto& order = arguments_.order;
        if (order.size() > 1 && !is_order_of_index(context_.catalog(), collection_, order)) order.resize(1);
    }

    const ExecutionContext& context_;
    int collection_;
    const SelectPlan* plan_;
    SelectArguments arguments_;
    std::optional<std::int64_t> limit_, offset_;
};

}  // namespace

Result<SelectArguments> evaluate_arguments(const ExecutionContext& context, int collection,
                                           std::span<const AstArgument> arguments, const SelectPlan* names) {
    ArgumentReader reader(context, collection, names);
    for (const AstArgument& argument : arguments) CAIRN_TRY(reader.read(argument.name, argument.value));
    return reader.finish();
}

Result<SelectArguments> evaluate_arguments(const ExecutionContext& context, const SelectPlan& plan) {
    return evaluate_arguments(context, plan.collection, plan.selection->arguments, &plan);
}

Result<SelectArguments> evaluate_selector(const ExecutionContext& context, int collection,
                                          const AstValue* selector, const SelectPlan* plan) {
    ArgumentReader reader(context, collection, plan);
    selector = context.variables.resolve(selector);
    if (selector != nullptr && selector->kind == AstValue::Kind::object) {
        for (const AstObjectField& member : selector->fields) {
            CAIRN_TRY(reader.read(member.name, member.value));
        }
    }
    return reader.finish();
}

}  // namespace cairn::query
