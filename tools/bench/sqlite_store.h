// The rival: SQLite through its C interface with prepared statements, as an application would use it, JSON
// text out. It keeps a history row per change and hashes nothing.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "bench/data.h"
#include "bench/scratch.h"

namespace cairn::bench {

// Tables author, book (indexed on author) and history in a scratch folder; keys are UUID texts as long as
// document ids, since rows of stores that are merged later cannot be numbered. WAL, 200 MB cache. Errors are
// thrown as std::runtime_error.
class SqliteStore {
  public:
    // synchronous_full: PRAGMA synchronous=FULL instead of OFF.
    explicit SqliteStore(bool synchronous_full = false);

    void load_authors(const Data& data);  // one transaction each
    // Books [first, first + count) in one transaction.
    void create_books(const Data& data, std::size_t first, std::size_t count);
    void load_books(const Data& data);  // 100 a transaction
    std::string author_by_id(std::size_t author);
    void rename_author(std::size_t author, const std::string& name);

    // The text in the first column of the only row of a query; statements are prepared once per text.
    std::string answer(const std::string& sql, const std::string& parameter = {});
    // Statements without results.
    void run(const std::string& sql);

  private:
    struct Closer {
        void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    using Statement = std::unique_ptr<sqlite3_stmt, Closer>;

    sqlite3_stmt* prepared(const std::string& sql);
    void step_done(sqlite3_stmt* statement);
    void insert_history(const char* kind, const std::string& id, const std::string& change);
    void insert_book(const Book& book);
    [[noreturn]] void fail_with_message();

    ScratchFolder folder_;
    std::unique_ptr<sqlite3, Closer> database_;
    std::unordered_map<std::string, Statement> statements_;
    std::vector<std::string> author_ids_;  // by index
};

}  // namespace cairn::bench
