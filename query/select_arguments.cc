#include <algorithm>

#include <fmt/format.h>

#include "query/input_values.h"
#include "query/select.h"

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

class OrderReader {
  public:
    OrderReader(const ExecutionContext& context, std::vector<SelectArguments::OrderKey>& keys)
        : context_(context), keys_(keys) {}

    Status read(int collection, const AstValue* value) {
        value = context_.variables.resolve(value);
        if (value == nullptr || value->kind == AstValue::Kind::null) return {};
        if (value->kind != AstValue::Kind::list) return object(collection, value, {});
        for (const AstValue* item : value->items) {
            CAIRN_TRY(object(collection, context_.variables.resolve(item), {}));
        }
        return {};
    }

  private:
    Status object(int collection, const AstValue* value, std::vector<int> path) {
        if (value == nullptr || value->kind != AstValue::Kind::object) return {};
        if (value->fields.size() > 1) {
            return fail(ErrorCode::invalid_argument, "each order argument can only define one field");
        }
        for (const AstObjectField& member : value->fields) {
            const AstValue* direction = context_.variables.resolve(member.value);
            if (direction == nullptr || direction->kind == AstValue::Kind::null) continue;
            if (member.name == "_alias")
                return fail(ErrorCode::unsupported, "ordering by _alias is not supported");
            const Collection& type = context_.catalog().collection(collection);
            int at = type.field_index(member.name);
            if (at < 0) {
                return fail(ErrorCode::invalid_argument,
                            fmt::format("field or alias not found. Name: {}", member.name));
            }
            const Field& field = type.fields[static_cast<std::size_t>(at)];
            if (field.is_relation) {
                std::vector<int> deeper = path;
                deeper.push_back(at);
                CAIRN_TRY(object(field.target, direction, std::move(deeper)));
                continue;
            }
            SelectArguments::OrderKey key;
            key.path = path;
            key.field = field.short_id == 1 ? -1 : at;
            if (field.relation_object >= 0 && !field.stored) {  // the related document's id
                key.path.push_back(field.relation_object);
                key.field = -1;
            }
            key.descending = direction->text == "DESC";
            keys_.push_back(std::move(key));
        }
        return {};
    }
    const ExecutionContext& context_;
    std::vector<SelectArguments::OrderKey>& keys_;
};

Status read_argument(const ExecutionContext& context, int collection, std::string_view name,
                     const AstValue* value, SelectArguments& arguments) {
    const VariableValues& variables = context.variables;
    if (name == "docID" || name == "docIDs" || name == "id") {
        if (auto texts = text_list_argument(value, variables)) arguments.ids = known_ids(*texts);
    } else if (name == "filter") {
        CAIRN_ASSIGN(arguments.filter, compile_filter(context.catalog(), collection, value, variables));
    } else if (name == "order") {
        CAIRN_TRY(OrderReader(context, arguments.order).read(collection, value));
    } else if (name == "limit") {
        auto limit = integer_argument(value, variables);
        arguments.limit = limit && *limit > 0 ? static_cast<std::uint64_t>(*limit) : 0;
    } else if (name == "offset") {
        auto offset = integer_argument(value, variables);
        // A negative offset skips everything (spec/query.md 4.5).
        arguments.offset = !offset ? 0 : *offset < 0 ? UINT64_MAX : static_cast<std::uint64_t>(*offset);
    } else if (name == "showDeleted") {
        arguments.show_deleted = boolean_argument(value, variables);
    }
    return {};
}

}  // namespace

Result<SelectArguments> evaluate_arguments(const ExecutionContext& context, int collection,
                                           std::span<const AstArgument> given) {
    SelectArguments arguments;
    for (const AstArgument& argument : given) {
        CAIRN_TRY(read_argument(context, collection, argument.name, argument.value, arguments));
    }
    return arguments;
}

Result<SelectArguments> evaluate_selector(const ExecutionContext& context, int collection,
                                          const AstValue* selector) {
    SelectArguments arguments;
    selector = context.variables.resolve(selector);
    if (selector == nullptr || selector->kind != AstValue::Kind::object) return arguments;
    for (const AstObjectField& member : selector->fields) {
        CAIRN_TRY(read_argument(context, collection, member.name, member.value, arguments));
    }
    return arguments;
}

}  // namespace cairn::query
