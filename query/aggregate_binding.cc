#include "query/aggregate_binding.h"

#include <algorithm>

#include "query/access_path.h"
#include "query/input_values.h"
#include "query/past_views.h"

namespace cairn::query {
namespace {

using Kind = AggregateTarget::Kind;

// Whether two arguments have the same value; what is null counts as not written.
bool same_value(const AstValue* a, const AstValue* b, const VariableValues& variables);

// The members that are written, by name.
std::vector<std::pair<std::string_view, const AstValue*>> members_of(const AstValue& object,
                                                                     const VariableValues& variables) {
    std::vector<std::pair<std::string_view, const AstValue*>> members;
    for (const AstObjectField& field : object.fields) {
        const AstValue* value = variables.resolve(field.value);
        if (value != nullptr) members.emplace_back(field.name, value);
    }
    std::stable_sort(members.begin(), members.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    return members;
}

bool same_members(const AstValue& a, const AstValue& b, const VariableValues& variables) {
    auto left = members_of(a, variables), right = members_of(b, variables);
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [&](const auto& x, const auto& y) {
                          return x.first == y.first && same_value(x.second, y.second, variables);
                      });
}

bool same_value(const AstValue* a, const AstValue* b, const VariableValues& variables) {
    a = variables.resolve(a);
    b = variables.resolve(b);
    if (is_null(a) || is_null(b)) return is_null(a) == is_null(b);
    auto is_word = [](const AstValue& value) {
        return value.kind == AstValue::Kind::enumeration || value.kind == AstValue::Kind::string;
    };
    // A list of one and its element are the same thing, and so are an enum word and the text of a variable.
    if (a->kind == AstValue::Kind::list && b->kind != AstValue::Kind::list) std::swap(a, b);
    if (b->kind == AstValue::Kind::list && a->kind != AstValue::Kind::list) {
        return b->items.size() == 1 && same_value(a, b->items[0], variables);
    }
    if (is_word(*a) && is_word(*b)) return a->text == b->text;
    if (a->kind != b->kind) return false;
    switch (a->kind) {
        case AstValue::Kind::boolean:
            return a->boolean == b->boolean;
        case AstValue::Kind::list:
            return std::equal(
                a->items.begin(), a->items.end(), b->items.begin(), b->items.end(),
                [&](const AstValue* x, const AstValue* y) { return same_value(x, y, variables); });
        case AstValue::Kind::object:
            return same_members(*a, *b, variables);
        default:
            return a->text == b->text;
    }
}

// Selectors have only the first four; a selection that has one of the others is another list where they
// count.
constexpr std::string_view kArguments[] = {"filter", "limit", "offset", "order", "docID", "groupBy"};
constexpr std::size_t kSelectorArguments = 4;

bool same_arguments(const AstSelection& selection, const AstValue* selector,
                    std::span<const std::string_view> compared, const VariableValues& variables) {
    return std::all_of(compared.begin(), compared.end(), [&](std::string_view name) {
        return same_value(find_argument(selection.arguments, name, variables),
                          find_member(selector, name, variables), variables);
    });
}

class Binder {
  public:
    Binder(const ExecutionContext& context, AggregateOp op) : context_(context), op_(op) {}

    // plan is nullptr for aggregates over whole collections.
    Result<BoundAggregate> bind(const SelectPlan* plan, const AstSelection& selection) {
        BoundAggregate bound;
        bound.op = op_;
        for (const AstArgument& argument : selection.arguments) {
            const AstValue* selector = context_.variables.resolve(argument.value);
            if (is_null(selector)) continue;
            CAIRN_ASSIGN(AggregateTarget target, plan == nullptr
                                                     ? root_target(argument.name, selector)
                                                     : this->target(*plan, argument.name, selector));
            bound.is_float = bound.is_float || target.is_float;
            bound.targets.push_back(std::move(target));
        }
        if (bound.targets.empty()) {
            return fail(ErrorCode::invalid_argument, std::string(kNothingToAggregate));
        }
        bound.is_float = bound.is_float || op_ == AggregateOp::avg;
        return bound;
    }

  private:
    Result<AggregateTarget> root_target(std::string_view name, const AstValue* selector) {
        AggregateTarget target;
        target.collection = context_.catalog().collection_index(name);
        return documents(std::move(target), selector, nullptr);
    }

    Result<AggregateTarget> target(const SelectPlan& plan, std::string_view name, const AstValue* selector) {
        AggregateTarget target;
        if (name == "_group") {
            target.kind = Kind::group;
            target.collection = plan.collection;
            return documents(std::move(target), selector, &plan);
        }
        if (name == "_version") {
            target.kind = Kind::versions;
            const VariableValues& variables = context_.variables;
            target.window =
                plain_window(integer_argument(find_member(selector, "limit", variables), variables),
                             integer_argument(find_member(selector, "offset", variables), variables));
            return target;
        }
        const Collection& type = context_.catalog().collection(plan.collection);
        target.field = type.field_index(name);
        const Field& field = type.fields[static_cast<std::size_t>(target.field)];
        if (field.is_relation) {
            target.kind = Kind::relation;
            target.collection = field.target;
            CAIRN_ASSIGN(target, documents(std::move(target), selector, &plan));
            // Which documents a window shows is decided by their order.
            if (!target.arguments.window.is_open()) {
                add_list_order(context_.catalog(), field, target.arguments);
            }
            return target;
        }
        target.kind = Kind::array;
        target.is_float = element_kind(field.kind) != FieldKind::integer;
        CAIRN_ASSIGN(target.elements, read_element_selector(field.kind, selector, context_.variables));
        return target;
    }

    // What is taken of documents, and which ones.
    Result<AggregateTarget> documents(AggregateTarget target, const AstValue* selector,
                                      const SelectPlan* plan) {
        const AstValue* value = find_member(selector, "field", context_.variables);
        if (plan != nullptr && !is_null(find_member(selector, kAsOf, context_.variables)))
            return fail(ErrorCode::invalid_argument, std::string(kAsOfInside));
        std::optional<AggregateOp> child;
        if (op_ != AggregateOp::count && value != nullptr) {
            child = aggregate_op(value->text);
            if (!child) value_field(value->text, target);
        }
        // The average of a field is over documents that have it, which no selection asks for.
        bool averages_field = op_ == AggregateOp::avg && target.value_field >= 0;
        if (plan != nullptr && !averages_field) find_selected(*plan, selector, target);
        if (child) {
            CAIRN_TRY(child_aggregate(*child, plan, target));
        }
        if (target.reused) return target;
        CAIRN_ASSIGN(target.arguments, evaluate_selector(context_, target.collection, selector));
        if (averages_field) {
            const Collection& type = context_.catalog().collection(target.collection);
            target.arguments.filter =
                and_not_null(std::move(target.arguments.filter),
                             type.fields[static_cast<std::size_t>(target.value_field)], target.value_field);
        }
        return target;
    }

    void value_field(std::string_view name, AggregateTarget& target) {
        const Collection& type = context_.catalog().collection(target.collection);
        target.value_field = type.field_index(name);
        if (target.value_field < 0) return;
        FieldKind kind = type.fields[static_cast<std::size_t>(target.value_field)].kind;
        target.is_float = element_kind(kind) != FieldKind::integer;
    }

    // The first selection of the target with equal arguments. Of a relation docID and groupBy count among
    // them (8.4), of `_group` they do not (7.5); an aggregate of child aggregates has to take what is
    // selected.
    void find_selected(const SelectPlan& plan, const AstValue* selector, AggregateTarget& target) {
        const AstValue* field = find_member(selector, "field", context_.variables);
        const bool of_children = field != nullptr && field->text.starts_with('_');
        std::span<const std::string_view> compared(kArguments);
        if (target.kind == Kind::group || of_children) compared = compared.first(kSelectorArguments);
        for (std::size_t i : plan.in_order) {
            const OutputItem& item = plan.items[i];
            bool same_list = target.kind == Kind::group
                                 ? item.kind == OutputItem::Kind::group
                                 : item.kind == OutputItem::Kind::relation && item.field == target.field;
            if (!same_list || !same_arguments(*item.selection, selector, compared, context_.variables))
                continue;
            target.reused = i;
            return;
        }
    }

    Status child_aggregate(AggregateOp op, const SelectPlan* plan, AggregateTarget& target) {
        const SelectPlan* below =
            plan != nullptr && target.reused ? plan->items[*target.reused].child.get() : nullptr;
        if (below != nullptr) {
            for (std::size_t i : below->in_order) {
                const OutputItem& item = below->items[i];
                if (item.kind != OutputItem::Kind::aggregate || item.op != op) continue;
                target.child_item = i;
                CAIRN_ASSIGN(BoundAggregate inner, bind_aggregate(context_, *below, item));
                target.is_float = op != AggregateOp::count && inner.is_float;
                return {};
            }
        }
        return fail(ErrorCode::invalid_argument, "unable to identify aggregate child");
    }

    const ExecutionContext& context_;
    AggregateOp op_;
};

std::optional<GroupSource> first_source(const SelectPlan& plan, const BoundSelect& bound) {
    for (std::size_t i : plan.in_order) {
        if (plan.items[i].kind == OutputItem::Kind::group) return GroupSource{i, 0};
    }
    for (std::size_t i : plan.in_order) {
        const std::vector<AggregateTarget>& targets = bound.aggregates[i].targets;
        for (std::size_t t = 0; t < targets.size(); ++t) {
            if (targets[t].kind == Kind::group) return GroupSource{i, t};
        }
    }
    return std::nullopt;
}

}  // namespace

Result<BoundAggregate> bind_aggregate(const ExecutionContext& context, const SelectPlan& plan,
                                      const OutputItem& item) {
    return Binder(context, item.op).bind(&plan, *item.selection);
}

Result<BoundAggregate> bind_root_aggregate(const ExecutionContext& context, AggregateOp op,
                                           const AstSelection& selection) {
    return Binder(context, op).bind(nullptr, selection);
}

Result<BoundSelect> bind_select(const ExecutionContext& context, const SelectPlan& plan) {
    BoundSelect bound;
    bound.aggregates.resize(plan.items.size());
    for (std::size_t i : plan.in_order) {
        if (plan.items[i].kind != OutputItem::Kind::aggregate) continue;
        CAIRN_ASSIGN(bound.aggregates[i], bind_aggregate(context, plan, plan.items[i]));
    }
    bound.first_source = first_source(plan, bound);
    return bound;
}

}  // namespace cairn::query
