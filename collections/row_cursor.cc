#include "collections/row_cursor.h"

namespace cairn {

namespace {

constexpr std::size_t kPageBytes = std::size_t{32} << 10;

Status read_status(const ReadView::PrefixIterator& iterator) {
    if (iterator.it->status().ok()) return {};
    return rocksdb_error(iterator.it->status(), "cannot read the rows");
}

}  // namespace

RowCursor::RowCursor(const ReadView& reads, std::uint32_t collection, bool deleted,
                     const std::optional<DocId>& from)
    : reads_(reads),
      prefix_(row_prefix(collection, deleted)),
      pages_(reads.row_pages()),
      kind_(from ? ScanKind::range : ScanKind::long_range),  // from the middle often only a few are wanted
      keeps_pages_(pages_ != nullptr && !reads.has_changes()),
      upper_(prefix_end(prefix_)) {
    std::string key = prefix_;
    if (from) key += from->key();
    continue_at(std::move(key));
}

DocId RowCursor::id() const {
    if (page_) return page_->ids[at_];
    return DocId::from_key(view(iterator_->it->key()).substr(prefix_.size()));
}

std::string_view RowCursor::row() const {
    return page_ ? page_->row(at_) : view(iterator_->it->value());
}

Status RowCursor::status() const {
    return iterator_ ? read_status(*iterator_) : Status();
}

// Goes to the first row that is not before the key.
void RowCursor::continue_at(std::string key) {
    while (true) {
        page_ = nullptr;
        at_iterator_ = false;
        if (find_page(key)) return;
        if (pages_ != nullptr && key >= upper_) return;
        read_from(key);
        if (take_row()) return;
        key = stop_;
    }
}

// Goes through the pages that follow one another from the key on; leaves in key where they end when none has
// a row.
bool RowCursor::find_page(std::string& key) {
    while (pages_ != nullptr && key < upper_) {
        RowPages::PagePointer page = pages_->find(key, reads_.sequence());
        if (page) page = with_changes(std::move(page));
        if (!page) return false;
        at_ = page->position_of(key);
        if (at_ < page->size()) {
            page_ = std::move(page);
            return true;
        }
        key = page->end;
    }
    return false;
}

// A page as the view's changes leave it; null when they cannot be read, which the iterator will tell.
RowPages::PagePointer RowCursor::with_changes(RowPages::PagePointer page) const {
    const std::span<const RowKey> changed = reads_.changed_rows_between(page->start, page->end);
    if (changed.empty()) return page;
    std::vector<rocksdb::Slice> keys;
    std::vector<rocksdb::PinnableSlice> values;
    std::vector<char> found;
    for (const RowKey& key : changed) keys.emplace_back(key.data(), key.size());
    if (!reads_.multi_get(Family::rows, keys, values, found)) return nullptr;
    auto made = std::make_shared<RowPage>();
    made->start = page->start;
    made->end = page->end;
    made->rows.reserve(page->rows.size());
    std::size_t at = 0;
    for (std::size_t i = 0; i < changed.size(); ++i) {
        const DocId id = DocId::from_key(view(keys[i]).substr(prefix_.size()));
        for (; at < page->size() && page->ids[at] < id; ++at) made->add(page->ids[at], page->row(at));
        if (at < page->size() && page->ids[at] == id) ++at;
        if (found[i] != 0) made->add(id, view(values[i]));
    }
    for (; at < page->size(); ++at) made->add(page->ids[at], page->row(at));
    return made;
}

void RowCursor::read_from(const std::string& key) {
    if (!iterator_) iterator_ = reads_.iterate(Family::rows, prefix_, kind_);
    iterator_->it->Seek(slice(key));
    if (pages_ == nullptr) return;
    stop_ = pages_->next_start(key, upper_).value_or(upper_);
    if (keeps_pages_) begin_page(key);
}

// The iterator was moved: remembers its row for a page. False when it has reached a page that is there
// already: then the cursor continues at stop_.
bool RowCursor::take_row() {
    at_iterator_ = iterator_->it->Valid();
    if (pages_ == nullptr) return true;
    if (!at_iterator_ && !iterator_->it->status().ok()) return true;
    const std::string_view key = at_iterator_ ? view(iterator_->it->key()) : std::string_view(upper_);
    if (key >= stop_) {
        if (keeps_pages_) finish_page(stop_);
        return stop_ == upper_;
    }
    if (!keeps_pages_) return true;
    if (made_.rows.size() >= kPageBytes) {
        finish_page(key);
        begin_page(key);
    }
    made_.add(id(), row());
    return true;
}

void RowCursor::begin_page(std::string_view start) {
    made_.start = start;
    made_.ids.clear();
    made_.rows.clear();
    made_.ends.clear();
}

void RowCursor::finish_page(std::string_view end) {
    made_.end = end;
    pages_->insert(std::make_shared<RowPage>(made_), reads_.sequence());  // a copy has no spare room
}

void RowCursor::next() {
    if (page_) {
        if (++at_ < page_->size()) return;
        continue_at(page_->end);
        return;
    }
    iterator_->it->Next();
    if (!take_row()) continue_at(stop_);
}

ReverseRowCursor::ReverseRowCursor(const ReadView& reads, std::uint32_t collection, bool deleted,
                                   const std::optional<DocId>& before)
    : prefix_(row_prefix(collection, deleted)), iterator_(reads.iterate(Family::rows, prefix_)) {
    std::string key = before ? prefix_ : prefix_end(prefix_);
    if (before) key += before->key();
    iterator_->it->SeekForPrev(slice(key));
    if (iterator_->it->Valid() && view(iterator_->it->key()) == key) iterator_->it->Prev();
}

bool ReverseRowCursor::valid() const {
    return iterator_->it->Valid() && view(iterator_->it->key()).starts_with(prefix_);
}

DocId ReverseRowCursor::id() const {
    return DocId::from_key(view(iterator_->it->key()).substr(prefix_.size()));
}

Status ReverseRowCursor::status() const {
    return read_status(*iterator_);
}

RowLookup::Outcome RowLookup::find(std::string_view row_key, std::string_view& row) {
    if (pages_ == nullptr || reads_.changes_row(row_key)) return Outcome::unknown;
    if (held_.empty() || row_key < held_.back()->start || row_key >= held_.back()->end) {
        RowPages::PagePointer page = pages_->find(row_key, snapshot_);
        if (!page) return Outcome::unknown;
        held_.push_back(std::move(page));
    }
    const RowPage& page = *held_.back();
    const std::size_t at = page.position_of(row_key);
    if (at == page.size() || page.ids[at].key() != row_key.substr(kRowKeyBytes - 16)) return Outcome::absent;
    row = page.row(at);
    return Outcome::present;
}

}  // namespace cairn
