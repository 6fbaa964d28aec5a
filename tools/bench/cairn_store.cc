#include "bench/cairn_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace cairn::bench {

namespace {

constexpr std::size_t kBatch = 100;

constexpr std::string_view kCreateBooks =
    "mutation($input: [BookMutationInputArg!]) { create_Book(input: $input) { _docID } }";
constexpr std::string_view kAuthorById = "query($id: [String!]) { Author(docID: $id) { name dateOfBirth } }";
constexpr std::string_view kRenameAuthor =
    "mutation($id: [ID], $name: String) { update_Author(docID: $id, input: {name: $name}) { _docID } }";

void append_json_book(std::string& out, const Book& book, const std::string& author_id) {
    fmt::format_to(std::back_inserter(out),
                   R"({{"name":"{}","description":"{}","genre":"{}","pages":{},"author":"{}"}})", book.name,
                   book.description, book.genre, book.pages, author_id);
}

void append_literal_book(std::string& out, const Book& book, const std::string& author_id) {
    fmt::format_to(std::back_inserter(out),
                   R"({{name: "{}", description: "{}", genre: "{}", pages: {}, author: "{}"}})", book.name,
                   book.description, book.genre, book.pages, author_id);
}

// The first document id in an answer.
std::string id_in(const std::string& answer) {
    constexpr std::size_t kIdLength = 40;
    const std::size_t at = answer.find("bae-");
    if (at == std::string::npos) throw std::runtime_error("no document id in " + answer);
    return answer.substr(at, kIdLength);
}

}  // namespace

const std::string_view kBenchSchema =
    "type Author { name: String dateOfBirth: DateTime books: [Book] } "
    "type Book { name: String description: String genre: String pages: Int author: Author }";

CairnStore::CairnStore(Durability durability) : durability_(durability) {
    open();
    must(database_->add_schema(kBenchSchema));
}

void CairnStore::open() {
    Options options;
    options.durability = durability_;
    database_.emplace(must(Database::open(folder_.path() / "data", std::move(options))));
}

void CairnStore::close() {
    if (database_) must(database_->close());
    database_.reset();
}

void CairnStore::reopen() {
    close();
    open();
}

std::string CairnStore::run(std::string_view request, std::string_view variables) {
    bool has_errors = false;
    std::string answer = database_->execute({request, variables, {}}, &has_errors);
    if (has_errors) throw std::runtime_error(answer.substr(0, 500));
    return answer;
}

void CairnStore::load_authors(const Data& data) {
    for (const Author& author : data.authors) {
        author_ids_.push_back(id_in(
            run("mutation($input: [AuthorMutationInputArg!]) { create_Author(input: $input) { _docID } }",
                fmt::format(R"({{"input":[{{"name":"{}","dateOfBirth":"{}"}}]}})", author.name,
                            author.date_of_birth))));
    }
}

void CairnStore::create_books(const Data& data, std::size_t first, std::size_t count, Values values) {
    const bool literal = values == Values::literals;
    std::string text = literal ? "mutation { create_Book(input: [" : "{\"input\":[";
    for (std::size_t i = first; i < first + count; ++i) {
        if (i > first) text += ',';
        const Book& book = data.books[i];
        const std::string& author = author_ids_[book.author];
        literal ? append_literal_book(text, book, author) : append_json_book(text, book, author);
    }
    text += literal ? "]) { _docID } }" : "]}";
    literal ? run(text) : run(kCreateBooks, text);
}

void CairnStore::load_books(const Data& data) {
    for (std::size_t first = 0; first < data.books.size(); first += kBatch) {
        create_books(data, first, std::min(kBatch, data.books.size() - first));
    }
}

std::string CairnStore::author_by_id(std::size_t author, Values values) {
    const std::string& id = author_ids_[author];
    if (values == Values::literals) {
        return run(fmt::format(R"(query {{ Author(docID: "{}") {{ name dateOfBirth }} }})", id));
    }
    return run(kAuthorById, fmt::format(R"({{"id":["{}"]}})", id));
}

void CairnStore::rename_author(std::size_t author, const std::string& name, Values values) {
    const std::string& id = author_ids_[author];
    if (values == Values::literals) {
        run(fmt::format(R"(mutation {{ update_Author(docID: "{}", input: {{name: "{}"}}) {{ _docID }} }})",
                        id, name));
    } else {
        run(kRenameAuthor, fmt::format(R"({{"id":["{}"],"name":"{}"}})", id, name));
    }
}

}  // namespace cairn::bench
