#include "bench/data.h"

#include <fmt/format.h>

#include <algorithm>

namespace cairn::bench {

namespace {

constexpr std::size_t kGenres = 20;

Author make_author(std::size_t i) {
    return {fmt::format("author {:06}", i + 1),
            fmt::format("{:04}-{:02}-{:02}T03:46:56Z", 1200 + i % 800, 1 + i % 12, 1 + i % 28)};
}

Book make_book(std::size_t i, std::size_t authors) {
    const std::size_t mixed = i * 2654435761U % 4294967296U;
    return {fmt::format("book {:07}", i + 1),
            fmt::format("the long story of number {:07} in {:3} chapters", i + 1, mixed % 900),
            genre_name(mixed % kGenres), static_cast<int>(100 + mixed / 32 % 900), i % authors};
}

}  // namespace

std::string genre_name(std::size_t index) {
    return fmt::format("genre {:02}", index);
}

Data make_data(std::size_t authors, std::size_t books) {
    Data data;
    for (std::size_t i = 0; i < authors; ++i) data.authors.push_back(make_author(i));
    for (std::size_t i = 0; i < books; ++i) data.books.push_back(make_book(i, authors));
    return data;
}

Data make_data(double scale) {
    const auto times = [scale](double base) {
        return std::max<std::size_t>(1, static_cast<std::size_t>(base * scale));
    };
    return make_data(times(1000), times(20000));
}

}  // namespace cairn::bench
