// The stored DAG as a Boost.Graph: vertices are digests, out-edges are what a block names in heads and links.
// Nothing is copied into memory first: an edge is read from the store when a search asks for it, so Boost's
// searches, topological sort and DOT writer run on the DAG as it lies on disk.
//
// StoredDag models IncidenceGraph, and over a given set of vertices VertexListGraph and EdgeListGraph.
// Searches on it are iterative (Boost's are), keep a visited set (SparseColorMap) and have a budget. Below
// its classes stand the functions that the store itself uses; they return errors as values, while StoredDag
// throws GraphFailure through Boost's code.
//
// Nothing here is locked: one walk belongs to one thread, and the source must allow the reads.
#pragma once

#include <boost/graph/graph_traits.hpp>
#include <boost/graph/properties.hpp>
#include <boost/iterator/iterator_facade.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "cairn/error.h"
#include "dag/block.h"
#include "dag/cid.h"
#include "dag/limits.h"

namespace cairn::dag {

// Where blocks come from. Implementations return the bytes as stored, or nothing for a digest they do not
// know.
class BlockSource {
  public:
    virtual ~BlockSource() = default;
    virtual Result<std::optional<std::string>> block(const Digest& digest) = 0;
};

// Which edges there are. Links lead from a composite to field blocks and from a collection block to its
// composite.
enum class Follow : std::uint8_t { heads, heads_and_links };

using DigestSet = std::unordered_set<Digest, DigestHash>;
using DigestPredicate = std::function<bool(const Digest&)>;

struct WalkOptions {
    Follow follow = Follow::heads_and_links;
    std::uint64_t budget = limits::kMaxGraphSteps;  // blocks that may be read
    // When given, what it holds for is left out, with everything only reachable through it.
    DigestPredicate is_excluded{};
};

// ---- the Boost.Graph model
// ------------------------------------------------------------------------------------------

struct DagEdge {
    enum class Kind : std::uint8_t { head, link };
    Digest source{};
    Digest target{};
    Kind kind = Kind::head;
    friend bool operator==(const DagEdge&, const DagEdge&) = default;
};

// Carries an error of the source through Boost's algorithms. It is caught in this folder.
struct GraphFailure {
    Error error;
};

using EdgeList = std::vector<DagEdge>;

// An iterator over a shared list of edges: it stays valid however long a search keeps it.
class EdgeIterator
    : public boost::iterator_facade<EdgeIterator, const DagEdge, boost::forward_traversal_tag> {
  public:
    EdgeIterator() = default;
    EdgeIterator(std::shared_ptr<const EdgeList> edges, std::size_t position)
        : edges_(std::move(edges)), position_(position) {}

  private:
    friend class boost::iterator_core_access;
    const DagEdge& dereference() const { return (*edges_)[position_]; }
    void increment() { ++position_; }
    // Only iterators of one range are compared.
    bool equal(const EdgeIterator& other) const { return position_ == other.position_; }

    std::shared_ptr<const EdgeList> edges_;
    std::size_t position_ = 0;
};

class StoredDag {
  public:
    using vertex_descriptor = Digest;
    using edge_descriptor = DagEdge;
    using directed_category = boost::directed_tag;
    using edge_parallel_category = boost::allow_parallel_edge_tag;
    struct traversal_category : boost::incidence_graph_tag,
                                boost::vertex_list_graph_tag,
                                boost::edge_list_graph_tag {};
    using out_edge_iterator = EdgeIterator;
    using degree_size_type = std::size_t;
    using vertex_iterator = std::vector<Digest>::const_iterator;
    using vertices_size_type = std::size_t;
    using edge_iterator = EdgeIterator;
    using edges_size_type = std::size_t;

    // source must outlive the graph. vertices are those that vertices() and edges() give; a search from a
    // vertex needs none.
    StoredDag(BlockSource& source, WalkOptions options, std::vector<Digest> vertices = {})
        : source_(&source), options_(std::move(options)), vertices_(std::move(vertices)) {}

    static Digest null_vertex() { return {}; }

    // Out-edges in stored order, heads first. Throws GraphFailure: not_found for an unknown block,
    // corruption, io, limit_exceeded when the budget is spent.
    std::shared_ptr<const EdgeList> edges_of(const Digest& digest) const;
    const std::vector<Digest>& vertex_list() const { return vertices_; }

  private:
    BlockSource* source_;
    WalkOptions options_;
    std::vector<Digest> vertices_;
    mutable std::uint64_t read_ = 0;
};

std::pair<EdgeIterator, EdgeIterator> out_edges(const Digest& vertex, const StoredDag& dag);
std::size_t out_degree(const Digest& vertex, const StoredDag& dag);
inline Digest source(const DagEdge& edge, const StoredDag&) {
    return edge.source;
}
inline Digest target(const DagEdge& edge, const StoredDag&) {
    return edge.target;
}
std::pair<StoredDag::vertex_iterator, StoredDag::vertex_iterator> vertices(const StoredDag& dag);
inline std::size_t num_vertices(const StoredDag& dag) {
    return dag.vertex_list().size();
}
// Edges whose two ends are both among vertices(). Reads every one of these blocks.
std::pair<EdgeIterator, EdgeIterator> edges(const StoredDag& dag);
std::size_t num_edges(const StoredDag& dag);

// The colours that a search gives to what it has met; everything else is white. Copies share one table.
class SparseColorMap {
  public:
    using key_type = Digest;
    using value_type = boost::default_color_type;
    using reference = boost::default_color_type;
    using category = boost::read_write_property_map_tag;

    friend boost::default_color_type get(const SparseColorMap& map, const Digest& digest) {
        const auto found = map.colors_->find(digest);
        return found == map.colors_->end() ? boost::white_color : found->second;
    }
    friend void put(const SparseColorMap& map, const Digest& digest, boost::default_color_type color) {
        (*map.colors_)[digest] = color;
    }

  private:
    using Table = std::unordered_map<Digest, boost::default_color_type, DigestHash>;
    std::shared_ptr<Table> colors_ = std::make_shared<Table>();
};

// ---- functions of the store
// -----------------------------------------------------------------------------------------

// The roots and everything reachable from them, each once, breadth first. Errors: not_found "missing block
// <cid>", corruption, io, limit_exceeded.
Result<std::vector<Digest>> ancestors(BlockSource& source, std::span<const Digest> roots,
                                      const WalkOptions& options = {});

// The same set in the order in which blocks are applied: every block after what it follows, depth first with
// heads (and links) in stored order (spec section 10.2). Errors: as ancestors, and corruption for a cycle.
Result<std::vector<Digest>> topological_order(BlockSource& source, std::span<const Digest> roots,
                                              const WalkOptions& options = {});

// The DAG below heads in the DOT language: a vertex shows its short CID, kind, field, height and what is
// special about it (deleted, signed, encrypted); edges to heads are solid, to links dashed. Errors: as
// ancestors.
Result<std::string> write_dot(BlockSource& source, std::span<const Digest> heads,
                              const WalkOptions& options = {});

// ---- the walk of commit queries
// -------------------------------------------------------------------------------------

struct Commit {
    Digest digest{};
    std::string bytes{};
    BlockView view{};  // points into bytes
};

struct CommitWalkOptions {
    std::optional<std::uint64_t> depth{};  // at most so many commits of each head; 0 counts as 1
    // When given, a commit for which it does not hold is left out and what is behind it is not visited
    // through it.
    std::function<bool(const BlockView&)> filter{};
    std::uint64_t budget = limits::kMaxGraphSteps;
};

// Gives commits in the order of spec/blocks.md section 13 and spec/query.md section 11.3: for each head, the
// head, then what is behind it, depth first through heads, of several parents the last stored one first. A
// commit that was given is not given again. Reads a block when it is asked for the next one.
class CommitWalk {
  public:
    // source must outlive the walk.
    CommitWalk(BlockSource& source, std::vector<Digest> heads, CommitWalkOptions options = {});
    CommitWalk(const CommitWalk&) = delete;
    CommitWalk& operator=(const CommitWalk&) = delete;

    // The next commit, or null at the end. It stays valid until the next call. Errors: not_found "missing
    // block <cid>", corruption, io, limit_exceeded; after one the walk is at its end.
    Result<const Commit*> next();

  private:
    std::optional<Digest> next_digest();
    Status load(const Digest& digest);
    const Commit* finish();

    BlockSource* source_;
    std::vector<Digest> heads_;
    CommitWalkOptions options_;
    std::size_t next_head_ = 0;
    std::uint64_t given_of_head_ = 0;
    std::uint64_t read_ = 0;
    std::vector<Digest> stack_;
    DigestSet seen_;
    Commit current_;
};

// Reads and decodes one block. Errors: not_found "missing block <cid>", corruption, io.
Status read_commit(BlockSource& source, const Digest& digest, Commit& into);

}  // namespace cairn::dag
