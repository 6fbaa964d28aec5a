#include "bench/sqlite_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace cairn::bench {

namespace {

constexpr std::size_t kBatch = 100;

void bind_text(sqlite3_stmt* statement, int index, const std::string& text) {
    sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

}  // namespace

SqliteStore::SqliteStore(bool synchronous_full) {
    sqlite3* database = nullptr;
    const int code = sqlite3_open((folder_.path() / "rival.db").c_str(), &database);
    database_.reset(database);
    if (code != SQLITE_OK) fail_with_message();
    answer("PRAGMA journal_mode=WAL");
    run(synchronous_full ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=OFF");
    run("PRAGMA cache_size=-200000");
    run("CREATE TABLE author(id TEXT PRIMARY KEY, name TEXT, date_of_birth TEXT)");
    run("CREATE TABLE book(id TEXT PRIMARY KEY, name TEXT, description TEXT, genre TEXT, pages INTEGER, "
        "author TEXT)");
    run("CREATE INDEX book_author ON book(author)");
    run("CREATE TABLE history(seq INTEGER PRIMARY KEY, kind TEXT, id TEXT, change TEXT)");
}

void SqliteStore::fail_with_message() {
    throw std::runtime_error(fmt::format("SQLite: {}", sqlite3_errmsg(database_.get())));
}

sqlite3_stmt* SqliteStore::prepared(const std::string& sql) {
    Statement& statement = statements_[sql];
    if (!statement) {
        sqlite3_stmt* made = nullptr;
        if (sqlite3_prepare_v3(database_.get(), sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr) !=
            SQLITE_OK) {
            fail_with_message();
        }
        statement.reset(made);
    }
    return statement.get();
}

void SqliteStore::run(const std::string& sql) {
    if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        fail_with_message();
}

void SqliteStore::step_done(sqlite3_stmt* statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) fail_with_message();
    sqlite3_reset(statement);
}

void SqliteStore::insert_history(const char* kind, const std::string& id, const std::string& change) {
    sqlite3_stmt* statement = prepared("INSERT INTO history(kind, id, change) VALUES(?, ?, ?)");
    sqlite3_bind_text(statement, 1, kind, -1, SQLITE_STATIC);
    bind_text(statement, 2, id);
    bind_text(statement, 3, change);
    step_done(statement);
}

void SqliteStore::load_authors(const Data& data) {
    for (std::size_t i = 0; i < data.authors.size(); ++i) {
        const Author& author = data.authors[i];
        author_ids_.push_back(author.id);
        step_done(prepared("BEGIN"));
        sqlite3_stmt* statement = prepared("INSERT INTO author VALUES(?, ?, ?)");
        bind_text(statement, 1, author.id);
        bind_text(statement, 2, author.name);
        bind_text(statement, 3, author.date_of_birth);
        step_done(statement);
        insert_history(
            "author", author.id,
            fmt::format(R"({{"name":"{}","dateOfBirth":"{}"}})", author.name, author.date_of_birth));
        step_done(prepared("COMMIT"));
    }
}

void SqliteStore::insert_book(const Book& book) {
    sqlite3_stmt* statement = prepared("INSERT INTO book VALUES(?, ?, ?, ?, ?, ?)");
    bind_text(statement, 1, book.id);
    bind_text(statement, 2, book.name);
    bind_text(statement, 3, book.description);
    bind_text(statement, 4, book.genre);
    sqlite3_bind_int(statement, 5, book.pages);
    bind_text(statement, 6, author_ids_[book.author]);
    step_done(statement);
    insert_history(
        "book", book.id,
        fmt::format(R"({{"name":"{}","description":"{}","genre":"{}","pages":{},"author":"{}"}})", book.name,
                    book.description, book.genre, book.pages, author_ids_[book.author]));
}

void SqliteStore::create_books(const Data& data, std::size_t first, std::size_t count) {
    step_done(prepared("BEGIN"));
    for (std::size_t i = first; i < first + count; ++i) insert_book(data.books[i]);
    step_done(prepared("COMMIT"));
}

void SqliteStore::load_books(const Data& data) {
    for (std::size_t first = 0; first < data.books.size(); first += kBatch) {
        create_books(data, first, std::min(kBatch, data.books.size() - first));
    }
}

std::string SqliteStore::author_by_id(std::size_t author) {
    sqlite3_stmt* statement =
        prepared("SELECT json_object('name', name, 'dateOfBirth', date_of_birth) FROM author WHERE id = ?");
    bind_text(statement, 1, author_ids_[author]);
    if (sqlite3_step(statement) != SQLITE_ROW) fail_with_message();
    std::string text(reinterpret_cast<const char*>(sqlite3_column_text(statement, 0)),
                     static_cast<std::size_t>(sqlite3_column_bytes(statement, 0)));
    sqlite3_reset(statement);
    return text;
}

void SqliteStore::rename_author(std::size_t author, const std::string& name) {
    step_done(prepared("BEGIN"));
    sqlite3_stmt* statement = prepared("UPDATE author SET name = ? WHERE id = ?");
    bind_text(statement, 1, name);
    bind_text(statement, 2, author_ids_[author]);
    step_done(statement);
    insert_history("author", author_ids_[author], fmt::format(R"({{"name":"{}"}})", name));
    step_done(prepared("COMMIT"));
}

std::string SqliteStore::answer(const std::string& sql, const std::string& parameter) {
    sqlite3_stmt* statement = prepared(sql);
    if (sqlite3_bind_parameter_count(statement) > 0) bind_text(statement, 1, parameter);
    if (sqlite3_step(statement) != SQLITE_ROW) fail_with_message();
    std::string text(reinterpret_cast<const char*>(sqlite3_column_text(statement, 0)),
                     static_cast<std::size_t>(sqlite3_column_bytes(statement, 0)));
    sqlite3_reset(statement);
    return text;
}

}  // namespace cairn::bench
