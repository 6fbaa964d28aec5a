// write_dot of dag/graph.h: the labels, and Boost's writer.
#include <fmt/format.h>

#include <boost/graph/graphviz.hpp>
#include <boost/property_map/function_property_map.hpp>
#include <sstream>

#include "dag/graph.h"

namespace cairn::dag {
namespace {

constexpr std::size_t kShortCidBytes = 8;  // of the end of the text, where CIDs differ

// Text inside quotes of the DOT language. Bytes that no terminal should see become question marks.
std::string quoted(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '"' || c == '\\') out.push_back('\\');
        out.push_back(static_cast<unsigned char>(c) < 0x20 ? '?' : c);
    }
    return out;
}

std::string label(const Commit& commit) {
    const BlockView& view = commit.view;
    const std::string cid = Cid{Codec::dag_cbor, commit.digest}.text();
    std::string text = fmt::format("…{}\\n", std::string_view(cid).substr(cid.size() - kShortCidBytes));
    switch (view.kind) {
        case DeltaKind::lww:
            text += fmt::format("lww {}", quoted(view.field_name));
            break;
        case DeltaKind::counter:
            text += fmt::format("counter {}", quoted(view.field_name));
            break;
        case DeltaKind::composite:
            text += "composite";
            break;
        case DeltaKind::collection:
            text += "collection";
            break;
    }
    text += fmt::format("\\nheight {}", view.priority);
    if (view.kind == DeltaKind::composite && view.status == kStatusDeleted) text += "\\ndeleted";
    if (view.signature) text += "\\nsigned";
    if (view.encryption) text += "\\nencrypted";
    return text;
}

std::string_view shape(DeltaKind kind) {
    switch (kind) {
        case DeltaKind::lww:
        case DeltaKind::counter:
            return "ellipse";
        case DeltaKind::composite:
            return "box";
        case DeltaKind::collection:
            return "folder";
    }
    return "ellipse";
}

struct VertexWriter {
    void operator()(std::ostream& out, const Digest& digest) const {
        Commit commit;
        if (Status read = read_commit(*source, digest, commit); !read)
            throw GraphFailure{std::move(read).error()};
        const bool deleted = commit.view.kind == DeltaKind::composite && commit.view.status == kStatusDeleted;
        out << fmt::format("[label=\"{}\", shape={}{}]", label(commit), shape(commit.view.kind),
                           deleted ? ", style=filled, fillcolor=lightgrey" : "");
    }
    BlockSource* source;
};

struct EdgeWriter {
    void operator()(std::ostream& out, const DagEdge& edge) const {
        out << (edge.kind == DagEdge::Kind::head ? "[style=solid]" : "[style=dashed, arrowhead=empty]");
    }
};

struct GraphWriter {
    void operator()(std::ostream& out) const { out << "rankdir=BT;\nnode [fontname=\"monospace\"];\n"; }
};

}  // namespace

Result<std::string> write_dot(BlockSource& source, std::span<const Digest> heads,
                              const WalkOptions& options) {
    CAIRN_ASSIGN(std::vector<Digest> found, ancestors(source, heads, options));
    try {
        const StoredDag dag(source, options, std::move(found));
        std::ostringstream out;
        const auto id = boost::make_function_property_map<Digest>(
            [](const Digest& digest) { return Cid{Codec::dag_cbor, digest}.text(); });
        boost::write_graphviz(out, dag, VertexWriter{&source}, EdgeWriter{}, GraphWriter{}, id);
        return std::move(out).str();
    } catch (const GraphFailure& failure) {
        return std::unexpected(failure.error);
    }
}

}  // namespace cairn::dag
