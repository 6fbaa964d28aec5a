#include "query/operation_kind.h"

#include "dag/limits.h"
#include "query/ast.h"

namespace cairn::query {

Database::OperationKind operation_kind(std::string_view text, std::string_view operation_name) {
    using Kind = Database::OperationKind;
    if (text.size() > limits::kMaxRequestBytes) return Kind::query;
    auto document = Document::parse(text, "request");
    if (!document) return Kind::query;
    for (const AstOperation& operation : (*document)->operations()) {
        if (!operation_name.empty() && operation.name != operation_name) continue;
        if (operation.type == AstOperation::Type::mutation) return Kind::mutation;
        return operation.type == AstOperation::Type::subscription ? Kind::subscription : Kind::query;
    }
    return Kind::query;
}

}  // namespace cairn::query
