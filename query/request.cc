#include "query/request.h"

#include <algorithm>

#include <fmt/format.h>

#include "dag/limits.h"
#include "query/commits.h"
#include "query/conditions.h"
#include "query/connection.h"
#include "query/connection_types.h"
#include "query/input_values.h"
#include "query/past_views.h"
#include "query/request_shape.h"
#include "query/selection_groups.h"

namespace cairn::query {
namespace {

constexpr std::size_t kMaxCachedText = 64 << 10;

Result<RootField> plan_root_field(const PreparedRequest& request, const AstSelection& selection,
                                  std::vector<std::string>& ungrouped) {
    const Catalog& catalog = request.schema->catalog();
    RootField field;
    field.key = selection.response_key();
    field.selection = &selection;
    if (selection.name == "__typename") {
        field.kind = RootField::Kind::type_name;
        return field;
    }
    if (request.is_mutation) {
        MutationName name = parse_mutation_name(catalog, selection.name);
        if (name.collection < 0) return fail(ErrorCode::invalid_argument, "unknown mutation name");
        field.kind = RootField::Kind::mutation;
        field.mutation.verb = name.verb;
        CAIRN_ASSIGN(field.mutation.select,
                     plan_select(catalog, *request.document, name.collection, selection, ungrouped));
        return field;
    }
    if (selection.name == "commits" || selection.name == "latestCommits") {
        field.kind = RootField::Kind::commits;
        CAIRN_ASSIGN(field.commits, plan_commits(*request.document, selection));
        return field;
    }
    if (auto op = aggregate_op(selection.name)) {
        field.kind = RootField::Kind::aggregate;
        field.op = *op;
        return field;
    }
    int collection = catalog.collection_index(selection.name);
    if (int paged = collection_of_connection(catalog, selection.name); paged >= 0) {
        field.kind = RootField::Kind::connection;
        CAIRN_ASSIGN(field.connection,
                     plan_root_connection(catalog, *request.document, paged, selection, ungrouped));
        return field;
    }
    if (collection < 0) {
        return fail(ErrorCode::unsupported, fmt::format("root field {} is not supported", selection.name));
    }
    CAIRN_ASSIGN(field.select, plan_select(catalog, *request.document, collection, selection, ungrouped));
    return field;
}

bool reads_one_document(const PreparedRequest& request) {
    if (request.is_mutation || request.fields.size() != 1) return false;
    const RootField& field = request.fields[0];
    if (field.kind != RootField::Kind::select) return false;
    bool by_id = false;
    for (const AstArgument& argument : field.selection->arguments) {
        if (argument.name != "docID" && argument.name != "id" && argument.name != "docIDs") return false;
        by_id = argument.value->kind == AstValue::Kind::string ||
                argument.value->kind == AstValue::Kind::variable;
    }
    for (const OutputItem& item : field.select->items) {
        if (item.kind != OutputItem::Kind::scalar && item.kind != OutputItem::Kind::doc_id &&
            item.kind != OutputItem::Kind::deleted && item.kind != OutputItem::Kind::type_name) {
            return false;
        }
    }
    return by_id;
}

// Whether writes to documents of a collection need not see others of the same request: it has no unique
// indexes, one-to-one keys, delete rules and history of its own.
bool writes_without_reads(const Collection& type) {
    if (type.is_branchable) return false;
    for (const IndexDescription& index : type.indexes) {
        if (index.unique) return false;
    }
    return std::none_of(type.fields.begin(), type.fields.end(), [](const Field& f) {
        return f.is_relation && f.primary && (f.one_to_one || f.on_delete != DeleteRule::none);
    });
}

// Whether the only root field is a mutation whose reads need not see its own writes: creations that answer
// ids, updates by id likewise. Deletions read everything, what their rules say too, before they write.
bool only_writes(const PreparedRequest& request) {
    if (!request.is_mutation || request.fields.size() != 1) return false;
    const RootField& field = request.fields[0];
    if (field.kind != RootField::Kind::mutation) return false;
    if (field.mutation.verb == MutationVerb::remove) return !request.schema->catalog().has_branchable();
    if (!field.mutation.select->ids_only) return false;
    for (const OutputItem& item : field.mutation.select->items) {
        if (item.kind != OutputItem::Kind::doc_id && item.kind != OutputItem::Kind::type_name) return false;
    }
    bool create = field.mutation.verb == MutationVerb::create, by_id = false;
    for (const AstArgument& argument : field.selection->arguments) {
        bool id = argument.name == "docID" || argument.name == "id" || argument.name == "docIDs";
        by_id = by_id || id;
        if (argument.name != "input" && !id) return false;
    }
    if (!create && !(field.mutation.verb == MutationVerb::update && by_id)) return false;
    return writes_without_reads(request.schema->catalog().collection(field.mutation.select->collection));
}

// All fields beside __schema and __type are null (spec/query.md Q30).
Status plan_introspection_request(PreparedRequest& request, std::vector<const AstSelection*> roots) {
    for (const SelectionGroup& group : group_by_key(std::move(roots))) {
        RootField field;
        field.key = group.key;
        field.selection = &group.first();
        if (group.first().name == "__schema" || group.first().name == "__type") {
            field.kind = RootField::Kind::introspection;
            CAIRN_ASSIGN(field.introspection, plan_introspection(*request.document, group));
        } else {
            field.kind =
                group.first().name == "__typename" ? RootField::Kind::type_name : RootField::Kind::none;
        }
        request.fields.push_back(std::move(field));
    }
    return {};
}

Status plan_data_request(PreparedRequest& request, const std::vector<const AstSelection*>& roots,
                         std::vector<std::string>& ungrouped) {
    // Equal response keys are not merged (spec/query.md 3.4): the last one supplies the value.
    for (const AstSelection* selection : roots) {
        CAIRN_ASSIGN(RootField field, plan_root_field(request, *selection, ungrouped));
        request.fields.push_back(std::move(field));
    }
    return {};
}

// Of a subscription the first root field is served, and of its arguments the filter (spec/query.md 15).
Status plan_subscription(PreparedRequest& request, const AstSelection& first,
                         std::vector<std::string>& ungrouped) {
    for (const AstArgument& argument : first.arguments) {
        if (argument.name == "filter") request.subscribed_arguments.push_back(argument);
    }
    auto selection = std::make_unique<AstSelection>(first);
    selection->arguments = request.subscribed_arguments;
    request.subscribed = std::move(selection);
    CAIRN_ASSIGN(RootField field, plan_root_field(request, *request.subscribed, ungrouped));
    if (field.kind != RootField::Kind::select) {
        return fail(ErrorCode::invalid_argument, fmt::format("cannot subscribe to {}", first.name));
    }
    request.fields.push_back(std::move(field));
    return {};
}

// ungrouped: as plan_select has it.
Status plan_request(PreparedRequest& request, std::vector<std::string>& ungrouped) {
    std::vector<const AstSelection*> roots;
    CAIRN_TRY(append_fields(*request.document, request.operation->selections, roots));
    if (request.is_subscription && !roots.empty())
        return plan_subscription(request, *roots.front(), ungrouped);
    if (request.is_subscription) return fail(ErrorCode::invalid_argument, "cannot subscribe to nothing");
    CAIRN_TRY(is_introspection(roots) ? plan_introspection_request(request, std::move(roots))
                                      : plan_data_request(request, roots, ungrouped));
    for (std::size_t i = 0; i < request.fields.size(); ++i) request.key_order.push_back(i);
    std::stable_sort(request.key_order.begin(), request.key_order.end(), [&](std::size_t a, std::size_t b) {
        return request.fields[a].key < request.fields[b].key;
    });
    request.writes_only = only_writes(request);
    request.single_read = reads_one_document(request);
    return {};
}

Status run_root_field(const PreparedRequest& request, const RootField& field, WriteContext& write,
                      const ExecutionContext& context, std::string& out) {
    switch (field.kind) {
        case RootField::Kind::select:
            return execute_select(context, *field.select, out);
        case RootField::Kind::connection:
            return execute_connection(context, *field.connection, out);
        case RootField::Kind::commits:
            return execute_commits(context, *field.selection, field.commits, out);
        case RootField::Kind::aggregate:
            return execute_aggregate(context, field.op, *field.selection, out);
        case RootField::Kind::type_name:
            out += request.is_mutation ? "\"Mutation\"" : "\"Query\"";
            return {};
        case RootField::Kind::introspection:
            return execute_introspection(*request.schema, context.variables, field.introspection, out);
        case RootField::Kind::none:
            out += "null";
            return {};
        case RootField::Kind::mutation:
            return execute_mutation(write, context, field.mutation, *field.selection, out);
    }
    return {};
}

Result<const AstOperation*> choose_operation(const Document& document, std::string_view name) {
    if (document.operations().empty()) return fail(ErrorCode::invalid_argument, "Must provide an operation.");
    if (name.empty()) {
        if (document.operations().size() > 1) {
            return fail(ErrorCode::invalid_argument,
                        "Must provide operation name if query contains multiple operations.");
        }
        return &document.operations().front();
    }
    for (const AstOperation& operation : document.operations()) {
        if (operation.name == name) return &operation;
    }
    return fail(ErrorCode::invalid_argument, fmt::format("Unknown operation named \"{}\".", name));
}

SyntaxLimits syntax_limits(const RequestLimits& limits) {
    auto or_none = [](std::size_t limit) { return limit == 0 ? SIZE_MAX : limit; };
    return {or_none(limits.tokens), or_none(limits.nesting), or_none(limits.list_items)};
}

// The operation that stands where another one stands in its document.
const AstOperation* same_operation(const Document& document, const AstOperation* operation,
                                   const Document& other) {
    return &other.operations()[static_cast<std::size_t>(operation - document.operations().data())];
}

// Chooses the operation of a valid document and plans it, unless variables decide what it selects.
Status prepare_operation(PreparedRequest& request, std::string_view name, std::vector<std::string>& errors) {
    CAIRN_ASSIGN(request.operation, choose_operation(*request.document, name));
    request.is_mutation = request.operation->type == AstOperation::Type::mutation;
    request.is_subscription = request.operation->type == AstOperation::Type::subscription;
    for (const AstDirective& directive : request.operation->directives) {
        errors.push_back(fmt::format("directive @{} is not supported", directive.name));
    }
    if (!errors.empty()) return {};
    CAIRN_TRY(check_request_shape(*request.document, *request.operation, request.limits));
    Conditions conditions = conditions_of(*request.document);
    request.is_conditional = conditions == Conditions::variable;
    if (request.is_conditional) return {};
    if (conditions == Conditions::constant) {
        std::shared_ptr<const Document> left = apply_conditions(request.document, {});
        request.operation = same_operation(*request.document, request.operation, *left);
        request.document = std::move(left);
    }
    return plan_request(request, errors);
}

}  // namespace

PrepareResult prepare_request(std::shared_ptr<const TypeSystem> schema, std::string_view text,
                              std::string_view operation_name, const RequestLimits& limits) {
    PrepareResult result;
    if (text.size() > limits::kMaxRequestBytes) {
        result.errors.push_back(fmt::format("request of {} bytes, at most {} are allowed", text.size(),
                                            limits::kMaxRequestBytes));
        return result;
    }
    auto document = Document::parse(text, "request", syntax_limits(limits));
    if (!document) {
        result.errors.push_back(document.error().message);
        return result;
    }
    result.errors = validate(**document, *schema);
    if (!result.errors.empty()) return result;
    auto request = std::make_shared<PreparedRequest>();
    request->document = std::move(*document);
    request->schema = std::move(schema);
    request->limits = limits;
    Status planned = prepare_operation(*request, operation_name, result.errors);
    if (!planned && result.errors.empty()) {
        result.errors.push_back(planned.error().message);
    }
    if (result.errors.empty()) result.request = std::move(request);
    return result;
}

Result<std::shared_ptr<const PreparedRequest>> resolve_conditions(const PreparedRequest& request,
                                                                  const VariableValues& variables) {
    auto resolved = std::make_shared<PreparedRequest>();
    resolved->schema = request.schema;
    resolved->limits = request.limits;
    resolved->is_mutation = request.is_mutation;
    resolved->is_subscription = request.is_subscription;
    resolved->document = apply_conditions(request.document, variables);
    resolved->operation = same_operation(*request.document, request.operation, *resolved->document);
    std::vector<std::string> ungrouped;
    CAIRN_TRY(plan_request(*resolved, ungrouped));
    if (!ungrouped.empty()) return fail(ErrorCode::invalid_argument, ungrouped.front());
    return resolved;
}

PrepareResult PlanCache::get(const std::shared_ptr<const TypeSystem>& schema, std::string_view text,
                             std::string_view operation_name) {
    if (text.size() > kMaxCachedText) return prepare_request(schema, text, operation_name, limits_);
    thread_local std::string key;
    key.assign(operation_name);
    key += '\0';
    key += text;
    {
        std::lock_guard lock(mutex_);
        if (schema_ != schema.get()) {
            by_key_.clear();
            entries_.clear();
            schema_ = schema.get();
            schema_held_ = schema;
        }
        if (auto found = by_key_.find(key); found != by_key_.end()) {
            entries_.splice(entries_.begin(), entries_, found->second);
            return {found->second->request, {}};
        }
    }
    PrepareResult result = prepare_request(schema, text, operation_name, limits_);
    if (!result.request) return result;
    std::lock_guard lock(mutex_);
    if (schema_ != schema.get() || by_key_.contains(key)) return result;
    entries_.push_front({key, result.request});
    by_key_.emplace(entries_.front().key, entries_.begin());
    if (entries_.size() > capacity_) {
        by_key_.erase(entries_.back().key);
        entries_.pop_back();
    }
    return result;
}

namespace {

// The root fields' values, each written by itself, in order of their keys.
Result<std::string> run_fields(const PreparedRequest& request, WriteContext& write,
                               const ExecutionContext& context) {
    std::string data;
    if (request.fields.size() == 1) {
        const RootField& field = request.fields[0];
        data += '{';
        append_json_string(field.key, data);
        data += ':';
        CAIRN_TRY(run_root_field(request, field, write, context, data));
        data += '}';
        return data;
    }
    std::vector<std::string> parts(request.fields.size());
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        CAIRN_TRY(run_root_field(request, request.fields[i], write, context, parts[i]));
        bytes += parts[i].size();
        CAIRN_TRY(check_bytes(context.view(), bytes));
    }
    data += '{';
    for (std::size_t k = 0; k < request.key_order.size(); ++k) {
        std::size_t i = request.key_order[k];
        bool last_of_key = k + 1 == request.key_order.size() ||
                           request.fields[request.key_order[k + 1]].key != request.fields[i].key;
        if (!last_of_key) continue;
        if (data.size() > 1) data += ',';
        append_json_string(request.fields[i].key, data);
        data += ':';
        data += parts[i];
    }
    data += '}';
    return data;
}

// Whether the input of the only mutation, which is one of only_writes, needs no more reads for what is nested
// in it either: there are no relations but to new documents of such collections.
bool needs_no_reads(const PreparedRequest& request, const VariableValues& variables) {
    const RootField& field = request.fields[0];
    const AstValue* input = find_argument(field.selection->arguments, "input", variables);
    const Catalog& catalog = request.schema->catalog();
    const Collection& type = catalog.collection(field.mutation.select->collection);
    if (!has_relation_inputs(type, input, variables)) return true;
    return field.mutation.verb == MutationVerb::create &&
           nests_new_documents(catalog, type, input, variables, writes_without_reads);
}

}  // namespace

Result<std::string> run_request(const PreparedRequest& request, StoreTransaction& transaction,
                                std::string_view variables_json, const RunOptions& options) {
    if (request.is_subscription) {
        return fail(ErrorCode::unsupported, "a subscription gives results as documents are written, not one");
    }
    std::byte buffer[2048];
    std::pmr::monotonic_buffer_resource arena(buffer, sizeof buffer);
    std::size_t list_items = request.limits.list_items == 0 ? SIZE_MAX : request.limits.list_items;
    CAIRN_ASSIGN(VariableValues variables, VariableValues::coerce(*request.operation, *request.schema,
                                                                  variables_json, arena, list_items));
    std::shared_ptr<const PreparedRequest> resolved;
    if (request.is_conditional) {
        CAIRN_ASSIGN(resolved, resolve_conditions(request, variables));
    }
    const PreparedRequest& planned = resolved ? *resolved : request;
    if (options.own_transaction && planned.writes_only && needs_no_reads(planned, variables))
        transaction.use_plain_batch();
    PastViews past(transaction);
    ExecutionContext context{.transaction = transaction,
                             .variables = variables,
                             .modes = options.modes,
                             .notices = options.notices,
                             .limits = request.limits,
                             .effects = options.effects,
                             .past = &past};
    WriteContext write{transaction, options.signer, options.entropy};
    CAIRN_ASSIGN(std::string data, run_fields(planned, write, context));
    CAIRN_TRY(check_bytes(context.view(), data.size()));
    return data;
}

namespace {

void append_errors(const std::vector<std::string>& messages, std::string& answer) {
    answer += "{\"errors\":[";
    for (const std::string& message : messages) {
        if (answer.back() == '}') answer += ',';
        answer += "{\"message\":";
        append_json_string(message, answer);
        answer += '}';
    }
    answer += "],";
}

}  // namespace

std::string error_answer(const std::vector<std::string>& messages) {
    std::string answer;
    append_errors(messages, answer);
    answer += "\"data\":null}";
    return answer;
}

std::string data_answer(std::string_view data, const std::vector<std::string>& notices,
                        const RequestEffects& effects) {
    std::string answer;
    answer.reserve(data.size() + 10);
    if (notices.empty()) {
        answer += '{';
    } else {
        append_errors(notices, answer);
    }
    answer += "\"data\":";
    answer += data;
    if (effects.any()) answer.append(",\"extensions\":").append(effects.json());
    answer += '}';
    return answer;
}

}  // namespace cairn::query
