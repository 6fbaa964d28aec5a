#include "query/connection_arguments.h"

#include <fmt/format.h>

#include "query/input_values.h"

namespace cairn::query {
namespace {

Result<KeysetOrder> take_order(const ExecutionContext& context, const ConnectionPlan& plan,
                               SelectArguments& select) {
    for (const SelectArguments::OrderKey& key : select.order) {
        if (key.plan == nullptr) continue;
        return fail(ErrorCode::invalid_argument,
                    fmt::format("a connection cannot be ordered by a computed value. Name: {}",
                                key.plan->items[key.item].key));
    }
    return KeysetOrder(context.catalog(), plan.collection, std::exchange(select.order, {}));
}

class PageReader {
  public:
    PageReader(const ExecutionContext& context, const ConnectionPlan& plan)
        : context_(context), plan_(plan) {}

    Status read(ConnectionArguments& arguments) const {
        const auto first = integer("first"), last = integer("last");
        if (first && last) {
            return fail(
                ErrorCode::invalid_argument,
                fmt::format("first and last cannot be given together. first: {}, last: {}", *first, *last));
        }
        for (const auto& [name, size] : {std::pair("first", first), std::pair("last", last)}) {
            if (!size) continue;
            if (*size < 0) {
                return fail(ErrorCode::invalid_argument,
                            fmt::format("{} must not be negative. Value: {}", name, *size));
            }
            arguments.size = static_cast<std::uint64_t>(*size);
        }
        arguments.backward = last.has_value();
        CAIRN_ASSIGN(arguments.after, cursor("after", arguments.order));
        CAIRN_ASSIGN(arguments.before, cursor("before", arguments.order));
        return {};
    }

  private:
    const AstValue* argument(std::string_view name) const {
        const AstValue* value = find_argument(plan_.selection->arguments, name, context_.variables);
        return value == nullptr || value->kind == AstValue::Kind::null ? nullptr : value;
    }
    std::optional<std::int64_t> integer(std::string_view name) const {
        return integer_argument(argument(name), context_.variables);
    }
    Result<std::optional<Cursor>> cursor(std::string_view name, const KeysetOrder& order) const {
        const AstValue* value = argument(name);
        if (value == nullptr) return std::nullopt;
        CAIRN_ASSIGN(Cursor read, order.read_cursor(value->text));
        return read;
    }

    const ExecutionContext& context_;
    const ConnectionPlan& plan_;
};

}  // namespace

Result<SelectArguments> evaluate_connection_select(const ExecutionContext& context,
                                                   const ConnectionPlan& plan) {
    CAIRN_ASSIGN(SelectArguments select,
                 evaluate_arguments(context, plan.collection, plan.selection->arguments, plan.names()));
    select.order.clear();
    return select;
}

Result<ConnectionArguments> evaluate_connection(const ExecutionContext& context, const ConnectionPlan& plan) {
    CAIRN_ASSIGN(SelectArguments select,
                 evaluate_arguments(context, plan.collection, plan.selection->arguments, plan.names()));
    CAIRN_ASSIGN(KeysetOrder order, take_order(context, plan, select));
    ConnectionArguments arguments{std::move(select), std::move(order), {}, {}, {}, false};
    CAIRN_TRY(PageReader(context, plan).read(arguments));
    return arguments;
}

}  // namespace cairn::query
