// The data of the benchmarks: authors and books, the same for every side and every run.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace cairn::bench {

struct Author {
    std::string id;  // the rival's key: as long and as random as a document id
    std::string name;
    std::string date_of_birth;
};

struct Book {
    std::string id;
    std::string name;         // "book 0000001"
    std::string description;  // about 45 characters
    std::string genre;        // one of 20
    int pages = 0;            // 100..999
    std::size_t author = 0;   // index, round robin
};

struct Data {
    std::vector<Author> authors;
    std::vector<Book> books;
};

// 1,000 authors and 20,000 books, times scale.
Data make_data(double scale);
Data make_data(std::size_t authors, std::size_t books);

std::string genre_name(std::size_t index);

}  // namespace cairn::bench
