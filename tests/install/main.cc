// A small program that uses CairnDB as a library. It includes nothing but the public header and the standard
// library.
#include <cairn/database.h>

#include <iostream>

int main(int argc, char** argv) {
    if (argc != 2) return 64;
    // Opens the store in a folder, or makes it. Errors are values: a result holds either the database or an
    // error.
    auto database = cairn::Database::open(argv[1]);
    if (!database) {
        std::cerr << database.error().message << "\n";
        return 1;
    }

    // Types are written in GraphQL. Related types are added together.
    const auto added = database->add_schema(
        "type Author { name: String  books: [Book] }"
        "type Book { name: String  author: Author }");
    if (!added) {
        std::cerr << added.error().message << "\n";
        return 1;
    }

    // Documents are created from JSON or by a mutation; an id follows from what is in the document.
    const auto author = database->create_document("Author", R"({"name": "Saadi"})");
    if (!author) {
        std::cerr << author.error().message << "\n";
        return 1;
    }
    bool has_errors = false;
    database->execute(
        {.query =
             "mutation($author: ID) { create_Book(input: {name: \"Gulistan\", author: $author}) { _docID } }",
         .variables_json = "{\"author\": \"" + *author + "\"}",
         .operation_name = {}},
        &has_errors);

    // Answers are JSON text.
    std::cout << database->execute({.query = "{ Author { name books { name } } }",
                                    .variables_json = {},
                                    .operation_name = {}})
              << "\n";
    return has_errors || !database->close() ? 1 : 0;
}
