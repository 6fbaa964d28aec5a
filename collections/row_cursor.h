// Rows of a collection in the order of their ids or against it, and rows by id; from pages in memory where
// there are any (row_pages.h), except against the order. All belong to one thread, like the view they read
// through, which must outlive them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/error.h"
#include "collections/row_pages.h"
#include "collections/storage.h"

namespace cairn {

class RowCursor {
  public:
    // Stands at the first active or deleted row, or the first that is not before an id. What it reads from
    // RocksDB it leaves in pages for others, unless the view has changes.
    RowCursor(const ReadView& reads, std::uint32_t collection, bool deleted,
              const std::optional<DocId>& from = {});

    // False at the end and after an error.
    bool valid() const { return page_ != nullptr || at_iterator_; }
    // Both stay as they are until next().
    DocId id() const;
    std::string_view row() const;
    void next();
    // Errors: io, corruption.
    Status status() const;

  private:
    void continue_at(std::string key);
    bool find_page(std::string& key);
    RowPages::PagePointer with_changes(RowPages::PagePointer page) const;
    void read_from(const std::string& key);
    bool take_row();
    void begin_page(std::string_view start);
    void finish_page(std::string_view end);

    const ReadView& reads_;
    const std::string prefix_;
    RowPages* const pages_;  // null when the view may not use them
    const ScanKind kind_;
    const bool keeps_pages_;
    std::string upper_;  // after the last key

    RowPages::PagePointer page_;  // stands at its row `at_`; a copy where the view changes some of its rows
    std::size_t at_ = 0;

    std::unique_ptr<ReadView::PrefixIterator> iterator_;
    bool at_iterator_ = false;
    RowPage made_;      // rows that the iterator has passed; its buffers serve one page after the other
    std::string stop_;  // where the next page starts, or upper_
};

class ReverseRowCursor {
  public:
    // Stands at the last active or deleted row, or the last before an id.
    ReverseRowCursor(const ReadView& reads, std::uint32_t collection, bool deleted,
                     const std::optional<DocId>& before);

    // As those of RowCursor; next() goes to the row before.
    bool valid() const;
    DocId id() const;
    std::string_view row() const { return view(iterator_->it->value()); }
    void next() { iterator_->it->Prev(); }
    Status status() const;

  private:
    const std::string prefix_;
    std::unique_ptr<ReadView::PrefixIterator> iterator_;
};

class RowLookup {
  public:
    enum class Outcome : std::uint8_t { unknown, absent, present };

    explicit RowLookup(const ReadView& reads)
        : reads_(reads), pages_(reads.row_pages()), snapshot_(reads.sequence()) {}
    // Looks in pages only; row is set when it is present there and stays until release() or the end of the
    // lookup.
    Outcome find(std::string_view row_key, std::string_view& row);
    void release() { held_.clear(); }

  private:
    const ReadView& reads_;
    RowPages* const pages_;
    const std::uint64_t snapshot_;
    std::vector<RowPages::PagePointer> held_;
};

}  // namespace cairn
