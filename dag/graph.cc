#include "dag/graph.h"

#include <fmt/format.h>

#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/depth_first_search.hpp>
#include <boost/graph/exception.hpp>
#include <boost/graph/topological_sort.hpp>
#include <boost/pending/queue.hpp>

namespace cairn::dag {
namespace {

std::string cid_text(const Digest& digest) {
    return Cid{Codec::dag_cbor, digest}.text();
}

std::unexpected<Error> budget_spent(std::uint64_t budget, const Digest& digest) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("walk stopped before block {}: more than {} blocks", cid_text(digest), budget));
}

// Collects the vertices that a search discovers.
struct DiscoverVisitor : boost::default_bfs_visitor {
    explicit DiscoverVisitor(std::vector<Digest>& into) : found(&into) {}
    void discover_vertex(const Digest& digest, const StoredDag&) const { found->push_back(digest); }
    std::vector<Digest>* found;
};

bool is_excluded(const WalkOptions& options, const Digest& digest) {
    return options.is_excluded && options.is_excluded(digest);
}

}  // namespace

Status read_commit(BlockSource& source, const Digest& digest, Commit& into) {
    CAIRN_ASSIGN(std::optional<std::string> bytes, source.block(digest));
    if (!bytes) return fail(ErrorCode::not_found, "missing block " + cid_text(digest));
    into.digest = digest;
    into.bytes = std::move(*bytes);
    auto view = decode_block(as_bytes(into.bytes));
    if (!view)
        return fail(view.error().code, fmt::format("block {}: {}", cid_text(digest), view.error().message));
    into.view = std::move(*view);
    return {};
}

std::shared_ptr<const EdgeList> StoredDag::edges_of(const Digest& digest) const {
    if (++read_ > options_.budget) throw GraphFailure{budget_spent(options_.budget, digest).error()};
    Commit commit;
    if (Status read = read_commit(*source_, digest, commit); !read)
        throw GraphFailure{std::move(read).error()};
    auto edges = std::make_shared<EdgeList>();
    const auto add = [&](const Digest& to, DagEdge::Kind kind) {
        if (!cairn::dag::is_excluded(options_, to)) edges->push_back({digest, to, kind});
    };
    for (const Digest& head : commit.view.heads) add(head, DagEdge::Kind::head);
    if (options_.follow == Follow::heads_and_links) {
        for (const NamedLink& link : commit.view.links) add(link.digest, DagEdge::Kind::link);
    }
    return edges;
}

std::pair<EdgeIterator, EdgeIterator> out_edges(const Digest& vertex, const StoredDag& dag) {
    auto edges = dag.edges_of(vertex);
    const std::size_t count = edges->size();
    return {EdgeIterator(edges, 0), EdgeIterator(edges, count)};
}

std::size_t out_degree(const Digest& vertex, const StoredDag& dag) {
    return dag.edges_of(vertex)->size();
}

std::pair<StoredDag::vertex_iterator, StoredDag::vertex_iterator> vertices(const StoredDag& dag) {
    return {dag.vertex_list().begin(), dag.vertex_list().end()};
}

std::pair<EdgeIterator, EdgeIterator> edges(const StoredDag& dag) {
    const DigestSet present(dag.vertex_list().begin(), dag.vertex_list().end());
    auto all = std::make_shared<EdgeList>();
    for (const Digest& vertex : dag.vertex_list()) {
        const auto own = dag.edges_of(vertex);
        for (const DagEdge& edge : *own) {
            if (present.contains(edge.target)) all->push_back(edge);
        }
    }
    const std::size_t count = all->size();
    return {EdgeIterator(all, 0), EdgeIterator(all, count)};
}

std::size_t num_edges(const StoredDag& dag) {
    const auto [first, last] = edges(dag);
    return static_cast<std::size_t>(std::distance(first, last));
}

Result<std::vector<Digest>> ancestors(BlockSource& source, std::span<const Digest> roots,
                                      const WalkOptions& options) {
    try {
        const StoredDag dag(source, options);
        const SparseColorMap colors;
        std::vector<Digest> found;
        for (const Digest& root : roots) {
            if (is_excluded(options, root) || get(colors, root) != boost::white_color) continue;
            boost::queue<Digest> queue;
            boost::breadth_first_visit(dag, root, queue, DiscoverVisitor(found), colors);
        }
        return found;
    } catch (const GraphFailure& failure) {
        return std::unexpected(failure.error);
    }
}

Result<std::vector<Digest>> topological_order(BlockSource& source, std::span<const Digest> roots,
                                              const WalkOptions& options) {
    try {
        const StoredDag dag(source, options);
        const SparseColorMap colors;
        std::vector<Digest> order;
        // Edges lead to what came before, so the order in which vertices are finished has parents first.
        const boost::topo_sort_visitor visitor(std::back_inserter(order));
        for (const Digest& root : roots) {
            if (is_excluded(options, root) || get(colors, root) != boost::white_color) continue;
            boost::depth_first_visit(dag, root, visitor, colors);
        }
        return order;
    } catch (const GraphFailure& failure) {
        return std::unexpected(failure.error);
    } catch (const boost::not_a_dag&) {
        return fail(ErrorCode::corruption, fmt::format("the blocks below {} form a cycle",
                                                       roots.empty() ? "nothing" : cid_text(roots.front())));
    }
}

CommitWalk::CommitWalk(BlockSource& source, std::vector<Digest> heads, CommitWalkOptions options)
    : source_(&source), heads_(std::move(heads)), options_(std::move(options)) {
    if (options_.depth == 0u) options_.depth = 1;
}

std::optional<Digest> CommitWalk::next_digest() {
    if (options_.depth && given_of_head_ >= *options_.depth) stack_.clear();
    if (stack_.empty()) {
        if (next_head_ == heads_.size()) return std::nullopt;
        given_of_head_ = 0;
        return heads_[next_head_++];
    }
    const Digest digest = stack_.back();
    stack_.pop_back();
    return digest;
}

const Commit* CommitWalk::finish() {
    stack_.clear();
    next_head_ = heads_.size();
    return nullptr;
}

Status CommitWalk::load(const Digest& digest) {
    if (++read_ > options_.budget) return budget_spent(options_.budget, digest);
    return read_commit(*source_, digest, current_);
}

Result<const Commit*> CommitWalk::next() {
    while (const std::optional<Digest> digest = next_digest()) {
        if (!seen_.insert(*digest).second) continue;
        if (Status loaded = load(*digest); !loaded) {
            finish();
            return std::unexpected(std::move(loaded).error());
        }
        if (options_.filter && !options_.filter(current_.view)) continue;
        // The last one lies on top and so comes first. What was given already need not wait there.
        for (const Digest& head : current_.view.heads) {
            if (!seen_.contains(head)) stack_.push_back(head);
        }
        ++given_of_head_;
        return &current_;
    }
    return finish();
}

}  // namespace cairn::dag
