#include "query/mutations.h"

#include <fmt/format.h>

#include "collections/delete_rules.h"
#include "query/input_values.h"
#include "query/nested_writes.h"

namespace cairn::query {
namespace {

struct MutationRun {
    WriteContext& write;
    const ExecutionContext& context;
    const MutationPlan& plan;
    const AstSelection& selection;

    int collection() const { return plan.select->collection; }
    const Collection& type() const { return context.catalog().collection(collection()); }
    const AstValue* argument(std::string_view name) const {
        return find_argument(selection.arguments, name, context.variables);
    }
};

EncryptionRequest encryption_request(const MutationRun& run) {
    EncryptionRequest request;
    request.whole_document = boolean_argument(run.argument("encrypt"), run.context.variables);
    if (auto fields = text_list_argument(run.argument("encryptFields"), run.context.variables)) {
        // A relation's blocks are those of its key field.
        for (const std::string& name : *fields) {
            const Field* field = run.type().find(name);
            bool relation = field != nullptr && field->is_relation && field->id_field >= 0;
            request.fields.push_back(
                relation ? run.type().fields[static_cast<std::size_t>(field->id_field)].name : name);
        }
    }
    return request;
}

NestedWriter nested_writer(MutationRun& run) {
    return {run.write, run.context.variables, run.context.limits.nested_documents};
}

Status run_create(MutationRun& run, std::string& out) {
    const AstValue* input = run.argument("input");
    std::vector<DocId> ids;
    if (input != nullptr && input->kind != AstValue::Kind::null) {
        EncryptionRequest encryption = encryption_request(run);
        NestedWriter writer = nested_writer(run);
        if (input->kind != AstValue::Kind::list) {
            CAIRN_ASSIGN(DocId id, writer.create(run.collection(), input, "input", encryption));
            ids.push_back(id);
        } else {
            ids.reserve(input->items.size());
            for (std::size_t i = 0; i < input->items.size(); ++i) {
                CAIRN_ASSIGN(DocId id, writer.create(run.collection(), input->items[i],
                                                     fmt::format("input[{}]", i), encryption));
                ids.push_back(id);
            }
        }
    }
    return render_documents(run.context, *run.plan.select, std::move(ids), false, out);
}

Result<std::vector<DocId>> targets(MutationRun& run) {
    CAIRN_ASSIGN(SelectArguments arguments, evaluate_arguments(run.context, *run.plan.select));
    return select_ids(run.context, run.collection(), std::move(arguments));
}

bool has_filter(const MutationRun& run) {
    const AstValue* filter = run.argument("filter");
    return filter != nullptr && filter->kind == AstValue::Kind::object && !filter->fields.empty();
}

Status run_update(MutationRun& run, std::string& out) {
    CAIRN_ASSIGN(SelectArguments arguments, evaluate_arguments(run.context, *run.plan.select));
    const AstValue* input = run.argument("input");
    NestedWriter writer = nested_writer(run);
    std::vector<DocId> ids;
    if (arguments.ids && !arguments.filter) {  // no need to look for what is named
        for (const DocId& id : *arguments.ids) {
            CAIRN_ASSIGN(bool updated, writer.update_if_active(run.collection(), id, input, "input"));
            if (updated) ids.push_back(id);
        }
    } else {
        CAIRN_ASSIGN(ids, select_ids(run.context, run.collection(), std::move(arguments)));
        for (const DocId& id : ids) CAIRN_TRY(writer.update(run.collection(), id, input, "input"));
    }
    if (has_filter(run)) {  // what no longer matches is not returned (spec/query.md 10.4)
        CAIRN_ASSIGN(ids, targets(run));
    }
    return render_documents(run.context, *run.plan.select, std::move(ids), false, out);
}

Status run_delete(MutationRun& run, std::string& out) {
    CAIRN_ASSIGN(std::vector<DocId> ids, targets(run));
    CAIRN_TRY(render_documents(run.context, *run.plan.select, ids, true, out));  // as they were before
    DeleteEffects effects;
    CAIRN_TRY(
        delete_with_rules(run.write, run.collection(), ids, run.context.limits.cascade_documents, effects));
    if (run.context.effects != nullptr) run.context.effects->add(run.context.catalog(), effects);
    return {};
}

Status run_upsert(MutationRun& run, std::string& out) {
    CAIRN_ASSIGN(std::vector<DocId> ids, targets(run));
    if (ids.size() > 1) return fail(ErrorCode::invalid_argument, "cannot upsert multiple matching documents");
    if (ids.empty()) {
        CAIRN_TRY(nested_writer(run).create(run.collection(), run.argument("create"), "create"));
    } else {
        CAIRN_TRY(nested_writer(run).update(run.collection(), ids[0], run.argument("update"), "update"));
    }
    CAIRN_ASSIGN(ids, targets(run));
    return render_documents(run.context, *run.plan.select, std::move(ids), false, out);
}

}  // namespace

MutationName parse_mutation_name(const Catalog& catalog, std::string_view name) {
    MutationName result;
    std::size_t split = name.find('_');
    if (split == std::string_view::npos) return result;
    std::string_view verb = name.substr(0, split);
    if (verb == "create") {
        result.verb = MutationVerb::create;
    } else if (verb == "update") {
        result.verb = MutationVerb::update;
    } else if (verb == "delete") {
        result.verb = MutationVerb::remove;
    } else if (verb == "upsert") {
        result.verb = MutationVerb::upsert;
    } else {
        return result;
    }
    result.collection = catalog.collection_index(name.substr(split + 1));
    return result;
}

Status execute_mutation(WriteContext& write, const ExecutionContext& context, const MutationPlan& plan,
                        const AstSelection& selection, std::string& out) {
    MutationRun run{write, context, plan, selection};
    switch (plan.verb) {
        case MutationVerb::create:
            return run_create(run, out);
        case MutationVerb::update:
            return run_update(run, out);
        case MutationVerb::remove:
            return run_delete(run, out);
        case MutationVerb::upsert:
            return run_upsert(run, out);
    }
    return {};
}

}  // namespace cairn::query
