// The pages of connections against lists that are cut by hand.
#include <algorithm>
#include <optional>
#include <random>

#include "connection_fixture.h"
#include "tests/property.h"

namespace cairn::test {
namespace {

// ---- values

TEST_F(ConnectionTest, NotANumberAndNulls_HaveTheirPlaces) {
    for (const char* price : {"nan", "1", "-2.5", "null", "nan", "0", "1e300", "-1e300", "nan", "null"})
        ASSERT_TRUE(database_.create_document(
            "Book", fmt::format("{{\"price\": {}, \"pages\": {}}}", price, ++count_)));
    for (const char* order : {"{price: ASC}", "{price: DESC}", "[{price: DESC}, {pages: ASC}]"}) {
        const json list = data(fmt::format("{{ Book(order: {}) {{ _docID }} }}", order))["Book"];
        for (const char* size : {"first: 1, after", "last: 1, before"}) {
            json walked = json::array();
            std::string place;
            for (bool more = true; more;) {
                const json page =
                    connection(fmt::format("(order: {}, {}: {})", order, size,
                                           place.empty() ? "null" : '"' + place + '"'),
                               "nodes { _docID } pageInfo { hasNextPage hasPreviousPage endCursor }");
                ASSERT_EQ(page["nodes"].size(), 1U);
                place = page["pageInfo"]["endCursor"];
                if (size[0] == 'f') {
                    walked.push_back(page["nodes"][0]);
                    more = page["pageInfo"]["hasNextPage"];
                } else {
                    walked.insert(walked.begin(), page["nodes"][0]);
                    more = page["pageInfo"]["hasPreviousPage"];
                }
            }
            EXPECT_EQ(walked, list) << order << size;
        }
    }
}

TEST_F(ConnectionTest, TextsOfAnyBytes_AreOrderedAndResumed) {
    const std::vector<std::string> texts = {
        "",     "\\u0000", "\\u0000\\u0000",   "\\u0000a", "a",    "a\\u0000", "a\\n",
        "\\\"", "é",       "\xf0\x9f\x98\x80", "\\u00ff",  "\\\\", "Z",        "z"};
    for (const std::string& text : texts)
        ASSERT_TRUE(
            database_.create_document("Book", fmt::format("{{\"title\": \"{0}\", \"scan\": \"\"}}", text)));
    const json list = data("{ Book(order: {title: DESC}) { title } }")["Book"];
    json walked = json::array();
    std::string after = "null";
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const json page = connection(fmt::format("(order: {{title: DESC}}, first: 1, after: {})", after),
                                     "nodes { title } pageInfo { endCursor }");
        walked.push_back(page["nodes"][0]);
        after = fmt::format("\"{}\"", page["pageInfo"]["endCursor"].get<std::string>());
    }
    EXPECT_EQ(walked, list);
}

// More than what is resolved at once.
TEST_F(ConnectionTest, LargePages_AreThoseOfTheList) {
    const std::string shelf = create("Shelf", "label: \"s\"");
    std::string books = "[";
    for (int i = 0; i < 17000; ++i) {
        books += fmt::format(R"({}{{"title": "t{}", "pages": {}{}}})", i == 0 ? "" : ",", i, i % 100,
                             i % 3 == 0 ? fmt::format(R"(, "shelf": "{}")", shelf) : "");
    }
    auto transaction = *database_.begin();
    ASSERT_TRUE(transaction.create_documents("Book", books + "]"));
    ASSERT_TRUE(transaction.commit());
    for (const char* order : {"{}", "[{pages: DESC}]"}) {
        const json list =
            data(fmt::format("{{ Book(order: {}) {{ title shelf {{ label }} }} }}", order))["Book"];
        const json page = connection(fmt::format("(order: {})", order),
                                     "nodes { title shelf { label } } edges { node { title } cursor }");
        EXPECT_EQ(page["nodes"], list);
        ASSERT_EQ(page["edges"].size(), list.size());
        EXPECT_EQ(page["edges"].back()["node"]["title"], list.back()["title"]);
        const json rest =
            connection(fmt::format("(order: {}, after: {})", order, page["edges"][99]["cursor"].dump()),
                       "nodes { title shelf { label } }");
        EXPECT_EQ(rest["nodes"], json(std::vector<json>(list.begin() + 100, list.end())));
    }
}

// ---- against lists cut by hand

// Null, booleans, numbers, texts, others; the order of the store on values of one kind.
int compare_values(const json& a, const json& b) {
    auto rank = [](const json& value) {
        return value.is_null()      ? 0
               : value.is_boolean() ? 1
               : value.is_number()  ? 2
               : value.is_string()  ? 3
                                    : 4;
    };
    if (rank(a) != rank(b)) return rank(a) < rank(b) ? -1 : 1;
    if (rank(a) == 0 || rank(a) == 4) return 0;
    return a < b ? -1 : b < a ? 1 : 0;
}

struct OrderKey {
    std::string field;  // of the book, or of its shelf
    bool of_shelf = false;
    bool descending = false;

    std::string text() const {
        const std::string key = fmt::format("{{{}: {}}}", field, descending ? "DESC" : "ASC");
        return of_shelf ? fmt::format("{{shelf: {}}}", key) : key;
    }
    const json& value(const json& book) const {
        static const json kNull;
        const json& holder = of_shelf ? book["shelf"] : book;
        if (holder.is_null()) return kNull;
        return holder[field];
    }
};

struct Order {
    std::vector<OrderKey> keys;

    std::string text() const {
        std::string text = "[";
        for (const OrderKey& key : keys) text += key.text() + " ";
        return text + "]";
    }
    // As the store has it, the id last.
    int compare(const json& a, const json& b) const {
        for (const OrderKey& key : keys) {
            const int order = compare_values(key.value(a), key.value(b));
            if (order != 0) return key.descending ? -order : order;
        }
        return compare_values(a["_docID"], b["_docID"]);
    }
};

constexpr const char* kBook =
    "_docID title pages price weight lent printed extra tags shelf_id shelf { _docID label floor }";

// A page as its arguments say, of the whole list.
json page_by_hand(const json& list, const Order& order, const json* after, const json* before,
                  std::optional<std::size_t> first, std::optional<std::size_t> last) {
    json nodes = json::array(), info;
    std::size_t from = 0, rest = list.size();
    if (after != nullptr) {
        while (from < list.size() && order.compare(list[from], *after) <= 0) ++from;
    }
    if (before != nullptr) {
        rest = 0;
        while (rest < list.size() && order.compare(list[rest], *before) < 0) ++rest;
    }
    std::size_t end = std::max(from, rest);
    if (first && end - from > *first) end = rest = from + *first;
    if (last && end - from > *last) from = end - *last;
    for (std::size_t i = from; i < end; ++i) nodes.push_back(list[i]);
    return {{"nodes", nodes}, {"next", rest < list.size()}, {"previous", from > 0}, {"total", list.size()}};
}

class RandomPages : public ConnectionTest {
  protected:
    // Few values of each kind, so that there are ties and nulls.
    std::string random_book() {
        std::string input;
        auto add = [&](const char* field, const std::string& value) {
            if (random_() % 4 != 0) input += fmt::format("{}: {} ", field, value);
        };
        add("title", fmt::format("\"t{}\"", random_() % 5));
        add("pages", fmt::format("{}", static_cast<int>(random_() % 7) - 3));
        add("price", fmt::format("{}", static_cast<int>(random_() % 9) / 2.0 - 2));
        add("weight", fmt::format("{}", static_cast<int>(random_() % 5) / 10.0));
        add("lent", random_() % 2 == 0 ? "true" : "false");
        add("printed",
            fmt::format("\"200{}-01-01T00:00:0{}.{}Z\"", random_() % 3, random_() % 2, 1 + random_() % 3));
        const char* extras[] = {"null", "1",     "2.5",    "\"a\"",  "\"b\"",
                                "true", "false", "[1, 2]", "{a: 1}", "{b: 2}"};
        add("extra", extras[random_() % std::size(extras)]);
        add("tags", random_() % 2 == 0 ? "[\"x\"]" : "[\"y\", \"z\"]");
        if (!shelves_.empty() && random_() % 4 != 0)
            input += fmt::format("shelf: \"{}\" ", shelves_[random_() % shelves_.size()]);
        return input;
    }
    // Books that differ in nothing else differ in this; two of one content would be one.
    std::string add_book() {
        return create("Book", random_book() + fmt::format("scan: \"{:08x}\"", ++count_));
    }
    void fill(int shelves, int books) {
        for (int i = 0; i < shelves; ++i)
            shelves_.push_back(create("Shelf", fmt::format("label: \"s{}\", floor: {}", i % 4, i % 3)));
        for (int i = 0; i < books; ++i) add_book();
    }
    Order random_order() {
        const char* fields[] = {"title", "pages",   "price", "weight",   "lent",
                                "extra", "printed", "tags",  "shelf_id", "_docID"};
        Order order;
        for (std::size_t i = random_() % 4; i > 0; --i) {
            const bool of_shelf = random_() % 5 == 0;
            const char* field = of_shelf ? (random_() % 2 == 0 ? "label" : "floor") : fields[random_() % 10];
            order.keys.push_back({field, of_shelf, random_() % 2 == 0});
        }
        return order;
    }
    std::string random_filter() {
        switch (random_() % 6) {
            case 0:
                return fmt::format("{{pages: {{_gt: {}}}}}", static_cast<int>(random_() % 5) - 3);
            case 1:
                return fmt::format("{{shelf: {{floor: {{_eq: {}}}}}}}", random_() % 3);
            case 2:
                return "{_or: [{lent: {_eq: true}}, {shelf: {label: {_ne: \"s1\"}}}]}";
            default:
                return "{}";
        }
    }
    json list_of(const std::string& filter, const Order& order) {
        return data(
            fmt::format("{{ Book(filter: {}, order: {}) {{ {} }} }}", filter, order.text(), kBook))["Book"];
    }
    // A page with its cursors, in the form of page_by_hand.
    json page_of(const json& connection) {
        json nodes = json::array();
        cursors_.clear();
        for (const json& edge : connection["edges"]) {
            nodes.push_back(edge["node"]);
            cursors_.push_back(edge["cursor"]);
        }
        const json& info = connection["pageInfo"];
        EXPECT_EQ(info["startCursor"], cursors_.empty() ? json() : json(cursors_.front()));
        EXPECT_EQ(info["endCursor"], cursors_.empty() ? json() : json(cursors_.back()));
        return {{"nodes", nodes},
                {"next", info["hasNextPage"]},
                {"previous", info["hasPreviousPage"]},
                {"total", connection["totalCount"]}};
    }
    static std::string arguments(const std::string& filter, const Order& order, const std::string& rest) {
        return fmt::format("(filter: {}, order: {}, {})", filter, order.text(), rest);
    }
    static std::string selection() {
        return fmt::format(
            "edges {{ cursor node {{ {} }} }} totalCount "
            "pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}",
            kBook);
    }
    void change_something(std::vector<std::string>& ids) {
        switch (random_() % 3) {
            case 0:
                ids.push_back(add_book());
                break;
            case 1:
                if (ids.size() < 5) break;
                remove("Book", ids[random_() % ids.size()]);
                break;
            default:
                update("Book", ids[random_() % ids.size()], random_book());
        }
    }

    std::mt19937 random_{20240607};
    std::vector<std::string> shelves_, cursors_;
};

TEST_F(RandomPages, AnyArguments_ThePageCutByHand) {
    fill(6, 60);
    for (int round = 0; round < 150 / kPropertyScale; ++round) {
        const Order order = random_order();
        const std::string filter = random_filter();
        SCOPED_TRACE(fmt::format("round {}, order {}, filter {}", round, order.text(), filter));
        const json list = list_of(filter, order);
        // Cursors of documents that the filter need not take.
        const json all = list_of("{}", order);
        ASSERT_EQ(page_of(connection(arguments("{}", order, ""), selection()))["nodes"], all);
        const std::vector<std::string> cursors = cursors_;
        std::string rest;
        const json *after = nullptr, *before = nullptr;
        std::optional<std::size_t> first, last;
        if (random_() % 2 == 0) {
            const std::size_t at = random_() % all.size();
            after = &all[at];
            rest += fmt::format("after: \"{}\" ", cursors[at]);
        }
        if (random_() % 2 == 0) {
            const std::size_t at = random_() % all.size();
            before = &all[at];
            rest += fmt::format("before: \"{}\" ", cursors[at]);
        }
        switch (random_() % 3) {
            case 0:
                rest += fmt::format("first: {}", first.emplace(random_() % 12));
                break;
            case 1:
                rest += fmt::format("last: {}", last.emplace(random_() % 12));
                break;
            default:
                break;
        }
        const json expected = page_by_hand(list, order, after, before, first, last);
        ASSERT_EQ(page_of(connection(arguments(filter, order, rest), selection())), expected) << rest;
        // The same without what else is selected: nothing is guessed.
        ASSERT_EQ(connection(arguments(filter, order, rest), "totalCount"),
                  json({{"totalCount", expected["total"]}}));
        ASSERT_EQ(connection(arguments(filter, order, rest),
                             "pageInfo { hasNextPage hasPreviousPage }")["pageInfo"],
                  json({{"hasNextPage", expected["next"]}, {"hasPreviousPage", expected["previous"]}}))
            << rest;
    }
}

TEST_F(RandomPages, Walks_WhileDocumentsChange_GoOnAtTheirPlaces) {
    fill(4, 30);
    std::vector<std::string> ids;
    for (const json& book : list_of("{}", {})) ids.push_back(book["_docID"]);
    for (int walk = 0; walk < 25 / kPropertyScale; ++walk) {
        const Order order = random_order();
        const std::string filter = random_filter();
        const std::size_t size = 1 + random_() % 7;
        const bool backward = random_() % 2 == 0;
        json place;
        std::string cursor;
        for (int page = 0; page < 20; ++page) {
            SCOPED_TRACE(
                fmt::format("walk {}, page {}, order {}, filter {}", walk, page, order.text(), filter));
            const json list = list_of(filter, order);
            const json* at = cursor.empty() ? nullptr : &place;
            const json expected = backward ? page_by_hand(list, order, nullptr, at, std::nullopt, size)
                                           : page_by_hand(list, order, at, nullptr, size, std::nullopt);
            std::string rest = fmt::format("{}: {}", backward ? "last" : "first", size);
            if (at != nullptr) rest += fmt::format(" {}: \"{}\"", backward ? "before" : "after", cursor);
            ASSERT_EQ(page_of(connection(arguments(filter, order, rest), selection())), expected);
            if (expected["nodes"].empty()) break;
            place = backward ? expected["nodes"].front() : expected["nodes"].back();
            cursor = backward ? cursors_.front() : cursors_.back();
            if (random_() % 3 == 0) {  // the very document that the cursor names
                remove("Book", place["_docID"]);
                std::erase(ids, place["_docID"].get<std::string>());
            }
            for (std::size_t i = random_() % 4; i > 0; --i) change_something(ids);
            std::vector<std::string> left;
            for (const json& book : list_of("{}", {})) left.push_back(book["_docID"]);
            ids = left;
        }
    }
}

TEST_F(RandomPages, Relations_EveryParent_ThePageCutByHand) {
    fill(8, 80);
    const json parents = data("{ Shelf { _docID } }")["Shelf"];
    for (int round = 0; round < 60 / kPropertyScale; ++round) {
        const Order order = random_order();
        const std::string filter = random_filter();
        SCOPED_TRACE(fmt::format("round {}, order {}, filter {}", round, order.text(), filter));
        const json all = list_of("{}", order);
        page_of(connection(arguments("{}", order, ""), selection()));
        const std::size_t at = random_() % all.size();
        std::optional<std::size_t> first, last;
        std::string rest;
        const json* place = random_() % 3 == 0 ? nullptr : &all[at];
        const bool is_after = random_() % 2 == 0;
        if (place != nullptr) rest = fmt::format("{}: \"{}\" ", is_after ? "after" : "before", cursors_[at]);
        if (random_() % 2 == 0) {
            rest += fmt::format("first: {}", first.emplace(random_() % 6));
        } else {
            rest += fmt::format("last: {}", last.emplace(random_() % 6));
        }
        const std::string chosen = arguments(filter, order, rest);
        const json shelves = data(
            fmt::format("{{ Shelf {{ books(filter: {}, order: {}) {{ {} }} books_connection{} {{ {} }} only: "
                        "books_connection{} {{ totalCount }} }} }}",
                        filter, order.text(), kBook, chosen, selection(), chosen))["Shelf"];
        ASSERT_EQ(shelves.size(), parents.size());
        for (const json& shelf : shelves) {
            const json expected = page_by_hand(shelf["books"], order, is_after ? place : nullptr,
                                               is_after ? nullptr : place, first, last);
            ASSERT_EQ(page_of(shelf["books_connection"]), expected) << rest;
            ASSERT_EQ(shelf["only"]["totalCount"], expected["total"]);
        }
    }
}

class OtherRelations : public ConnectionTest {
  protected:
    OtherRelations()
        : ConnectionTest(
              "type Genre { name: String  number: Int @index  books: [Book] }"
              "type Book { title: String  number: Int  genres: [Genre]"
              " like: [Genre] @join(on: \"number\", references: \"number\") }") {}
};

TEST_F(OtherRelations, ManyToManyAndJoins_EveryParent_ThePageCutByHand) {
    std::mt19937 random(5);
    std::vector<std::string> genres;
    for (int i = 0; i < 35; ++i)  // all different
        genres.push_back(create("Genre", fmt::format("name: \"g{}\", number: {}", i % 7, i % 5)));
    for (int i = 0; i < 30; ++i) {
        std::string linked;
        std::shuffle(genres.begin(), genres.end(), random);
        for (std::size_t k = random() % 12; k > 0; --k) linked += fmt::format("\"{}\" ", genres[k]);
        create("Book", fmt::format("title: \"b{}\", number: {}, genres: [{}]", i, i % 6, linked));
    }
    for (const char* relation : {"genres", "like"}) {
        for (const char* order : {"{_docID: ASC}", "[{name: DESC}, {_docID: ASC}]"}) {
            const json books = data(fmt::format(
                "{{ Book {{ {0}(order: {1}) {{ _docID }} {0}_connection(order: {1}, first: 3) {{ totalCount "
                "nodes "
                "{{ _docID }} pageInfo {{ hasNextPage }} }} only: {0}_connection {{ totalCount }} }} }}",
                relation, order))["Book"];
            std::size_t all = 0;
            for (const json& book : books) {
                const std::vector<json> list = book[relation];
                const json& page = book[fmt::format("{}_connection", relation)];
                const std::size_t shown = std::min<std::size_t>(list.size(), 3);
                EXPECT_EQ(page["nodes"], json(std::vector<json>(list.begin(), list.begin() + shown)));
                EXPECT_EQ(page["pageInfo"]["hasNextPage"], list.size() > 3);
                EXPECT_EQ(page["totalCount"], list.size());
                EXPECT_EQ(book["only"]["totalCount"], list.size());
                all += list.size();
            }
            EXPECT_GT(all, 60U) << relation;
        }
    }
}

class IndexedPages : public RandomPages {};

// An index decides which documents are read, not where they stand.
TEST_F(IndexedPages, FiltersAndOrdersOfIndexes_ThePageCutByHand) {
    fill(4, 80);
    Order by_pages{{{"pages", false, true}}};
    const std::string filter = "{title: {_in: [\"t1\", \"t2\"]}}";
    const json before = list_of(filter, by_pages);
    const json by_id = list_of(filter, {});
    for (const char* field : {"title", "pages"}) create_index(field);
    for (const auto& [order, list] : {std::pair(by_pages, before), std::pair(Order{}, by_id)}) {
        json walked = json::array();
        std::string rest = "first: 5";
        for (bool more = true; more;) {
            const json page = page_of(connection(arguments(filter, order, rest), selection()));
            EXPECT_EQ(page["total"], list.size());
            for (const json& node : page["nodes"]) walked.push_back(node);
            more = page["next"];
            rest = fmt::format("first: 5, after: \"{}\"", cursors_.back());
        }
        EXPECT_EQ(walked, list);
    }
}

// Pages in the order of an index are read from it.
TEST_F(IndexedPages, OrdersOfIndexes_AnyCursors_ThePageCutByHand) {
    fill(4, 80);
    const std::vector<std::vector<IndexField>> indexes = {
        {{"title", false}},   {{"pages", true}}, {{"price", false}},    {{"weight", true}},
        {{"printed", false}}, {{"lent", true}},  {{"shelf_id", false}}, {{"title", true}, {"pages", false}}};
    for (const auto& fields : indexes) create_index(fields);
    std::vector<json> all = list_of("{}", {});
    for (int round = 0; round < 300 / kPropertyScale; ++round) {
        Order order;
        const bool turned = random_() % 2 == 0;
        for (const IndexField& field : indexes[random_() % indexes.size()])
            order.keys.push_back({field.name, false, field.descending != turned});
        if (random_() % 3 == 0) order.keys.push_back({"_docID", false, random_() % 2 == 0});
        std::sort(all.begin(), all.end(),
                  [&](const json& a, const json& b) { return order.compare(a, b) < 0; });
        ASSERT_EQ(page_of(connection(fmt::format("(order: {})", order.text()), selection()))["nodes"],
                  json(all));
        const std::vector<std::string> cursors = cursors_;
        const std::size_t low = random_() % all.size(), high = random_() % all.size();
        const json* after = random_() % 3 == 0 ? nullptr : &all[low];
        const json* before = random_() % 3 == 0 ? nullptr : &all[high];
        const std::size_t size = random_() % 12;
        const bool backward = random_() % 2 == 0;
        std::string rest = fmt::format("{}: {}", backward ? "last" : "first", size);
        if (after != nullptr) rest += fmt::format(" after: \"{}\"", cursors[low]);
        if (before != nullptr) rest += fmt::format(" before: \"{}\"", cursors[high]);
        SCOPED_TRACE(fmt::format("round {}, order {}, {}", round, order.text(), rest));
        ASSERT_EQ(page_of(connection(fmt::format("(order: {}, {})", order.text(), rest), selection())),
                  backward ? page_by_hand(all, order, after, before, std::nullopt, size)
                           : page_by_hand(all, order, after, before, size, std::nullopt));
    }
}

class FewRows : public ConnectionTest {
  protected:
    static constexpr std::size_t kBooks = 600, kRows = 40;
    static Options few() {
        Options options;
        options.limits.rows = kRows;
        return options;
    }
    FewRows()
        : ConnectionTest(
              "type Book { number: Int @index  kind: Int @index  other: Int @index(direction: DESC) }",
              few()) {
        std::string books = "[";
        for (std::size_t i = 0; i < kBooks; ++i) {
            books += fmt::format("{}{{\"number\": {}, \"kind\": 1, \"other\": {}}}",
                                 books.back() == '[' ? "" : ",", i, i % 2);
            if ((i + 1) % 20 != 0) continue;
            auto transaction = *database_.begin();
            EXPECT_TRUE(transaction.create_documents("Book", books + "]"));
            EXPECT_TRUE(transaction.commit());
            books = "[";
        }
    }
};

// However many documents there are, a page costs what is on it: in either direction, and among many of one
// value where ties come in the order of the index.
TEST_F(FewRows, PagesOfAnIndex_LookAtLittleMoreThanThePage) {
    for (const char* order : {"{number: ASC}", "{number: DESC}", "{kind: ASC}", "{other: DESC}",
                              "[{kind: DESC}, {_docID: DESC}]"}) {
        for (const auto& [size, from] : {std::pair("first", "after"), std::pair("last", "before")}) {
            std::string cursor;
            for (int page = 0; page < 3; ++page) {
                const std::string place = cursor.empty() ? "" : fmt::format(", {}: \"{}\"", from, cursor);
                const json read = connection(
                    fmt::format("(order: {}, {}: 5{})", order, size, place),
                    "nodes { number } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }");
                ASSERT_EQ(read["nodes"].size(), 5U) << order << place;
                const bool backward = std::string_view(size) == "last";
                EXPECT_EQ(read["pageInfo"]["hasNextPage"], !backward || page > 0);
                EXPECT_EQ(read["pageInfo"]["hasPreviousPage"], backward || page > 0);
                cursor = read["pageInfo"][backward ? "startCursor" : "endCursor"];
            }
        }
    }
    EXPECT_NE(
        error("{ Book_connection(order: {kind: DESC}, first: 5) { nodes { number } } }").find("Limit: 40"),
        std::string::npos);
}

class OneValue : public IndexedPages {};

// Where ties stand against the index and are too many, all documents are sorted.
TEST_F(OneValue, ManyTiesAgainstTheIndex_ThePageCutByHand) {
    std::string books = "[";
    for (int i = 0; i < 400; ++i)
        books += fmt::format("{}{{\"title\": \"t\", \"scan\": \"{:04x}\", \"pages\": {}}}", i == 0 ? "" : ",",
                             i, i % 50);
    auto transaction = *database_.begin();
    ASSERT_TRUE(transaction.create_documents("Book", books + "]"));
    ASSERT_TRUE(transaction.commit());
    for (const char* field : {"title", "pages"}) create_index(field);
    for (const char* field : {"title", "pages"}) {
        const Order order{{{field, false, true}}};
        const json all = page_of(connection(fmt::format("(order: {})", order.text()), selection()))["nodes"];
        ASSERT_EQ(all.size(), 400U);
        const std::string after = cursors_[120];
        EXPECT_EQ(
            page_of(connection(fmt::format("(order: {}, first: 20, after: \"{}\")", order.text(), after),
                               selection())),
            page_by_hand(all, order, &all[120], nullptr, 20, std::nullopt));
    }
}

}  // namespace
}  // namespace cairn::test
