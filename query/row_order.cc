#include "query/row_order.h"

#include <algorithm>
#include <numeric>

#include "query/levels.h"
#include "query/stepwise_sort.h"

namespace cairn::query {

FieldKind order_kind(const Catalog& catalog, int collection, const SelectArguments::OrderKey& key) {
    if (key.plan != nullptr) return FieldKind::none;
    for (int step : key.path) {
        collection = catalog.collection(collection).fields[static_cast<std::size_t>(step)].target;
    }
    if (key.field < 0) return FieldKind::id;
    return catalog.collection(collection).fields[static_cast<std::size_t>(key.field)].kind;
}

namespace {

SortKey key_of_row(const Catalog& catalog, int collection, int field, const Row& row) {
    if (field < 0) {
        SortKey key;
        key.present = true;
        key.text = row.id.key();
        return key;
    }
    return sort_key(row.view(), catalog.collection(collection).fields[static_cast<std::size_t>(field)]);
}

// Follows a path of relations: for each row its related document at the end, or nothing.
Status follow(const ReadContext& context, int& collection, const std::vector<int>& path,
              const std::vector<Row>& rows, std::vector<std::unique_ptr<Related>>& related,
              std::vector<const Row*>& ends) {
    ends.clear();
    for (const Row& row : rows) ends.push_back(&row);
    for (int step : path) {
        std::vector<Row> parents;
        std::vector<std::size_t> origin;
        for (std::size_t i = 0; i < ends.size(); ++i) {
            if (ends[i] == nullptr) continue;
            parents.push_back(*ends[i]);
            origin.push_back(i);
        }
        CAIRN_ASSIGN(Related found, fetch_related(context, collection, step, parents, nullptr));
        related.push_back(std::make_unique<Related>(std::move(found)));
        const Related& here = *related.back();
        std::fill(ends.begin(), ends.end(), nullptr);
        for (std::size_t i = 0; i < parents.size(); ++i) {
            if (here.count(i) > 0) ends[origin[i]] = &here.children.rows[here.items[here.offsets[i]]];
        }
        collection = context.catalog.collection(collection).fields[static_cast<std::size_t>(step)].target;
    }
    return {};
}

}  // namespace

namespace {

// Values of a computed key; the rows are those of the level when it is given.
Status computed_keys(const ReadContext& context, const SelectArguments::OrderKey& key,
                     const std::vector<Row>& rows, Level* level, SortKey* keys, std::size_t width) {
    if (level != nullptr && level->plan == key.plan) {
        CAIRN_ASSIGN(const Column* column, context.columns->of_level(*level, key.item));
        for (std::size_t i = 0; i < rows.size(); ++i) keys[i * width] = sort_key((*column)[i]);
        return {};
    }
    CAIRN_ASSIGN(Column column, context.columns->compute(*key.plan, key.item, rows));
    for (std::size_t i = 0; i < rows.size(); ++i) keys[i * width] = sort_key(column[i]);
    return {};
}

// The key at the end of a path of relations.
Status keys_behind_relations(const ReadContext& context, int collection, const SelectArguments::OrderKey& key,
                             const std::vector<Row>& rows, std::vector<std::unique_ptr<Related>>& related,
                             SortKey* keys, std::size_t width) {
    std::vector<const Row*> ends;
    CAIRN_TRY(follow(context, collection, key.path, rows, related, ends));
    if (key.plan == nullptr) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (ends[i] != nullptr)
                keys[i * width] = key_of_row(context.catalog, collection, key.field, *ends[i]);
        }
        return {};
    }
    std::vector<Row> distinct;
    std::vector<std::uint32_t> number(rows.size(), DocIdMap::kEmpty);
    DocIdMap known(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (ends[i] == nullptr) continue;
        number[i] = known.insert(ends[i]->id, static_cast<std::uint32_t>(distinct.size()));
        if (number[i] == distinct.size()) distinct.push_back(*ends[i]);
    }
    CAIRN_ASSIGN(Column column, context.columns->compute(*key.plan, key.item, distinct));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (number[i] != DocIdMap::kEmpty) keys[i * width] = sort_key(column[number[i]]);
    }
    return {};
}

}  // namespace

Result<OrderKeys> order_keys(const ReadContext& context, int collection,
                             const std::vector<SelectArguments::OrderKey>& order,
                             const std::vector<Row>& rows, Level* level) {
    OrderKeys result;
    result.keys.resize(rows.size() * order.size());
    for (std::size_t k = 0; k < order.size(); ++k) {
        SortKey* keys = result.keys.data() + k;
        if (!order[k].path.empty()) {
            CAIRN_TRY(keys_behind_relations(context, collection, order[k], rows, result.related, keys,
                                            order.size()));
        } else if (order[k].plan != nullptr) {
            CAIRN_TRY(computed_keys(context, order[k], rows, level, keys, order.size()));
        } else {
            for (std::size_t i = 0; i < rows.size(); ++i) {
                keys[i * order.size()] = key_of_row(context.catalog, collection, order[k].field, rows[i]);
            }
        }
    }
    return result;
}

RowSorter::RowSorter(const ReadContext& reads, int collection, const SelectArguments& arguments)
    : reads_(reads), collection_(collection), order_(arguments.order) {
    for (const auto& key : order_) kinds_.push_back(order_kind(reads.catalog, collection, key));
    const ListWindow& window = arguments.window;
    if (window.limit != UINT64_MAX && window.offset < UINT64_MAX - window.limit) {
        capacity_ = window.limit + window.offset;
    }
}

bool RowSorter::compare(const SortKey* a, const SortKey* b, std::uint64_t a_sequence,
                        std::uint64_t b_sequence) const {
    for (std::size_t k = 0; k < order_.size(); ++k) {
        int order = compare_sort_keys(a[k], b[k], kinds_[k]);
        if (order != 0) return order_[k].descending ? order > 0 : order < 0;
    }
    return a_sequence < b_sequence;
}

SortKey RowSorter::keep(const SortKey& key) {
    SortKey kept = key;
    if (!key.text.empty()) kept.text = arena_.copy(key.text);
    return kept;
}

bool RowSorter::keys_are_local() const {
    return std::all_of(order_.begin(), order_.end(),
                       [](const auto& key) { return key.path.empty() && key.plan == nullptr; });
}

Status RowSorter::add(const std::vector<Row>& rows) {
    CAIRN_ASSIGN(OrderKeys computed, order_keys(reads_, collection_, order_, rows));
    for (std::size_t i = 0; i < rows.size(); ++i) take(&computed.keys[i * order_.size()], rows[i]);
    return {};
}

void RowSorter::add_row(const DocId& id, bool deleted, std::string_view bytes) {
    last_ = {id, deleted, bytes};
    candidate_.clear();
    for (const auto& key : order_) {
        candidate_.push_back(key_of_row(reads_.catalog, collection_, key.field, last_));
        // The first key alone tells of most rows that they are not among the best.
        const bool may_decide = candidate_.size() == 1 && capacity_ != 0 && entries_.size() >= capacity_;
        if (!may_decide) continue;
        const int compared =
            compare_sort_keys(candidate_.front(), keys_[entries_.front().keys], kinds_.front());
        if (key.descending ? compared < 0 : compared > 0) {
            ++next_sequence_;
            return;
        }
    }
    take(candidate_.data(), last_);
}

bool RowSorter::is_settled(std::size_t keys) const {
    if (capacity_ == 0 || entries_.size() < capacity_) return false;
    const SortKey* worst = &keys_[entries_.front().keys];
    for (std::size_t k = 0; k < std::min(keys, candidate_.size()); ++k) {
        const int compared = compare_sort_keys(candidate_[k], worst[k], kinds_[k]);
        if (compared != 0) return (compared > 0) != order_[k].descending;
    }
    return keys == order_.size();
}

bool RowSorter::lies_between(const SortKey* keys) {
    const bool before = low_ != nullptr && !compare(low_, keys, 0, 0);
    const bool behind = high_ != nullptr && !compare(keys, high_, 0, 0);
    has_before_ = has_before_ || before;
    has_behind_ = has_behind_ || behind;
    return !before && !behind;
}

// Copies the row and its keys when it is among the best so far.
void RowSorter::take(const SortKey* keys, const Row& row) {
    auto worse_on_top = [this](const Entry& a, const Entry& b) { return before(a, b); };
    std::size_t width = order_.size();
    Entry entry;
    entry.sequence = next_sequence_++;
    if (!lies_between(keys)) return;
    if (capacity_ != 0 && entries_.size() >= capacity_) {
        const Entry& worst = entries_.front();
        if (!compare(keys, &keys_[worst.keys], entry.sequence, worst.sequence)) return;
        std::pop_heap(entries_.begin(), entries_.end(), worse_on_top);
        entry.keys = entries_.back().keys;
        entries_.pop_back();
    } else {
        entry.keys = keys_.size();
        keys_.resize(keys_.size() + width);
    }
    for (std::size_t k = 0; k < width; ++k) keys_[entry.keys + k] = keep(keys[k]);
    entry.row = {row.id, row.deleted, arena_.copy(row.bytes)};
    entries_.push_back(entry);
    if (capacity_ != 0) std::push_heap(entries_.begin(), entries_.end(), worse_on_top);
}

Result<std::vector<Row>> RowSorter::finish() {
    CAIRN_TRY(sort_stepwise(reads_.view, entries_,
                            [this](const Entry& a, const Entry& b) { return before(a, b); }));
    std::vector<Row> rows;
    rows.reserve(entries_.size());
    for (const Entry& entry : entries_) rows.push_back(entry.row);
    return rows;
}

Status sort_lists(const ReadContext& context, int collection,
                  const std::vector<SelectArguments::OrderKey>& order, const std::vector<Row>& rows,
                  Level* level, Lists& lists) {
    if (order.empty()) return {};
    CAIRN_ASSIGN(OrderKeys computed, order_keys(context, collection, order, rows, level));
    std::vector<FieldKind> kinds;
    for (const auto& key : order) kinds.push_back(order_kind(context.catalog, collection, key));
    std::size_t width = kinds.size();
    auto less = [&](std::uint32_t a, std::uint32_t b) {
        for (std::size_t k = 0; k < width; ++k) {
            int compared =
                compare_sort_keys(computed.keys[a * width + k], computed.keys[b * width + k], kinds[k]);
            if (compared != 0) return order[k].descending ? compared > 0 : compared < 0;
        }
        return false;
    };
    for (std::size_t i = 0; i < lists.parents(); ++i) {
        std::stable_sort(lists.items.begin() + lists.offsets[i], lists.items.begin() + lists.offsets[i + 1],
                         less);
    }
    return {};
}

void apply_window(const ListWindow& window, Lists& lists) {
    if (window.is_open()) return;
    std::uint32_t out = 0, begin = 0;
    for (std::size_t i = 0; i < lists.parents(); ++i) {
        std::uint32_t end = lists.offsets[i + 1];
        std::uint64_t from = std::min<std::uint64_t>(end - begin, window.offset);
        std::uint64_t size = window.size_of(end - begin);
        for (std::uint64_t k = 0; k < size; ++k) lists.items[out++] = lists.items[begin + from + k];
        begin = end;
        lists.offsets[i + 1] = out;
    }
    lists.items.resize(out);
}

}  // namespace cairn::query
