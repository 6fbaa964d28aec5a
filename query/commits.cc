#include "query/commits.h"

#include <algorithm>

#include <fmt/format.h>

#include "collections/document_state.h"
#include "query/base64.h"
#include "query/input_values.h"

namespace cairn::query {
namespace {

std::string cid_text(const dag::Digest& digest) { return dag::Cid{dag::Codec::dag_cbor, digest}.text(); }

// Which commits a query takes by their field (spec/query.md 11.3).
struct FieldChoice {
    enum class Kind : std::uint8_t { all, collection_only, composites, field };
    Kind kind = Kind::all;
    std::string name;
    bool takes(const dag::BlockView& block) const {
        switch (kind) {
            case Kind::all: return true;
            case Kind::collection_only: return block.kind == dag::DeltaKind::collection;
            case Kind::composites: return block.kind == dag::DeltaKind::composite;
            case Kind::field: return block.field_name == name && block.kind != dag::DeltaKind::composite;
        }
        return false;
    }
};

class CommitWriter {
  public:
    CommitWriter(const CommitPlan& plan, dag::BlockSource& source) : plan_(plan), source_(source) {}

    Status write(const dag::Commit& commit, std::string& out) {
        char separator = '{';
        for (const CommitItem& item : plan_.items) {
            out += separator;
            separator = ',';
            out += item.prefix;
            CAIRN_TRY(write_item(item, commit, out));
        }
        if (separator == '{') out += '{';
        out += '}';
        return {};
    }

  private:
    Status write_item(const CommitItem& item, const dag::Commit& commit, std::string& out) {
        const dag::BlockView& block = commit.view;
        bool is_field = block.kind == dag::DeltaKind::lww || block.kind == dag::DeltaKind::counter;
        switch (item.kind) {
            case CommitItem::Kind::cid: append_text(cid_text(commit.digest), out); return {};
            case CommitItem::Kind::height: out += std::to_string(block.priority); return {};
            case CommitItem::Kind::doc_id:
                block.kind == dag::DeltaKind::collection ? void(out += "null") : append_text(block.doc_id, out);
                return {};
            case CommitItem::Kind::field_name:
                if (block.kind == dag::DeltaKind::collection) {
                    out += "null";
                } else {
                    append_text(is_field ? block.field_name : std::string_view("_C"), out);
                }
                return {};
            case CommitItem::Kind::version: append_text(block.schema_version_id, out); return {};
            case CommitItem::Kind::delta:
                is_field ? append_text(base64(block.data), out) : void(out += "null");
                return {};
            case CommitItem::Kind::link_count: out += std::to_string(block.heads.size() + block.links.size()); return {};
            case CommitItem::Kind::links: write_links(item, block, out); return {};
            case CommitItem::Kind::signature: return write_signature(item, block, out);
            case CommitItem::Kind::type_name: out += "\"Commit\""; return {};
        }
        return {};
    }

    static void append_text(std::string_view text, std::string& out) { append_json_string(text, out); }

    static void write_links(const CommitItem& item, const dag::BlockView& block, std::string& out) {
        out += '[';
        bool first = true;
        auto link = [&](const dag::Digest& digest, std::optional<std::string_view> name) {
            if (!first) out += ',';
            first = false;
            char separator = '{';
            for (const CommitItem& child : item.children) {
                out += separator;
                separator = ',';
                out += child.prefix;
                if (child.kind == CommitItem::Kind::cid) {
                    append_text(cid_text(digest), out);
                } else if (child.kind == CommitItem::Kind::type_name) {
                    out += "\"links\"";
                } else if (name) {
                    append_text(*name, out);
                } else {
                    out += "null";
                }
            }
            if (separator == '{') out += '{';
            out += '}';
        };
        for (const dag::Digest& head : block.heads) link(head, "_head");
        for (const dag::NamedLink& named : block.links) {
            link(named.digest, named.name.empty() ? std::nullopt : std::optional(named.name));
        }
        out += ']';
    }

    Status write_signature(const CommitItem& item, const dag::BlockView& block, std::string& out) {
        if (!block.signature) {
            out += "null";
            return {};
        }
        CAIRN_ASSIGN(std::optional<std::string> bytes, source_.block(*block.signature));
        if (!bytes) {
            return fail(ErrorCode::not_found, fmt::format("missing signature block {}", cid_text(*block.signature)));
        }
        CAIRN_ASSIGN(dag::SignatureBlockView signature, dag::decode_signature_block(dag::as_bytes(*bytes)));
        char separator = '{';
        for (const CommitItem& child : item.children) {
            out += separator;
            separator = ',';
            out += child.prefix;
            if (child.kind == CommitItem::Kind::version) append_text(signature.type, out);
            if (child.kind == CommitItem::Kind::doc_id) append_text(base64(signature.identity), out);
            if (child.kind == CommitItem::Kind::delta) append_text(base64(signature.value), out);
            if (child.kind == CommitItem::Kind::type_name) out += "\"signature\"";
        }
        if (separator == '{') out += '{';
        out += '}';
        return {};
    }

    const CommitPlan& plan_;
    dag::BlockSource& source_;
};

struct CommitArguments {
    std::optional<std::string> doc_id;
    std::optional<std::string> cid;
    FieldChoice choice;
    std::optional<std::uint64_t> depth;
    std::uint64_t limit = 0, offset = 0;
    std::vector<std::pair<CommitItem::Kind, bool>> order;  // key, descending
};

Result<CommitArguments> read_commit_arguments(const ExecutionContext& context, const AstSelection& selection) {
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
            if (limit && *limit > 0) arguments.limit = static_cast<std::uint64_t>(*limit);
        } else if (argument.name == "offset") {
            auto offset = integer_argument(value, context.variables);
            if (offset) arguments.offset = *offset < 0 ? UINT64_MAX : static_cast<std::uint64_t>(*offset);
        } else if (argument.name == "groupBy" && !is_null) {
            return fail(ErrorCode::unsupported, "argument groupBy is not supported");
        } else if (argument.name == "order" && !is_null) {
            std::vector<const AstValue*> objects;
            if (value->kind == AstValue::Kind::list) {
                for (const AstValue* item : value->items) objects.push_back(context.variables.resolve(item));
            } else {
                objects.push_back(value);
            }
            for (const AstValue* object : objects) {
                if (object == nullptr || object->kind != AstValue::Kind::object) continue;
                if (object->fields.size() > 1) {
                    return fail(ErrorCode::invalid_argument, "each order argument can only define one field");
                }
                for (const AstObjectField& member : object->fields) {
                    const AstValue* direction = context.variables.resolve(member.value);
                    if (direction == nullptr || direction->kind == AstValue::Kind::null) continue;
                    CommitItem::Kind key = member.name == "height" ? CommitItem::Kind::height
                                           : member.name == "cid"  ? CommitItem::Kind::cid
                                                                   : CommitItem::Kind::doc_id;
                    arguments.order.emplace_back(key, direction->text == "DESC");
                }
            }
        }
    }
    // With a document, an explicit null means its composites (spec/query.md 11.3).
    if (arguments.choice.kind == FieldChoice::Kind::collection_only && arguments.doc_id) {
        arguments.choice.kind = FieldChoice::Kind::composites;
    }
    return arguments;
}

// Heads of one document in head-store order: fields by number as text, composites last.
void append_document_heads(const DocumentState& state, const Collection* collection, const FieldChoice& choice,
                           std::vector<dag::Digest>& heads) {
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
        if (collection.is_branchable) numbers.emplace_back(std::to_string(collection.short_id), collection.short_id);
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

// Calls visit for each commit that the arguments choose, in order; visit returns false to stop.
template <typename Visit>
Status walk_commits(const ExecutionContext& context, const CommitArguments& arguments, StoreBlockSource& source,
                    const Visit& visit) {
    bool stopped = false;
    auto walk = [&](std::vector<dag::Digest> heads) -> Status {
        dag::CommitWalkOptions options;
        options.depth = arguments.depth;
        options.filter = [&](const dag::BlockView& block) { return arguments.choice.takes(block); };
        dag::CommitWalk commits(source, std::move(heads), options);
        while (!stopped) {
            CAIRN_ASSIGN(const dag::Commit* commit, commits.next());
            if (commit == nullptr) break;
            CAIRN_ASSIGN(bool more, visit(*commit));
            stopped = !more;
        }
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
    std::uint64_t height;
    std::string cid, doc_id, text;
};

int compare_commits(const RenderedCommit& a, const RenderedCommit& b, CommitItem::Kind key) {
    if (key == CommitItem::Kind::height) return a.height < b.height ? -1 : a.height > b.height ? 1 : 0;
    return key == CommitItem::Kind::cid ? a.cid.compare(b.cid) : a.doc_id.compare(b.doc_id);
}

// With an order everything has to be seen before the first can be given.
Status write_ordered(const CommitArguments& arguments, std::vector<RenderedCommit>& commits, std::string& out) {
    std::stable_sort(commits.begin(), commits.end(), [&](const RenderedCommit& a, const RenderedCommit& b) {
        for (const auto& [key, descending] : arguments.order) {
            int order = compare_commits(a, b, key);
            if (order != 0) return descending ? order > 0 : order < 0;
        }
        return false;
    });
    std::size_t begin = std::min<std::uint64_t>(arguments.offset, commits.size());
    std::size_t end = arguments.limit == 0 ? commits.size()
                                           : std::min<std::uint64_t>(commits.size(), begin + arguments.limit);
    for (std::size_t i = begin; i < end; ++i) {
        if (i != begin) out += ',';
        out += commits[i].text;
    }
    return {};
}

}  // namespace

Status execute_commits(const ExecutionContext& context, const AstSelection& selection, const CommitPlan& plan,
                       std::string& out) {
    CAIRN_ASSIGN(CommitArguments arguments, read_commit_arguments(context, selection));
    StoreBlockSource source(context.transaction);
    CommitWriter writer(plan, source);
    std::vector<RenderedCommit> ordered;
    std::uint64_t seen = 0, written = 0;
    auto visit = [&](const dag::Commit& commit) -> Result<bool> {
        if (!arguments.order.empty()) {
            RenderedCommit rendered{commit.view.priority, cid_text(commit.digest), std::string(commit.view.doc_id), {}};
            CAIRN_TRY(writer.write(commit, rendered.text));
            ordered.push_back(std::move(rendered));
            return true;
        }
        if (seen++ < arguments.offset) return true;
        if (written++ != 0) out += ',';
        CAIRN_TRY(writer.write(commit, out));
        return arguments.limit == 0 || written < arguments.limit;
    };
    out += '[';
    CAIRN_TRY(arguments.cid ? walk_from_cid(arguments, source, visit)
                            : walk_commits(context, arguments, source, visit));
    if (!arguments.order.empty()) CAIRN_TRY(write_ordered(arguments, ordered, out));
    out += ']';
    return {};
}

Status render_versions(const ExecutionContext& context, const CommitPlan& plan, const DocId& id, std::string& out) {
    StoreBlockSource source(context.transaction);
    CommitWriter writer(plan, source);
    CommitArguments arguments;
    arguments.doc_id = id.text();
    arguments.choice.kind = FieldChoice::Kind::composites;
    bool first = true;
    out += '[';
    CAIRN_TRY(walk_commits(context, arguments, source, [&](const dag::Commit& commit) -> Result<bool> {
        if (!first) out += ',';
        first = false;
        CAIRN_TRY(writer.write(commit, out));
        return true;
    }));
    out += ']';
    return {};
}

Result<std::uint64_t> count_versions(const ExecutionContext& context, const DocId& id) {
    StoreBlockSource source(context.transaction);
    CommitArguments arguments;
    arguments.doc_id = id.text();
    arguments.choice.kind = FieldChoice::Kind::composites;
    std::uint64_t count = 0;
    CAIRN_TRY(walk_commits(context, arguments, source, [&](const dag::Commit&) -> Result<bool> {
        ++count;
        return true;
    }));
    return count;
}

}  // namespace cairn::query
