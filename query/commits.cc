#include "query/commits.h"

#include <algorithm>

#include <fmt/format.h>

#include "collections/document_state.h"
#include "query/commit_groups.h"
#include "query/commit_writer.h"
#include "query/input_values.h"
#include "query/past_views.h"

namespace cairn::query {
namespace {

// Which commits a query takes by their field (spec/query.md 11.3).
struct FieldChoice {
    enum class Kind : std::uint8_t { all, collection_only, composites, field };
    Kind kind = Kind::all;
    std::string name;
    bool takes(const dag::BlockView& block) const {
        switch (kind) {
            case Kind::all:
                return true;
            case Kind::collection_only:
                return block.kind == dag::DeltaKind::collection;
            case Kind::composites:
                return block.kind == dag::DeltaKind::composite;
            case Kind::field:
                return block.field_name == name && block.kind != dag::DeltaKind::composite;
        }
        return false;
    }
};

struct CommitArguments {
    std::optional<std::string> doc_id;
    std::optional<std::string> cid;
    FieldChoice choice;
    std::optional<std::uint64_t> depth;
    CommitWindow window;
    std::vector<CommitOrderKey> order;
    std::optional<std::vector<CommitItem::Kind>> group_by;
};

CommitItem::Kind commit_key(std::string_view name) {
    if (name == "height") return CommitItem::Kind::height;
    if (name == "cid") return CommitItem::Kind::cid;
    return name == "docID" ? CommitItem::Kind::doc_id : CommitItem::Kind::field_name;
}

Status read_order(const AstValue& value, const VariableValues& variables,
                  std::vector<CommitOrderKey>& order) {
    std::vector<const AstValue*> objects;
    if (value.kind == AstValue::Kind::list) {
        for (const AstValue* item : value.items) objects.push_back(variables.resolve(item));
    } else {
        objects.push_back(&value);
    }
    for (const AstValue* object : objects) {
        if (object == nullptr || object->kind != AstValue::Kind::object) continue;
        if (object->fields.size() > 1) {
            return fail(ErrorCode::invalid_argument, "each order argument can only define one field");
        }
        for (const AstObjectField& member : object->fields) {
            const AstValue* direction = variables.resolve(member.value);
            if (direction == nullptr || direction->kind == AstValue::Kind::null) continue;
            order.push_back({commit_key(member.name), direction->text == "DESC"});
        }
    }
    return {};
}

Result<CommitArguments> read_commit_arguments(const ExecutionContext& context,
                                              const AstSelection& selection) {
    CommitArguments arguments;
    bool latest = selection.name == "latestCommits";
    if (latest) {
        arguments.choice.kind = FieldChoice::Kind::composites;
        arguments.depth = 1;
    }
    for (const AstArgument& argument : selection.arguments) {
        const AstValue* value = context.variables.resolve(argument.value);
        if (value == nullptr) continue;
        bool is_null = value->kind == AstValue::Kind::null;
        if (argument.name == "docID" && !is_null) {
            arguments.doc_id = value->text;
        } else if (argument.name == "cid" && !is_null) {
            arguments.cid = value->text;
        } else if (argument.name == "fieldName") {
            if (is_null || value->text.empty()) {
                arguments.choice.kind = FieldChoice::Kind::collection_only;
            } else if (value->text == "_C") {
                arguments.choice.kind = FieldChoice::Kind::composites;
            } else {
                arguments.choice.kind = FieldChoice::Kind::field;
                arguments.choice.name = value->text;
            }
        } else if (argument.name == "depth") {
            auto depth = integer_argument(value, context.variables);
            if (depth) arguments.depth = static_cast<std::uint64_t>(std::max<std::int64_t>(*depth, 1));
        } else if (argument.name == "limit") {
            auto limit = integer_argument(value, context.variables);
            if (limit && *limit > 0) arguments.window.limit = static_cast<std::uint64_t>(*limit);
        } else if (argument.name == "offset") {
            auto offset = integer_argument(value, context.variables);
            if (offset)
                arguments.window.offset = *offset < 0 ? UINT64_MAX : static_cast<std::uint64_t>(*offset);
        } else if (argument.name == "groupBy") {
            auto names = text_list_argument(value, context.variables);
            if (!names) continue;
            arguments.group_by.emplace();
            for (const std::string& name : *names) arguments.group_by->push_back(commit_key(name));
        } else if (argument.name == "order" && !is_null) {
            CAIRN_TRY(read_order(*value, context.variables, arguments.order));
            const bool only_first = context.modes.first_order_key_only;
            if (only_first && arguments.order.size() > 1) arguments.order.resize(1);
        }
    }
    // With a document, an explicit null means its composites (spec/query.md 11.3).
    if (arguments.choice.kind == FieldChoice::Kind::collection_only && arguments.doc_id) {
        arguments.choice.kind = FieldChoice::Kind::composites;
    }
    return arguments;
}

// Heads of one document in head-store order: fields by number as text, composites last.
void append_document_heads(const DocumentState& state, const Collection* collection,
                           const FieldChoice& choice, std::vector<dag::Digest>& heads) {
    std::vector<std::pair<std::string, const crdt::HeadSet*>> sets;
    if (choice.kind == FieldChoice::Kind::all || choice.kind == FieldChoice::Kind::field) {
        for (const auto& [number, set] : state.field_heads) {
            if (choice.kind == FieldChoice::Kind::field) {
                const Field* field = collection == nullptr ? nullptr : collection->find_by_short_id(number);
                if (field == nullptr || field->name != choice.name) continue;
            }
            sets.emplace_back(std::to_string(number), &set);
        }
    }
    if (choice.kind == FieldChoice::Kind::all || choice.kind == FieldChoice::Kind::composites) {
        sets.emplace_back("C", &state.composite_heads);
    }
    std::sort(sets.begin(), sets.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [key, set] : sets) {
        for (const crdt::Head& head : *set) heads.push_back(head.digest);
    }
}

const Collection* collection_of(const ExecutionContext& context, const DocumentState& state) {
    int at = context.catalog().collection_index_by_short_id(state.collection);
    return at < 0 ? nullptr : &context.catalog().collection(at);
}

Result<std::vector<dag::Digest>> collection_heads(const ExecutionContext& context) {
    std::vector<std::pair<std::string, std::uint32_t>> numbers;
    for (const Collection& collection : context.catalog().collections()) {
        if (collection.is_branchable)
            numbers.emplace_back(std::to_string(collection.short_id), collection.short_id);
    }
    std::sort(numbers.begin(), numbers.end());
    std::vector<dag::Digest> digests;
    for (const auto& [text, number] : numbers) {
        rocksdb::PinnableSlice value;
        CAIRN_ASSIGN(bool found, context.view().get(Family::meta, collection_heads_key(number), value));
        if (!found) continue;
        crdt::HeadSet heads;
        std::string_view record = view(value);
        if (!read_head_set(record, heads)) return fail(ErrorCode::corruption, "collection heads are damaged");
        for (const crdt::Head& head : heads) digests.push_back(head.digest);
    }
    return digests;
}

// Walks from heads; visit returns false to stop, and then so does this.
template <typename Visit>
Result<bool> walk_from_heads(const CommitArguments& arguments, StoreBlockSource& source,
                             std::vector<dag::Digest> heads, const Visit& visit) {
    dag::CommitWalkOptions options;
    options.depth = arguments.depth;
    options.filter = [&](const dag::BlockView& block) { return arguments.choice.takes(block); };
    dag::CommitWalk commits(source, std::move(heads), options);
    while (true) {
        CAIRN_ASSIGN(const dag::Commit* commit, commits.next());
        if (commit == nullptr) return true;
        CAIRN_ASSIGN(bool more, visit(*commit));
        if (!more) return false;
    }
}

// Calls visit for each commit that the arguments choose, in order; visit returns false to stop.
template <typename Visit>
Status walk_commits(const ExecutionContext& context, const CommitArguments& arguments,
                    StoreBlockSource& source, const Visit& visit) {
    bool stopped = false;
    auto walk = [&](std::vector<dag::Digest> heads) -> Status {
        CAIRN_ASSIGN(bool more, walk_from_heads(arguments, source, std::move(heads), visit));
        stopped = !more;
        return {};
    };
    if (arguments.doc_id) {
        auto id = DocId::from_text(*arguments.doc_id);
        if (!id) return {};
        CAIRN_ASSIGN(DocumentState state, load_document(context.view(), *id));
        if (!state.exists) return {};
        std::vector<dag::Digest> heads;
        append_document_heads(state, collection_of(context, state), arguments.choice, heads);
        return walk(std::move(heads));
    }
    bool all = arguments.choice.kind == FieldChoice::Kind::all;
    if (all || arguments.choice.kind == FieldChoice::Kind::collection_only) {
        CAIRN_ASSIGN(std::vector<dag::Digest> heads, collection_heads(context));
        CAIRN_TRY(walk(std::move(heads)));
        if (!all) return {};
    }
    auto cursor = context.view().iterate(Family::heads, "", ScanKind::long_range);
    for (cursor->it->SeekToFirst(); !stopped && cursor->it->Valid(); cursor->it->Next()) {
        DocumentState state;
        state.id = DocId::from_key(view(cursor->it->key()));
        CAIRN_TRY(decode_heads(view(cursor->it->value()), state));
        std::vector<dag::Digest> heads;
        append_document_heads(state, collection_of(context, state), arguments.choice, heads);
        CAIRN_TRY(walk(std::move(heads)));
    }
    if (!cursor->it->status().ok()) return rocksdb_error(cursor->it->status(), "cannot read the heads");
    return {};
}

template <typename Visit>
Status walk_from_cid(const CommitArguments& arguments, StoreBlockSource& source, const Visit& visit) {
    auto cid = dag::Cid::parse(*arguments.cid);
    if (!cid) return std::unexpected(cid.error());
    auto missing = [&] {
        return fail(ErrorCode::not_found, fmt::format("missing cid\nipld: could not find {}", cid->text()));
    };
    if (cid->codec != dag::Codec::dag_cbor) return missing();
    CAIRN_ASSIGN(std::optional<std::string> bytes, source.block(cid->digest));
    if (!bytes || dag::classify_block(dag::as_bytes(*bytes)) != dag::BlockClass::delta) return missing();
    CAIRN_ASSIGN(dag::BlockView block, dag::decode_block(dag::as_bytes(*bytes)));
    if (arguments.doc_id && (block.kind == dag::DeltaKind::collection || block.doc_id != *arguments.doc_id)) {
        return fail(ErrorCode::invalid_argument, "cid does not belong to document");
    }
    dag::CommitWalkOptions options;
    options.depth = arguments.depth.value_or(1);
    FieldChoice choice = arguments.choice;
    options.filter = [choice](const dag::BlockView& candidate) {
        bool null_choice = choice.kind == FieldChoice::Kind::collection_only;
        return choice.takes(candidate) || (null_choice && candidate.kind == dag::DeltaKind::composite);
    };
    dag::CommitWalk commits(source, {cid->digest}, options);
    while (true) {
        CAIRN_ASSIGN(const dag::Commit* commit, commits.next());
        if (commit == nullptr) return {};
        CAIRN_ASSIGN(bool more, visit(*commit));
        if (!more) return {};
    }
}

struct RenderedCommit {
    CommitKeys keys;
    std::string text;
};

// With an order everything has to be seen before the first can be given.
void write_ordered(const CommitArguments& arguments, std::vector<RenderedCommit>& commits, std::string& out) {
    std::stable_sort(commits.begin(), commits.end(), [&](const RenderedCommit& a, const RenderedCommit& b) {
        return comes_before(a.keys, b.keys, arguments.order);
    });
    auto [begin, end] = arguments.window.of(commits.size());
    for (std::size_t i = begin; i < end; ++i) {
        if (i != begin) out += ',';
        out += commits[i].text;
    }
}

template <typename Visit>
Status visit_commits(const ExecutionContext& context, const CommitArguments& arguments,
                     StoreBlockSource& source, const Visit& visit) {
    return arguments.cid ? walk_from_cid(arguments, source, visit)
                         : walk_commits(context, arguments, source, visit);
}

Status execute_grouped(const ExecutionContext& context, const CommitArguments& arguments,
                       const CommitPlan& plan, std::string& out) {
    StoreBlockSource source(context.transaction);
    CommitGroups groups(plan, *arguments.group_by, source);
    CAIRN_TRY(visit_commits(context, arguments, source, [&](const dag::Commit& commit) -> Result<bool> {
        CAIRN_TRY(groups.add(commit));
        return true;
    }));
    return groups.write(arguments.order, arguments.window, out);
}

Status execute_plain(const ExecutionContext& context, const CommitArguments& arguments,
                     const CommitPlan& plan, std::string& out) {
    StoreBlockSource source(context.transaction);
    CommitWriter writer(plan.items, source);
    std::vector<RenderedCommit> ordered;
    const CommitWindow& window = arguments.window;
    std::uint64_t seen = 0, written = 0;
    CAIRN_TRY(visit_commits(context, arguments, source, [&](const dag::Commit& commit) -> Result<bool> {
        if (!arguments.order.empty()) {
            RenderedCommit rendered{CommitKeys(commit), {}};
            CAIRN_TRY(writer.write(commit, rendered.text));
            ordered.push_back(std::move(rendered));
            return true;
        }
        if (seen++ < window.offset) return true;
        if (written++ != 0) out += ',';
        CAIRN_TRY(check_bytes(context.view(), out.size()));
        CAIRN_TRY(writer.write(commit, out));
        return window.limit == 0 || written < window.limit;
    }));
    if (!arguments.order.empty()) write_ordered(arguments, ordered, out);
    return {};
}

}  // namespace

namespace {

Status write_commits(const ExecutionContext& context, const AstSelection& selection, const CommitPlan& plan,
                     std::string& out) {
    CAIRN_ASSIGN(CommitArguments arguments, read_commit_arguments(context, selection));
    if (plan.has_group && !arguments.group_by) {
        return fail(ErrorCode::invalid_argument, std::string(kGroupWithoutGroupBy));
    }
    out += '[';
    CAIRN_TRY(arguments.group_by ? execute_grouped(context, arguments, plan, out)
                                 : execute_plain(context, arguments, plan, out));
    out += ']';
    return {};
}

}  // namespace

Status execute_commits(const ExecutionContext& context, const AstSelection& selection, const CommitPlan& plan,
                       std::string& out) {
    const auto as_of =
        as_of_argument(find_argument(selection.arguments, kAsOf, context.variables), context.variables);
    if (!as_of) return write_commits(context, selection, plan, out);
    CAIRN_ASSIGN(const ExecutionContext then, context_as_of(context, *as_of));
    return write_commits(then, selection, plan, out);
}

namespace {

template <typename Visit>
Status walk_versions(const ExecutionContext& context, StoreBlockSource& source, const DocId& id,
                     bool of_version, const Visit& visit) {
    CommitArguments arguments;
    arguments.choice.kind = FieldChoice::Kind::composites;
    if (of_version) {
        auto at = std::lower_bound(
            context.versions->begin(), context.versions->end(), id,
            [](const DocumentVersion& version, const DocId& wanted) { return version.id < wanted; });
        if (at == context.versions->end() || at->id != id) return {};
        CAIRN_TRY(walk_from_heads(arguments, source, at->heads, visit));
        return {};
    }
    arguments.doc_id = id.text();
    return walk_commits(context, arguments, source, visit);
}

}  // namespace

Status render_versions(const ExecutionContext& context, const CommitPlan& plan, const DocId& id,
                       bool of_version, std::string& out) {
    StoreBlockSource source(context.transaction);
    CommitWriter writer(plan.items, source);
    bool first = true;
    out += '[';
    CAIRN_TRY(walk_versions(context, source, id, of_version, [&](const dag::Commit& commit) -> Result<bool> {
        if (!first) out += ',';
        first = false;
        CAIRN_TRY(writer.write(commit, out));
        return true;
    }));
    out += ']';
    return {};
}

Result<std::uint64_t> count_versions(const ExecutionContext& context, const DocId& id, bool of_version) {
    StoreBlockSource source(context.transaction);
    std::uint64_t count = 0;
    CAIRN_TRY(walk_versions(context, source, id, of_version, [&](const dag::Commit&) -> Result<bool> {
        ++count;
        return true;
    }));
    return count;
}

}  // namespace cairn::query
