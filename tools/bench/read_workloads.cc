// point, scan, filter, group, top10, m2o, o2m, child: on stores that were loaded once.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "bench/workloads.h"

namespace cairn::bench {

namespace {

constexpr std::size_t kLookups = 20000;

// Rows in an answer of either side: every selected object has the key.
std::size_t rows_in(const std::string& answer, const std::string& key) {
    const std::string text = fmt::format("\"{}\":", key);
    std::size_t rows = 0;
    for (std::size_t at = answer.find(text); at != std::string::npos;
         at = answer.find(text, at + text.size()))
        ++rows;
    return rows;
}

void check_rows(const std::string& ours, const std::string& rival, const std::string& key = "name") {
    const std::size_t our_rows = rows_in(ours, key);
    const std::size_t rival_rows = rows_in(rival, key);
    if (our_rows != rival_rows || our_rows == 0) {
        throw std::runtime_error(fmt::format("{} rows, but the rival has {}", our_rows, rival_rows));
    }
}

Sample point_round(Bench& bench, Values values) {
    CairnStore& cairn = bench.cairn();
    SqliteStore& sqlite = bench.sqlite();
    const std::size_t authors = bench.data().authors.size();
    std::string ours_answer;
    std::string rival_answer;
    Sample sample = bench.in_turn(
        [&] {
            return time_us([&] {
                for (std::size_t i = 0; i < kLookups; ++i)
                    ours_answer = cairn.author_by_id(i * 7919 % authors, values);
            });
        },
        [&] {
            return time_us([&] {
                for (std::size_t i = 0; i < kLookups; ++i)
                    rival_answer = sqlite.author_by_id(i * 7919 % authors);
            });
        });
    check_rows(ours_answer, rival_answer);
    sample.us /= static_cast<double>(kLookups);
    sample.rival_us /= static_cast<double>(kLookups);
    return sample;
}

// One request on either side; `parameter`, when given, is the value of the only variable ($value) and of the
// only ?.
struct ReadPair {
    std::string request;
    std::string sql;
    std::size_t repeats = 1;  // per round
    std::string parameter;
    std::string key = "name";  // in every row of the answers
};

Sample read_round(Bench& bench, const ReadPair& pair) {
    CairnStore& cairn = bench.cairn();
    SqliteStore& sqlite = bench.sqlite();
    const std::string variables =
        pair.parameter.empty() ? "" : fmt::format(R"({{"value":"{}"}})", pair.parameter);
    std::string ours_answer;
    std::string rival_answer;
    Sample sample = bench.in_turn(
        [&] {
            return time_us([&] {
                for (std::size_t i = 0; i < pair.repeats; ++i)
                    ours_answer = cairn.run(pair.request, variables);
            });
        },
        [&] {
            return time_us([&] {
                for (std::size_t i = 0; i < pair.repeats; ++i)
                    rival_answer = sqlite.answer(pair.sql, pair.parameter);
            });
        });
    check_rows(ours_answer, rival_answer, pair.key);
    sample.us /= static_cast<double>(pair.repeats);
    sample.rival_us /= static_cast<double>(pair.repeats);
    return sample;
}

Workload read_workload(std::string id, ReadPair pair) {
    return {std::move(id), "answer", "SQLite", [pair](Bench& bench) { return read_round(bench, pair); }, {}};
}

}  // namespace

std::vector<Workload> read_workloads() {
    const auto point = [](std::string id, Values values) {
        return Workload{std::move(id),
                        "request",
                        "SQLite",
                        [values](Bench& bench) { return point_round(bench, values); },
                        {}};
    };
    return {
        point("point", Values::variables),
        point("point_literal", Values::literals),
        read_workload(
            "scan",
            {"query { Book { name genre pages } }",
             "SELECT json_group_array(json_object('name', name, 'genre', genre, 'pages', pages)) FROM book",
             10,
             {}}),
        read_workload(
            "filter",
            {"query($value: String) { Book(filter: {genre: {_eq: $value}}) { name genre pages } }",
             "SELECT json_group_array(json_object('name', name, 'genre', genre, 'pages', pages)) FROM book "
             "WHERE genre = ?",
             30, genre_name(7)}),
        read_workload(
            "group",
            {"query { Book(groupBy: [genre]) { genre _sum(_group: {field: pages}) _count(_group: {}) } }",
             "SELECT json_group_array(json_object('genre', genre, '_sum', s, '_count', n)) FROM "
             "(SELECT genre, sum(pages) AS s, count(*) AS n FROM book GROUP BY genre)",
             15,
             {},
             "genre"}),
        read_workload("top10", {"query { Book(order: {pages: DESC}, limit: 10) { name pages } }",
                                "SELECT json_group_array(json_object('name', name, 'pages', pages)) FROM "
                                "(SELECT name, pages FROM book ORDER BY pages DESC LIMIT 10)",
                                30,
                                {}}),
        read_workload(
            "m2o",
            {"query { Book { name author { name } } }",
             "SELECT json_group_array(json_object('name', b.name, 'author', json_object('name', a.name))) "
             "FROM book b LEFT JOIN author a ON a.id = b.author",
             5,
             {}}),
        read_workload("o2m",
                      {"query { Author { name books { name } } }",
                       "SELECT json_group_array(json_object('name', a.name, 'books', json((SELECT "
                       "json_group_array(json_object('name', b.name)) FROM book b WHERE b.author = a.id)))) "
                       "FROM author a",
                       5,
                       {}}),
        read_workload("child",
                      {"query($value: String) { Author(filter: {books: {name: {_eq: $value}}}) { name } }",
                       "SELECT json_group_array(json_object('name', a.name)) FROM author a WHERE EXISTS "
                       "(SELECT 1 FROM book b WHERE b.author = a.id AND b.name = ?)",
                       10, "book 0000123"}),
    };
}

}  // namespace cairn::bench
