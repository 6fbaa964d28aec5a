#include "query/document_filter.h"

#include <algorithm>
#include <memory_resource>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "query/literal_check.h"
#include "query/select.h"
#include "query/variable_reader.h"

namespace cairn::query {

namespace {

std::unexpected<Error> refused(const std::vector<std::string>& reasons) {
    bool unknown = std::any_of(reasons.begin(), reasons.end(), [](const std::string& reason) {
        return reason.find("Unknown field.") != std::string::npos;
    });
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("{}: {}", unknown ? "key not found" : "invalid filter", fmt::join(reasons, "\n")));
}

// A JSON object as the filter literal it stands for, checked by coercing it as a variable of the filter type.
Result<const AstValue*> read_object(const TypeSystem& types, std::string_view type_name,
                                    std::string_view json, VariableValues& values,
                                    std::pmr::memory_resource& arena) {
    AstType type{.name = type_name};
    AstVariableDefinition definition{.name = "filter", .type = &type};
    AstOperation operation;
    operation.variables = std::span(&definition, 1);
    std::string variables = fmt::format("{{\"filter\":{}}}", json);
    auto coerced = VariableValues::coerce(operation, types, variables, arena);
    if (!coerced) return refused({coerced.error().message});
    values = std::move(*coerced);
    return values.find("filter");
}

Result<std::vector<DocId>> select_matching(const StoreTransaction& transaction, int collection,
                                           const AstValue* filter, const VariableValues& values) {
    ExecutionContext context{.transaction = transaction, .variables = values};
    SelectArguments arguments;
    CAIRN_ASSIGN(arguments.filter, compile_filter(transaction.catalog(), collection, filter, values));
    return select_ids(context, collection, std::move(arguments));
}

}  // namespace

Result<std::vector<DocId>> find_documents(const StoreTransaction& transaction, const TypeSystem& types,
                                          int collection, std::string_view filter_json) {
    const std::string type_name = transaction.catalog().collection(collection).name + "FilterArg";
    std::pmr::monotonic_buffer_resource arena;
    VariableValues values;
    if (filter_json.starts_with('{')) {
        CAIRN_ASSIGN(const AstValue* filter, read_object(types, type_name, filter_json, values, arena));
        return select_matching(transaction, collection, filter, values);
    }
    if (!filter_json.starts_with('"')) return fail(ErrorCode::invalid_argument, "invalid filter");
    CAIRN_ASSIGN(const AstValue* holder,
                 read_variables(fmt::format("{{\"filter\":{}}}", filter_json), arena));
    std::string_view text = holder->fields[0].value->text;
    if (text.empty()) return fail(ErrorCode::invalid_argument, "invalid filter");
    CAIRN_ASSIGN(std::shared_ptr<const Document> document, Document::parse_value(text, ""));
    TypeRef type{.named = types.type(type_name)};
    std::vector<std::string> reasons = literal_reasons(type, *document->value(), IntRange::bits32);
    if (!reasons.empty()) return refused(reasons);
    return select_matching(transaction, collection, document->value(), values);
}

}  // namespace cairn::query
