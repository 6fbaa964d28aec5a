// Limits of one request: each at the limit and one past it, cancellation, and what stays after a refusal.
#include "database_fixture.h"
#include "query/stepwise_sort.h"

namespace cairn::test {
namespace {

constexpr std::string_view kSchema =
    "type User { name: String  age: Int  tags: [String!]  books: [Book] }"
    " type Book { title: String  writer: User }";

Options with(const std::function<void(RequestLimits&)>& change) {
    Options options;
    change(options.limits);
    return options;
}

class LimitedTest : public DatabaseTest {
  protected:
    explicit LimitedTest(Options options) : DatabaseTest(kSchema, std::move(options)) {}
    void create_users(int count) {
        for (int i = 0; i < count; ++i) create("User", fmt::format("name: \"{}\"", i));
    }
};

class TokenLimitTest : public LimitedTest {
  protected:
    TokenLimitTest() : LimitedTest(with([](RequestLimits& l) { l.tokens = 8; })) {}
};
TEST_F(TokenLimitTest, AtTheLimitAndOnePast) {
    // { User { name age } } and the end are eight tokens.
    EXPECT_EQ(ask("{ User { name age } }"), json::parse(R"({"data": {"User": []}})"));
    EXPECT_EQ(error("{ User { name age _docID } }"), "too many tokens. Limit: 8, Line: 1, Column: 28");
}

class NestingLimitTest : public LimitedTest {
  protected:
    NestingLimitTest() : LimitedTest(with([](RequestLimits& l) { l.nesting = 5; })) {}
};
TEST_F(NestingLimitTest, AtTheLimitAndOnePast) {
    data("{ User(filter: {_not: {age: {_eq: 1}}}) { name } }");
    EXPECT_TRUE(error("{ User(filter: {_not: {_not: {_not: {age: {_eq: 1}}}}}) { name } }")
                    .starts_with("nesting is too deep. Limit: 5"));
}

class DepthLimitTest : public LimitedTest {
  protected:
    DepthLimitTest() : LimitedTest(with([](RequestLimits& l) { l.selection_depth = 3; })) {}
};
TEST_F(DepthLimitTest, AtTheLimitAndOnePast) {
    data("{ User { books { title } } }");
    const std::string message = "the request has fields nested too deeply. Limit: 3, Actual: 4";
    EXPECT_EQ(error("{ User { books { writer { name } } } }"), message);
    EXPECT_EQ(error("{ User { ...B } } fragment B on User { books { ... on Book { writer { name } } } }"),
              message);
}

class AliasLimitTest : public LimitedTest {
  protected:
    AliasLimitTest() : LimitedTest(with([](RequestLimits& l) { l.aliases = 2; })) {}
};
TEST_F(AliasLimitTest, AtTheLimitAndOnePast) {
    data("{ u: User { n: name } }");
    EXPECT_EQ(error("{ u: User { n: name a: age } }"),
              "the request has too many aliases. Limit: 2, Actual: 3");
    EXPECT_EQ(error("{ User { ...A } Book { writer { ...A } } } fragment A on User { n: name a: age }"),
              "the request has too many aliases. Limit: 2, Actual: 4");
}

class RootFieldLimitTest : public LimitedTest {
  protected:
    RootFieldLimitTest() : LimitedTest(with([](RequestLimits& l) { l.root_fields = 2; })) {}
};
TEST_F(RootFieldLimitTest, AtTheLimitAndOnePast) {
    data("{ User { name age } Book { title } }");
    EXPECT_EQ(error("{ a: User { name } b: User { name } ... on Query { c: User { name } } }"),
              "the request has too many root fields. Limit: 2, Actual: 3");
}

class ListLimitTest : public LimitedTest {
  protected:
    ListLimitTest() : LimitedTest(with([](RequestLimits& l) { l.list_items = 2; })) {}
};
TEST_F(ListLimitTest, InTheText_AtTheLimitAndOnePast) {
    data("mutation { create_User(input: {tags: [\"a\", \"b\"]}) { tags } }");
    EXPECT_TRUE(error("mutation { create_User(input: {tags: [\"a\", \"b\", \"c\"]}) { tags } }")
                    .starts_with("too many items in a list. Limit: 2"));
}
TEST_F(ListLimitTest, InVariables_AtTheLimitAndOnePast) {
    const std::string request = "mutation($t: [String!]) { create_User(input: {tags: $t}) { tags } }";
    data(request, R"({"t": ["a", "b"]})");
    EXPECT_EQ(error(request, R"({"t": ["a", "b", "c"]})"),
              "variables have too many items in a list. Limit: 2");
}

// Several operators on an indexed field: the tightest range is read (spec/query.md 19, Q29).
class IndexRangeTest : public DatabaseTest {
  protected:
    IndexRangeTest()
        : DatabaseTest("type User { name: String  age: Int @index }",
                       with([](RequestLimits& l) { l.rows = 25; })) {
        for (int i = 0; i < 100; ++i) create("User", fmt::format("name: \"{0}\", age: {0}", i));
    }
};
TEST_F(IndexRangeTest, Q29_SeveralOperators_ReadTheTightestRange) {
    const auto count = [&](const std::string& filter) {
        return data(fmt::format("{{ User(filter: {{age: {}}}) {{ name }} }}", filter))["User"].size();
    };
    EXPECT_EQ(count("{_gt: 40, _lt: 46}"), 5U);
    EXPECT_EQ(count("{_lt: 46, _gt: 40}"), 5U);
    EXPECT_EQ(count("{_ge: 90, _lt: 94, _ne: 91, _gt: 3, _le: 99}"), 3U);
    EXPECT_EQ(count("{_gt: 5, _eq: 60}"), 1U);
    EXPECT_EQ(error("{ User(filter: {age: {_gt: 40}}) { name } }"),
              "the request looks at too many rows. Limit: 25")
        << "otherwise the others show nothing";
}

class RowLimitTest : public LimitedTest {
  protected:
    RowLimitTest() : LimitedTest(with([](RequestLimits& l) { l.rows = 3; })) {}
};
TEST_F(RowLimitTest, Scan_AtTheLimitAndOnePast) {
    create_users(3);
    EXPECT_EQ(data("{ User { name } }")["User"].size(), 3u);
    create("User", "name: \"one more\"");
    const std::string message = "the request looks at too many rows. Limit: 3";
    EXPECT_EQ(error("{ User { name } }"), message);
    EXPECT_EQ(error("{ User(filter: {name: {_eq: \"x\"}}, order: {name: ASC}) { name } }"), message);
    EXPECT_EQ(error("{ _count(User: {}) }"), message);
    EXPECT_EQ(data("{ User(limit: 2) { name } }")["User"].size(), 2u);
}
TEST_F(RowLimitTest, History_AtTheLimitAndOnePast) {
    std::string id = create("User", "name: \"a\"");
    update("User", id, "name: \"b\"");
    EXPECT_EQ(data(fmt::format("{{ User(docID: \"{}\") {{ _version {{ cid }} }} }}", id))["User"].size(), 1u);
    update("User", id, "name: \"c\"");
    update("User", id, "name: \"d\"");
    EXPECT_EQ(error(fmt::format("{{ User(docID: \"{}\") {{ _version {{ cid }} }} }}", id)),
              "the request looks at too many rows. Limit: 3");
}
TEST_F(RowLimitTest, Mutation_IsRolledBackWhole) {
    EXPECT_EQ(
        error("mutation { create_User(input: [{name: \"a\"}, {name: \"b\"}, {name: \"c\"}, {name: \"d\"}]) "
              "{ _docID } }"),
        "the request looks at too many rows. Limit: 3");
    EXPECT_EQ(data("{ User { name } }")["User"].size(), 0u);
    EXPECT_EQ(database_.position(), 0u);
}

class ByteLimitTest : public LimitedTest {
  protected:
    // {"User":[{"name":"0"}]} has 23 bytes.
    ByteLimitTest() : LimitedTest(with([](RequestLimits& l) { l.result_bytes = 23; })) {}
};
TEST_F(ByteLimitTest, AtTheLimitAndOnePast) {
    ASSERT_TRUE(database_.create_document("User", R"({"name": "0"})"));
    EXPECT_EQ(data("{ User { name } }"), json::parse(R"({"User": [{"name": "0"}]})"));
    EXPECT_EQ(error("{ User { nameX: name } }"), "the answer is too large. Limit: 23 bytes");
    EXPECT_EQ(error("{ a: User { name } b: User { name } }"), "the answer is too large. Limit: 23 bytes");
}

class TimeLimitTest : public LimitedTest {
  protected:
    TimeLimitTest() : TimeLimitTest(std::make_shared<std::chrono::milliseconds>(0)) {}
    // Each look at the clock moves it on.
    explicit TimeLimitTest(std::shared_ptr<std::chrono::milliseconds> step)
        : LimitedTest([&] {
              Options options = with([](RequestLimits& l) { l.time = std::chrono::milliseconds(10); });
              auto now = std::make_shared<std::chrono::steady_clock::time_point>();
              options.clock = [step, now] { return *now += *step; };
              return options;
          }()),
          step_(std::move(step)) {}
    std::shared_ptr<std::chrono::milliseconds> step_;
};
TEST_F(TimeLimitTest, AtTheLimitAndOnePast) {
    std::string inputs;
    for (int i = 0; i < 600; ++i) inputs += fmt::format("{{name: \"{}\"}} ", i);
    data("mutation { create_User(input: [" + inputs + "]) { _docID } }");
    // 600 rows are three looks: the first begins, two follow.
    *step_ = std::chrono::milliseconds(10);
    EXPECT_EQ(data("{ User(filter: {name: {_eq: \"1\"}}) { name } }")["User"].size(), 1u);
    *step_ = std::chrono::milliseconds(11);
    EXPECT_EQ(error("{ User(filter: {name: {_eq: \"1\"}}) { name } }"),
              "the request takes too long. Limit: 10 ms");
}

class CancelTest : public DatabaseTest {
  protected:
    CancelTest() : DatabaseTest(kSchema) {}
};
TEST_F(CancelTest, StoppedRequest_EndsAndLeavesNothing) {
    std::string inputs;
    for (int i = 0; i < 600; ++i) inputs += fmt::format("{{name: \"{}\"}} ", i);
    std::string create = "mutation { create_User(input: [" + inputs + "]) { _docID } }";
    std::stop_source stop;
    Request request{create, {}, {}};
    request.stop = stop.get_token();
    stop.request_stop();
    EXPECT_EQ(json::parse(database_.execute(request))["errors"][0]["message"], "the request was cancelled");
    EXPECT_EQ(database_.position(), 0u);
    data(create);
    std::string scan = "{ User { name } }";
    request.query = scan;
    EXPECT_EQ(json::parse(database_.execute(request))["errors"][0]["message"], "the request was cancelled");
}

TEST(StepwiseSort, ManyRuns_AreSorted) {
    TemporaryFolder folder;
    auto storage = Storage::open(folder / "s", {});
    ASSERT_TRUE(storage);
    ReadView view(**storage, nullptr, nullptr);
    for (std::size_t size : {std::size_t{0}, query::kSortRun, query::kSortRun + 1, 5 * query::kSortRun + 7}) {
        std::vector<std::uint32_t> items(size);
        std::uint32_t next = 1;
        for (std::uint32_t& item : items) item = next = next * 1664525u + 1013904223u;
        ASSERT_TRUE(query::sort_stepwise(view, items, std::less<>()));
        EXPECT_TRUE(std::is_sorted(items.begin(), items.end()));
    }
}

}  // namespace
}  // namespace cairn::test
