// Orders rows by the keys of an order argument; with a limit it keeps only the best rows in a bounded heap.
// Belongs to one thread.
#pragma once

#include <vector>

#include "query/related.h"
#include "query/select_arguments.h"
#include "query/sort_keys.h"

namespace cairn::query {

// Evaluates order keys for a batch of rows: keys[row * order.size() + k]. Keys through relations point into
// `related`, which must live as long as the keys. level: where the rows are those of one, else nullptr.
struct OrderKeys {
    std::vector<SortKey> keys;
    std::vector<std::unique_ptr<Related>> related;
    std::vector<std::string> id_texts;
};
Result<OrderKeys> order_keys(const ReadContext& context, int collection,
                             const std::vector<SelectArguments::OrderKey>& order,
                             const std::vector<Row>& rows, Level* level = nullptr);
// The kind that a key's values have; none for computed ones.
FieldKind order_kind(const Catalog& catalog, int collection, const SelectArguments::OrderKey& key);

class RowSorter {
  public:
    RowSorter(const ReadContext& reads, int collection, const SelectArguments& arguments);
    // Takes rows in their incoming order; copies what it keeps.
    Status add(const std::vector<Row>& rows);
    // The same for one row, when every key is a field of it (keys_are_local).
    void add_row(const DocId& id, bool deleted, std::string_view bytes);
    bool keys_are_local() const;
    // Keeps only rows that come after low and before high, keys that must outlive the sorter; either may be
    // null. Must come before any row.
    void keep_between(const SortKey* low, const SortKey* high) {
        low_ = low;
        high_ = high;
    }
    // Whether rows were not after low, or not before high; what comes behind a full heap is not looked at.
    bool has_before() const { return has_before_; }
    bool has_behind() const { return has_behind_; }
    // Whether the limit is reached, and no row can be kept that has the first `keys` keys of the one that was
    // added last, or comes behind it by these. Only after add_row, while that row is valid.
    bool is_settled(std::size_t keys) const;
    // How many rows were added, kept or not.
    std::uint64_t seen() const { return next_sequence_; }
    // All kept rows in order; they live as long as the sorter.
    Result<std::vector<Row>> finish();

  private:
    struct Entry {
        Row row;
        std::uint64_t sequence = 0;
        std::size_t keys = 0;  // first key in keys_
    };
    bool before(const Entry& a, const Entry& b) const {
        return compare(&keys_[a.keys], &keys_[b.keys], a.sequence, b.sequence);
    }
    bool compare(const SortKey* a, const SortKey* b, std::uint64_t a_sequence,
                 std::uint64_t b_sequence) const;
    SortKey keep(const SortKey& key);
    void take(const SortKey* keys, const Row& row);
    bool lies_between(const SortKey* keys);

    ReadContext reads_;
    int collection_;
    const std::vector<SelectArguments::OrderKey>& order_;
    std::vector<FieldKind> kinds_;
    std::uint64_t capacity_ = 0;  // 0: all rows are kept
    std::uint64_t next_sequence_ = 0;
    const SortKey *low_ = nullptr, *high_ = nullptr;
    bool has_before_ = false, has_behind_ = false;
    std::vector<Entry> entries_;  // a heap, worst on top, while bounded
    std::vector<SortKey> keys_;
    Row last_;                        // that add_row was given
    std::vector<SortKey> candidate_;  // its keys, as far as they were needed
    ByteArena arena_;
};

// Orders the items of each list. rows: what the items number; level as in order_keys.
Status sort_lists(const ReadContext& context, int collection,
                  const std::vector<SelectArguments::OrderKey>& order, const std::vector<Row>& rows,
                  Level* level, Lists& lists);
// Leaves of each list what the window shows.
void apply_window(const ListWindow& window, Lists& lists);

}  // namespace cairn::query
