#include "collections/row_pages.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace cairn {

namespace {

constexpr std::uint64_t kUnderWay = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t kRecentWrites = 4096;
constexpr unsigned kRefusals = 8;
constexpr std::size_t kCollectionBytes = kRowKeyBytes - 16;

void release_nothing(const rocksdb::Slice&, void*) {}

}  // namespace

void RowPage::add(const DocId& id, std::string_view row) {
    ids.push_back(id);
    rows += row;
    ends.push_back(static_cast<std::uint32_t>(rows.size()));
}

std::size_t RowPage::position_of(std::string_view key) const {
    if (key.size() < kRowKeyBytes) return 0;  // where the collection begins
    const DocId id = DocId::from_key(key.substr(kCollectionBytes));
    return static_cast<std::size_t>(std::lower_bound(ids.begin(), ids.end(), id) - ids.begin());
}

std::size_t RowPage::bytes() const {
    return sizeof(RowPage) + start.capacity() + end.capacity() + rows.capacity() +
           ids.capacity() * sizeof(DocId) + ends.capacity() * sizeof(std::uint32_t);
}

RowPages::RowPages(std::shared_ptr<rocksdb::Cache> cache)
    : cache_(std::move(cache)), cache_id_(cache_->NewId()), capacity_(cache_->GetCapacity() / 2) {}

RowPages::~RowPages() {
    while (!entries_.empty()) remove(entries_.cbegin());
}

RowPages::Entries::const_iterator RowPages::covering(std::string_view key) const {
    auto entry = entries_.upper_bound(key);
    if (entry == entries_.begin()) return entries_.end();
    --entry;
    return key < entry->second->page->end ? entry : entries_.end();
}

RowPages::PagePointer RowPages::find(std::string_view key, std::uint64_t snapshot) const {
    if (bytes() == 0) return nullptr;
    std::lock_guard lock(mutex_);
    const auto entry = covering(key);
    if (entry == entries_.end() || entry->second->sequence > snapshot) return nullptr;
    entry->second->used.store(true, std::memory_order_relaxed);
    return entry->second->page;
}

std::optional<std::string> RowPages::next_start(std::string_view key, std::string_view upper) const {
    if (bytes() == 0) return std::nullopt;
    std::lock_guard lock(mutex_);
    const auto entry = entries_.upper_bound(key);
    if (entry == entries_.end() || entry->first >= upper) return std::nullopt;
    return entry->first;
}

std::optional<std::uint64_t> RowPages::unchanged_since(const RowPage& page, std::uint64_t snapshot) const {
    for (auto written = recent_.rbegin(); written != recent_.rend(); ++written) {
        if (written->sequence <= snapshot) return written->sequence;
        const std::string_view key(written->key.data(), written->key.size());
        if (key >= page.start && key < page.end) return std::nullopt;
    }
    if (forgotten_ > snapshot) return std::nullopt;
    return forgotten_;
}

bool RowPages::insert(std::shared_ptr<RowPage> page, std::uint64_t snapshot) {
    const std::size_t size = page->bytes();
    std::lock_guard lock(mutex_);
    const auto sequence = unchanged_since(*page, snapshot);
    if (!sequence) return false;
    const auto next = entries_.upper_bound(page->start);
    if (covering(page->start) != entries_.end()) return false;
    if (next != entries_.end() && next->first < page->end) return false;
    if (!make_room(size)) return false;

    std::array<std::uint64_t, 2> name{cache_id_, ++charges_};
    rocksdb::Cache::Handle* charge = nullptr;
    if (!cache_
             ->Insert({reinterpret_cast<const char*>(name.data()), sizeof name}, nullptr, size,
                      release_nothing, &charge)
             .ok())
        charge = nullptr;
    std::string start = page->start;
    auto entry = std::make_unique<Entry>();
    entry->page = std::move(page);
    entry->sequence = *sequence;
    entry->charge = charge;
    entries_.emplace(std::move(start), std::move(entry));
    bytes_.fetch_add(size, std::memory_order_relaxed);
    return true;
}

void RowPages::remove(Entries::const_iterator entry) {
    bytes_.fetch_sub(entry->second->page->bytes(), std::memory_order_relaxed);
    if (entry->second->charge != nullptr) cache_->Release(entry->second->charge, true);
    entries_.erase(entry);
}

// A page that was used since it was last looked at stays, and pages are looked at for one refusal in
// kRefusals only: of a collection with more rows than there is room for, each scan would otherwise drive out
// what the next one begins with.
bool RowPages::make_room(std::size_t bytes) {
    if (bytes > capacity_) return false;
    while (this->bytes() + bytes > capacity_) {
        if (refused_ + 1 < kRefusals) {
            ++refused_;
            return false;
        }
        auto entry = entries_.upper_bound(hand_);
        if (entry == entries_.end()) entry = entries_.begin();
        hand_ = entry->first;
        if (entry->second->used.exchange(false, std::memory_order_relaxed)) {
            refused_ = 0;
            return false;
        }
        remove(entry);
    }
    return true;
}

void RowPages::begin_write(std::span<const RowKey> keys) {
    if (keys.size() > kRecentWrites) {
        begin_write_all();
        return;
    }
    std::lock_guard lock(mutex_);
    for (const RowKey& key : keys) {
        recent_.push_back({key, kUnderWay});
        const auto entry = covering({key.data(), key.size()});
        if (entry != entries_.end()) remove(entry);
    }
}

void RowPages::begin_write_all() {
    std::lock_guard lock(mutex_);
    while (!entries_.empty()) remove(entries_.cbegin());
    recent_.clear();
    forgotten_ = kUnderWay;
}

void RowPages::end_write(std::uint64_t newest) {
    std::lock_guard lock(mutex_);
    if (forgotten_ == kUnderWay) forgotten_ = newest;
    for (auto written = recent_.rbegin(); written != recent_.rend() && written->sequence == kUnderWay;
         ++written)
        written->sequence = newest;
    while (recent_.size() > kRecentWrites) {
        forgotten_ = recent_.front().sequence;
        recent_.pop_front();
    }
}

}  // namespace cairn
