#include "dag/graph.h"

#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/depth_first_search.hpp>
#include <boost/graph/graph_concepts.hpp>
#include <boost/graph/topological_sort.hpp>
#include <iostream>
#include <map>
#include <random>
#include <set>

#include "memory_blocks.h"
#include "tests/property.h"

namespace cairn::dag::test {
namespace {

BOOST_CONCEPT_ASSERT((boost::IncidenceGraphConcept<StoredDag>));
BOOST_CONCEPT_ASSERT((boost::VertexListGraphConcept<StoredDag>));
BOOST_CONCEPT_ASSERT((boost::EdgeListGraphConcept<StoredDag>));
BOOST_CONCEPT_ASSERT((boost::ReadWritePropertyMapConcept<SparseColorMap, Digest>));

const WalkOptions kHeadsOnly{.follow = Follow::heads};

// name and age are written, then changed on two sides, then joined.
struct Diamond {
    MemoryBlocks store;
    Digest name = store.field({}, "name",
                              "\x61"
                              "a");
    Digest age = store.field({}, "age", "\x15");
    Digest root = store.composite({}, {{name, "name"}, {age, "age"}});
    Digest age_left = store.field({age}, "age", "\x16");
    Digest age_right = store.field({age}, "age", "\x17");
    Digest left = store.composite({root}, {{age_left, "age"}});
    Digest right = store.composite({root}, {{age_right, "age"}});
    Digest age_top = store.field({age_left, age_right}, "age", "\x18");
    Digest top = store.composite({left, right}, {{age_top, "age"}});
    // In the order in which top stores them.
    Digest first = store.view(top).heads[0];
    Digest last = store.view(top).heads[1];
};

std::size_t position(const std::vector<Digest>& order, const Digest& digest) {
    return static_cast<std::size_t>(std::find(order.begin(), order.end(), digest) - order.begin());
}

// Every block once, after everything it names.
void expect_parents_first(const MemoryBlocks& store, const std::vector<Digest>& order, bool links) {
    std::set<Digest> seen;
    for (const Digest& digest : order) {
        const BlockView view = store.view(digest);
        for (const Digest& head : view.heads) EXPECT_TRUE(seen.contains(head));
        for (const NamedLink& link : view.links) EXPECT_TRUE(!links || seen.contains(link.digest));
        EXPECT_TRUE(seen.insert(digest).second);
    }
}

std::vector<Digest> drain(CommitWalk& walk) {
    std::vector<Digest> given;
    for (;;) {
        const auto commit = walk.next();
        if (!commit) throw std::runtime_error(commit.error().message);
        if (*commit == nullptr) return given;
        EXPECT_EQ((*commit)->view, decode_block(as_bytes((*commit)->bytes)).value());
        given.push_back((*commit)->digest);
    }
}

std::vector<Digest> walk(BlockSource& source, std::vector<Digest> heads, CommitWalkOptions options = {}) {
    CommitWalk commits(source, std::move(heads), std::move(options));
    return drain(commits);
}

TEST(StoredDag, BoostsAlgorithms_RunOnTheStoreItself) {
    Diamond dag;
    const auto all = ancestors(dag.store, std::vector{dag.top}).value();
    const StoredDag graph(dag.store, {}, all);
    EXPECT_EQ(9u, num_vertices(graph));
    EXPECT_EQ(4u + 4u + 5u, num_edges(graph));  // heads of composites, of fields, links
    std::vector<Digest> order;
    boost::topological_sort(graph, std::back_inserter(order), boost::color_map(SparseColorMap()));
    EXPECT_EQ(9u, order.size());
    expect_parents_first(dag.store, order, true);
}

TEST(Ancestors, Diamond_IsFoundBreadthFirstEachOnce) {
    Diamond dag;
    const auto heads = ancestors(dag.store, std::vector{dag.top}, kHeadsOnly).value();
    EXPECT_EQ((std::vector{dag.top, dag.first, dag.last, dag.root}), heads);
    EXPECT_EQ(9u, ancestors(dag.store, std::vector{dag.top, dag.age, dag.top}).value().size());
    EXPECT_TRUE(ancestors(dag.store, {}).value().empty());
}

TEST(Ancestors, EveryBlock_IsReadOnce) {
    Diamond dag;
    ASSERT_TRUE(ancestors(dag.store, std::vector{dag.top, dag.left}));
    EXPECT_EQ(9, dag.store.reads);
}

TEST(Ancestors, ExcludedBlocks_CutTheWalk) {
    Diamond dag;
    WalkOptions options = kHeadsOnly;
    options.is_excluded = [&](const Digest& digest) { return digest == dag.root; };
    EXPECT_EQ(3u, ancestors(dag.store, std::vector{dag.top}, options).value().size());
    EXPECT_TRUE(ancestors(dag.store, std::vector{dag.root}, options).value().empty());
}

TEST(Ancestors, MissingBlock_IsNamed) {
    Diamond dag;
    dag.store.blocks.erase(dag.root);
    const auto found = ancestors(dag.store, std::vector{dag.top});
    ASSERT_FALSE(found);
    EXPECT_EQ(ErrorCode::not_found, found.error().code);
    EXPECT_EQ("missing block " + cid_text(dag.root), found.error().message);
}

TEST(Ancestors, ErrorOfTheSource_ComesThrough) {
    Diamond dag;
    dag.store.failing = dag.age;
    EXPECT_EQ(ErrorCode::io, ancestors(dag.store, std::vector{dag.top}).error().code);
    EXPECT_EQ(ErrorCode::io, topological_order(dag.store, std::vector{dag.top}).error().code);
    EXPECT_EQ(ErrorCode::io, write_dot(dag.store, std::vector{dag.top}).error().code);
}

TEST(Ancestors, UnreadableBlock_IsNamed) {
    Diamond dag;
    dag.store.blocks[dag.root] = "\xf6";
    const auto found = ancestors(dag.store, std::vector{dag.top});
    ASSERT_FALSE(found);
    EXPECT_EQ(ErrorCode::corruption, found.error().code);
    EXPECT_TRUE(found.error().message.starts_with("block " + cid_text(dag.root)));
}

TEST(Ancestors, Budget_IsTakenAtItAndRefusedPastIt) {
    Diamond dag;
    WalkOptions options{.budget = 9};
    EXPECT_TRUE(ancestors(dag.store, std::vector{dag.top}, options));
    EXPECT_TRUE(topological_order(dag.store, std::vector{dag.top}, options));
    options.budget = 8;
    EXPECT_EQ(ErrorCode::limit_exceeded, ancestors(dag.store, std::vector{dag.top}, options).error().code);
    EXPECT_EQ(ErrorCode::limit_exceeded,
              topological_order(dag.store, std::vector{dag.top}, options).error().code);
}

TEST(TopologicalOrder, Diamond_HasParentsFirstAndHeadsInStoredOrder) {
    Diamond dag;
    EXPECT_EQ((std::vector{dag.root, dag.first, dag.last, dag.top}),
              topological_order(dag.store, std::vector{dag.top}, kHeadsOnly).value());
    const auto all = topological_order(dag.store, std::vector{dag.left, dag.top}).value();
    EXPECT_EQ(9u, all.size());
    expect_parents_first(dag.store, all, true);
    EXPECT_LT(position(all, dag.left), position(all, dag.top));
}

TEST(TopologicalOrder, Cycle_IsCorruption) {
    // Hashing forbids one, but a broken source may show it: what is stored under first names top.
    Diamond dag;
    BlockView forged = dag.store.make(DeltaKind::composite, {dag.top});
    dag.store.blocks[dag.first] = encoded(forged);
    const auto order = topological_order(dag.store, std::vector{dag.top}, kHeadsOnly);
    ASSERT_FALSE(order);
    EXPECT_EQ(ErrorCode::corruption, order.error().code);
    EXPECT_TRUE(ancestors(dag.store, std::vector{dag.top}, kHeadsOnly));  // the visited set ends it
}

TEST(DeepChain, AllWalks_AreIterative) {
    MemoryBlocks store;
    constexpr std::size_t kDepth = 200'000;
    BlockView block = store.make(DeltaKind::composite, {});
    Digest head = store.put(block);
    for (std::size_t i = 1; i < kDepth; ++i) {
        block.heads = {head};
        block.priority = i + 1;
        head = store.put(block);
    }
    EXPECT_EQ(kDepth, ancestors(store, std::vector{head}).value().size());
    const auto order = topological_order(store, std::vector{head}).value();
    EXPECT_EQ(kDepth, order.size());
    EXPECT_EQ(head, order.back());
    EXPECT_EQ(kDepth, walk(store, {head}).size());
}

TEST(CommitWalk, Diamond_TakesTheLastStoredParentFirst) {
    Diamond dag;
    EXPECT_EQ((std::vector{dag.top, dag.last, dag.root, dag.first}), walk(dag.store, {dag.top}));
}

TEST(CommitWalk, SeveralHeads_GiveEveryCommitOnce) {
    Diamond dag;
    EXPECT_EQ((std::vector{dag.left, dag.root, dag.right}), walk(dag.store, {dag.left, dag.right, dag.left}));
}

TEST(CommitWalk, Depth_CountsCommitsOfEachHead) {
    Diamond dag;
    EXPECT_EQ((std::vector{dag.top}), walk(dag.store, {dag.top}, {.depth = 1}));
    EXPECT_EQ((std::vector{dag.top}), walk(dag.store, {dag.top}, {.depth = 0}));
    EXPECT_EQ((std::vector{dag.top, dag.last, dag.root}), walk(dag.store, {dag.top}, {.depth = 3}));
    EXPECT_EQ((std::vector{dag.left, dag.right}), walk(dag.store, {dag.left, dag.right}, {.depth = 1}));
    EXPECT_EQ((std::vector{dag.left, dag.root, dag.right}),
              walk(dag.store, {dag.left, dag.right}, {.depth = 2}));
}

TEST(CommitWalk, Filter_CutsTheChain) {
    Diamond dag;
    const auto below_top = [](const BlockView& view) { return view.priority != 2; };
    EXPECT_EQ((std::vector{dag.top}), walk(dag.store, {dag.top}, {.filter = below_top}));
    const auto of_age = [](const BlockView& view) { return view.field_name == "age"; };
    EXPECT_EQ(4u, walk(dag.store, {dag.age_top, dag.top}, {.filter = of_age}).size());
}

TEST(CommitWalk, ErrorsAndBudget_EndTheWalk) {
    Diamond dag;
    CommitWalk limited(dag.store, {dag.top}, {.budget = 1});
    EXPECT_TRUE(limited.next());
    EXPECT_EQ(ErrorCode::limit_exceeded, limited.next().error().code);
    EXPECT_EQ(nullptr, limited.next().value());
    dag.store.blocks.erase(dag.root);
    CommitWalk broken(dag.store, {dag.left});
    EXPECT_TRUE(broken.next());
    EXPECT_EQ("missing block " + cid_text(dag.root), broken.next().error().message);
    EXPECT_EQ(nullptr, broken.next().value());
}

// The commits of a vector answer in order, for those that list CIDs.
std::vector<std::string> recorded_order(const Json& rows) {
    std::vector<std::string> cids;
    for (const Json& row : rows) cids.push_back(row["cid"]);
    return cids;
}

std::vector<std::string> texts(const std::vector<Digest>& digests) {
    std::vector<std::string> cids;
    for (const Digest& digest : digests) cids.push_back(cid_text(digest));
    return cids;
}

TEST(CommitWalkVectors, CommitsView_HasTheRecordedOrder) {
    const Json file = load_vectors("commits_view.json");
    MemoryBlocks store = load_blocks(file);
    const std::vector<std::string> all = recorded_order(file["cases"][0]["answer"]["commits"]);
    ASSERT_EQ(store.blocks.size(), all.size());
    // The heads of the document, in the order of the head store, are what nothing names as head; the first
    // commit of each chain in the answer is one.
    std::set<Digest> followed;
    for (const auto& [digest, bytes] : store.blocks) {
        for (const Digest& head : store.view(digest).heads) followed.insert(head);
    }
    std::vector<Digest> heads;
    for (const std::string& cid : all) {
        if (!followed.contains(digest_of(cid))) heads.push_back(digest_of(cid));
    }
    EXPECT_EQ(all, texts(walk(store, heads)));
    const auto answer = [&](std::size_t i) { return recorded_order(file["cases"][i]["answer"]["commits"]); };
    const auto kind_is = [](DeltaKind kind) {
        return [kind](const BlockView& view) { return view.kind == kind; };
    };
    EXPECT_EQ(answer(1), texts(walk(store, heads, {.filter = kind_is(DeltaKind::composite)})));
    EXPECT_EQ(answer(2), texts(walk(store, heads,
                                    {.filter = [](const BlockView& v) { return v.field_name == "age"; }})));
    EXPECT_EQ(answer(3), texts(walk(store, heads, {.depth = 1, .filter = kind_is(DeltaKind::composite)})));
    EXPECT_EQ(answer(4), texts(walk(store, heads, {.depth = 2})));
}

// The answers of whole `commits` queries after the steps of a vector case, each with the head store of its
// time.
int check_walks_of_steps(const Json& vector) {
    int count = 0;
    std::map<std::string, MemoryBlocks> nodes;
    for (const Json& step : vector["steps"]) {
        MemoryBlocks& store = nodes[step.value("node", "")];
        for_each_block(vector, [&](const Json& block) { store.put(unhex(block["hex"].get<std::string>())); });
        if (!step.contains("state") || !step["state"].is_object() || !step["state"].contains("commits"))
            continue;
        if (!step.contains("heads") || !step["heads"].is_array()) continue;
        const bool only_collections =
            vector["stateQuery"].get<std::string>().find("commits(fieldName: null)") != std::string::npos;
        std::vector<std::string> keys;
        for (const Json& head : step["heads"]) keys.push_back(head["key"]);
        std::sort(keys.begin(), keys.end());
        std::vector<Digest> heads;
        for (const std::string& key : keys) {
            if (!only_collections || key.starts_with("/c/"))
                heads.push_back(digest_of(key.substr(key.rfind('/') + 1)));
        }
        EXPECT_EQ(recorded_order(step["state"]["commits"]), texts(walk(store, heads))) << vector["name"];
        ++count;
    }
    return count;
}

TEST(CommitWalkVectors, StatesOfAllFiles_HaveTheRecordedOrder) {
    int total = 0;
    for (const std::string& name : vector_files()) {
        const Json file = load_vectors(name);
        int count = 0;
        for (const Json& vector : file["cases"]) {
            if (vector.contains("steps") && vector.contains("stateQuery"))
                count += check_walks_of_steps(vector);
        }
        if (count > 0) std::cout << "  " << name << ": " << count << " walks\n";
        total += count;
    }
    EXPECT_EQ(44, total);
}

TEST(WriteDot, Diamond_ShowsKindsHeightsAndBothKindsOfEdges) {
    Diamond dag;
    BlockView deleted = dag.store.make(DeltaKind::composite, {dag.top});
    deleted.status = kStatusDeleted;
    deleted.signature = Digest{1};
    deleted.encryption = Digest{2};
    const Digest head = dag.store.put(deleted);
    const std::string dot = write_dot(dag.store, std::vector{head}).value();
    const auto count = [&](std::string_view part) {
        int found = 0;
        for (std::size_t at = dot.find(part); at != std::string::npos; at = dot.find(part, at + 1)) ++found;
        return found;
    };
    EXPECT_TRUE(dot.starts_with("digraph G {"));
    EXPECT_EQ(10, count("[label="));
    EXPECT_EQ(1 + 4 + 4, count("[style=solid]"));
    EXPECT_EQ(5, count("[style=dashed"));
    EXPECT_EQ(1, count("composite\\nheight 4\\ndeleted\\nsigned\\nencrypted"));
    EXPECT_EQ(1, count("lww name\\nheight 1"));
    EXPECT_EQ(1, count("…" + cid_text(dag.top).substr(51)));
    EXPECT_EQ(1, count(cid_text(head) + "->" + cid_text(dag.top)));
    const std::string heads_only = write_dot(dag.store, std::vector{head}, kHeadsOnly).value();
    EXPECT_EQ(std::string::npos, heads_only.find("dashed"));
}

TEST(WriteDot, NamesFromOutside_AreQuoted) {
    MemoryBlocks store;
    const Digest field = store.field({}, "a\"];\n\\x", "\x15");
    const std::string dot = write_dot(store, std::vector{field}).value();
    EXPECT_NE(std::string::npos, dot.find("lww a\\\"];?\\\\x\\nheight")) << dot;
}

TEST(Walks, RandomDags_AgreeWithEachOther) {
    cairn::test::check_property(2'000, 30, [] {
        MemoryBlocks store;
        std::vector<Digest> made;
        std::mt19937 random(cairn::test::any_number<std::uint32_t>());
        const std::size_t count = 1 + cairn::test::any_number<std::uint8_t>() % 30;
        for (std::size_t i = 0; i < count; ++i) {
            std::set<Digest> heads;
            for (std::size_t j = random() % 4; j > 0 && !made.empty(); --j)
                heads.insert(made[random() % made.size()]);
            const std::string data = std::to_string(i);
            made.push_back(store.field({heads.begin(), heads.end()}, "f", data));
        }
        const std::vector<Digest> roots{made.back(), made[random() % made.size()]};
        const auto found = ancestors(store, roots).value();
        const auto order = topological_order(store, roots).value();
        const auto given = walk(store, roots);
        expect_parents_first(store, order, true);
        const std::set<Digest> set(found.begin(), found.end());
        RC_ASSERT(set.size() == found.size());
        RC_ASSERT(set == std::set<Digest>(order.begin(), order.end()));
        RC_ASSERT(set == std::set<Digest>(given.begin(), given.end()));
        RC_ASSERT(given.size() == found.size());
    });
}

}  // namespace
}  // namespace cairn::dag::test
