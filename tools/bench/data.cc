#include "bench/data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace cairn::bench {

namespace {

constexpr std::size_t kGenres = 20;

// Splits a counter's bits so that neighbours are far from each other (splitmix64).
std::uint64_t scatter(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15U;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9U;
    x = (x ^ x >> 27) * 0x94d049bb133111ebU;
    return x ^ x >> 31;
}

std::string make_id(std::uint64_t number) {
    const std::uint64_t high = scatter(2 * number);
    const std::uint64_t low = scatter(2 * number + 1);
    return fmt::format("bae-{:08x}-{:04x}-5{:03x}-{:04x}-{:012x}", high >> 32, high >> 16 & 0xffff,
                       high & 0xfff, 0x8000 | (low >> 48 & 0x3fff), low & 0xffffffffffff);
}

Author make_author(std::size_t i) {
    return {make_id(i), fmt::format("author {:06}", i + 1),
            fmt::format("{:04}-{:02}-{:02}T03:46:56Z", 1200 + i % 800, 1 + i % 12, 1 + i % 28)};
}

Book make_book(std::size_t i, std::size_t authors) {
    const std::size_t mixed = i * 2654435761U % 4294967296U;
    constexpr std::uint64_t kFirstBook = std::uint64_t{1} << 40;
    return {make_id(kFirstBook + i),
            fmt::format("book {:07}", i + 1),
            fmt::format("the long story of number {:07} in {:3} chapters", i + 1, mixed % 900),
            genre_name(mixed % kGenres),
            static_cast<int>(100 + mixed / 32 % 900),
            i % authors};
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
