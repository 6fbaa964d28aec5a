#include "query/index_access.h"

#include <algorithm>
#include <unordered_set>

#include "query/index_ranges.h"

namespace cairn::query {
namespace {

constexpr std::size_t kMaxRanges = 10'000;

bool has_entry_for_all(const Field& field) {
    return !is_array_kind(field.kind) && field.kind != FieldKind::json;
}

bool have_entries_for_all(const Collection& type, const std::vector<int>& fields) {
    return std::all_of(fields.begin(), fields.end(),
                       [&](int at) { return has_entry_for_all(type.fields[static_cast<std::size_t>(at)]); });
}

// The fields of an index, with their places in the collection; empty when one is not there.
std::vector<int> fields_of(const Collection& type, const IndexDescription& index) {
    std::vector<int> fields;
    for (const IndexFieldDescription& part : index.fields) {
        int at = type.field_index(part.name);
        if (at < 0) return {};
        fields.push_back(at);
    }
    return fields;
}

std::vector<IndexOrderKey> order_of(const Collection& type, const IndexDescription& index,
                                    const std::vector<int>& fields, std::size_t from) {
    std::vector<IndexOrderKey> order;
    for (std::size_t i = from; i < fields.size(); ++i) {
        const Field& field = type.fields[static_cast<std::size_t>(fields[i])];
        order.push_back({field.short_id == 1 ? -1 : fields[i], index.fields[i].descending});
    }
    order.push_back({-1, false});
    return order;
}

// Puts an interval of values behind each prefix.
std::vector<KeyRange> append_range(const std::vector<std::string>& prefixes, const FieldRange& range) {
    std::vector<KeyRange> ranges;
    for (const std::string& prefix : prefixes) {
        for (const ValueInterval& interval : range.intervals) {
            KeyRange keys{prefix + interval.low,
                          interval.high.empty() ? after_prefix(prefix) : prefix + interval.high};
            if (keys.begin < keys.end) ranges.push_back(std::move(keys));
        }
    }
    return ranges;
}

// Narrows an index by the conditions of one conjunction; nothing when it cannot serve them.
std::optional<IndexAccess> narrow(const Collection& type, const IndexDescription& index,
                                  const std::vector<const Filter*>& required) {
    std::vector<int> fields = fields_of(type, index);
    if (fields.empty()) return std::nullopt;
    IndexAccess access;
    access.index = &index;
    std::vector<std::string> prefixes = {index_prefix(type.short_id, index.id)};
    bool open = false, listed = false;  // open: no further field narrows
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const Field& field = type.fields[static_cast<std::size_t>(fields[i])];
        auto range = range_of_field(field, fields[i], index.fields[i].descending, required);
        if (!range && (i == 0 || !has_entry_for_all(field))) return std::nullopt;
        access.repeats = access.repeats || (range && range->repeats);
        if (open) continue;
        if (!range || range->is_whole) {
            open = true;
            access.is_whole = i == 0;
            continue;
        }
        if (range->intervals.size() > kMaxRanges) return std::nullopt;
        // An _in on a later field is looked at in key order.
        bool values = range->is_exact || (range->listed && i == 0);
        listed = listed || (values && range->listed);
        std::vector<KeyRange> ranges = append_range(prefixes, *range);
        if (!values) {
            // Below each prefix, whose own order may be that of a list; each has as many ranges.
            const auto below = static_cast<std::ptrdiff_t>(ranges.size() / prefixes.size());
            for (auto begin = ranges.begin(); begin != ranges.end(); begin += below) {
                std::sort(begin, begin + below,
                          [](const KeyRange& a, const KeyRange& b) { return a.begin < b.begin; });
            }
            access.ranges = std::move(ranges);
            open = true;
            prefixes.clear();
            continue;
        }
        prefixes.clear();
        for (KeyRange& one : ranges) prefixes.push_back(std::move(one.begin));
    }
    for (const std::string& prefix : prefixes) access.ranges.push_back({prefix, after_prefix(prefix)});
    if (!listed && have_entries_for_all(type, fields)) access.order = order_of(type, index, fields, 0);
    return access;
}

// The union of ranges, in key order.
void merge_ranges(std::vector<KeyRange>& ranges) {
    std::sort(ranges.begin(), ranges.end(),
              [](const KeyRange& a, const KeyRange& b) { return a.begin < b.begin; });
    std::size_t out = 0;
    for (std::size_t i = 1; i < ranges.size(); ++i) {
        if (ranges[i].begin <= ranges[out].end) {
            ranges[out].end = std::max(ranges[out].end, ranges[i].end);
        } else if (++out != i) {
            ranges[out] = std::move(ranges[i]);
        }
    }
    if (!ranges.empty()) ranges.resize(out + 1);
}

// An alternative of which every branch is served by the index (spec/query.md Q20): the union of their ranges.
std::optional<IndexAccess> narrow_alternative(const Collection& type, const IndexDescription& index,
                                              const Filter& any_of) {
    IndexAccess all;
    for (const auto& branch : any_of.children) {
        auto access = narrow(type, index, required_conditions(*branch));
        // Other kinds of order than the index's own could not be kept over several branches.
        bool plain = access && !access->is_whole && !access->repeats;
        if (!plain) return std::nullopt;
        std::move(access->ranges.begin(), access->ranges.end(), std::back_inserter(all.ranges));
        if (all.ranges.size() > kMaxRanges) return std::nullopt;
    }
    merge_ranges(all.ranges);
    all.index = &index;
    std::vector<int> fields = fields_of(type, index);
    if (have_entries_for_all(type, fields)) all.order = order_of(type, index, fields, 0);
    return all;
}

std::optional<IndexAccess> access_for(const Collection& type, const IndexDescription& index,
                                      const std::vector<const Filter*>& required) {
    if (auto access = narrow(type, index, required)) return access;
    for (const Filter* condition : required) {
        if (condition->kind != Filter::Kind::any_of || condition->children.empty()) continue;
        if (auto access = narrow_alternative(type, index, *condition)) return access;
    }
    return std::nullopt;
}

// The directions in which keys are met: 1 as the index has them, -1 the other way round, 0 not at all.
int direction_of(const std::vector<IndexOrderKey>& order, const std::vector<IndexOrderKey>& index_order) {
    if (order.empty() || order.size() >= index_order.size()) return 0;  // the id at its end is no index field
    int direction = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (order[i].field != index_order[i].field) return 0;
        int one = order[i].descending == index_order[i].descending ? 1 : -1;
        if (direction != 0 && one != direction) return 0;
        direction = one;
    }
    return direction;
}

void turn_around(IndexAccess& access) {
    access.reversed = !access.reversed;
    std::reverse(access.ranges.begin(), access.ranges.end());
    for (IndexOrderKey& key : access.order) key.descending = !key.descending;
}

// A cursor over the entries of ranges, in their order.
class EntryCursor {
  public:
    EntryCursor(const ReadView& view, const IndexAccess& access, std::string_view prefix)
        : access_(access), cursor_(view.iterate(Family::indexes, prefix)) {}

    // The next entry's key, or an empty one at the end.
    Result<std::string_view> next() {
        if (range_ == access_.ranges.size()) return std::string_view();
        if (in_range_) {
            access_.reversed ? cursor_->it->Prev() : cursor_->it->Next();
        } else {
            seek();
        }
        while (true) {
            if (!cursor_->it->status().ok()) {
                return rocksdb_error(cursor_->it->status(), "cannot read the index");
            }
            in_range_ = cursor_->it->Valid() && holds(view(cursor_->it->key()));
            if (in_range_) return view(cursor_->it->key());
            if (++range_ == access_.ranges.size()) return std::string_view();
            seek();
        }
    }

  private:
    void seek() {
        const KeyRange& range = access_.ranges[range_];
        if (!access_.reversed) return cursor_->it->Seek(slice(range.begin));
        if (range.end.empty()) return cursor_->it->SeekToLast();
        cursor_->it->SeekForPrev(slice(range.end));
        if (cursor_->it->Valid() && view(cursor_->it->key()) >= range.end) cursor_->it->Prev();
    }
    bool holds(std::string_view key) const {
        const KeyRange& range = access_.ranges[range_];
        return access_.reversed ? key >= range.begin : range.end.empty() || key < range.end;
    }

    const IndexAccess& access_;
    std::unique_ptr<ReadView::PrefixIterator> cursor_;
    std::size_t range_ = 0;
    bool in_range_ = false;
};

std::string common_prefix(const IndexAccess& access) {
    return access.ranges.empty() ? std::string() : access.ranges.front().begin.substr(0, 8);
}

}  // namespace

std::optional<IndexAccess> index_for_filter(const Catalog& catalog, int collection, const Filter& filter) {
    const Collection& type = catalog.collection(collection);
    if (type.indexes.empty()) return std::nullopt;
    std::vector<const IndexDescription*> by_name;
    for (const IndexDescription& index : type.indexes) by_name.push_back(&index);
    std::sort(by_name.begin(), by_name.end(),
              [](const IndexDescription* a, const IndexDescription* b) { return a->name < b->name; });
    std::vector<const Filter*> required = required_conditions(filter);
    for (const IndexDescription* index : by_name) {
        if (auto access = access_for(type, *index, required)) return access;
    }
    return std::nullopt;
}

namespace {

// The whole index in the order; nothing when it does not begin with the keys, or not in their directions.
std::optional<IndexAccess> whole_in_order(const Collection& type, const IndexDescription& index,
                                          const std::vector<IndexOrderKey>& order) {
    const std::vector<int> fields = fields_of(type, index);
    if (fields.empty() || !have_entries_for_all(type, fields)) return std::nullopt;
    IndexAccess access;
    access.index = &index;
    access.is_whole = true;
    std::string prefix = index_prefix(type.short_id, index.id);
    access.ranges.push_back({prefix, after_prefix(prefix)});
    access.order = order_of(type, index, fields, 0);
    if (!serves_order(order, access)) return std::nullopt;
    return access;
}

}  // namespace

std::optional<IndexAccess> index_for_order(const Catalog& catalog, int collection,
                                           const std::vector<IndexOrderKey>& order) {
    const Collection& type = catalog.collection(collection);
    for (const IndexDescription& index : type.indexes) {
        if (auto access = whole_in_order(type, index, order)) return access;
    }
    return std::nullopt;
}

std::optional<IndexAccess> index_of_order(const Catalog& catalog, int collection,
                                          const std::vector<IndexOrderKey>& order) {
    const Collection& type = catalog.collection(collection);
    for (const IndexDescription& index : type.indexes) {
        if (index.fields.size() != order.size()) continue;
        if (auto access = whole_in_order(type, index, order)) return access;
    }
    return std::nullopt;
}

bool serves_order(const std::vector<IndexOrderKey>& order, IndexAccess& access) {
    int direction = direction_of(order, access.order);
    if (direction < 0) turn_around(access);
    return direction != 0;
}

std::vector<IndexOrderKey> foreign_key_order(const Catalog& catalog, int collection, int key_field) {
    const Collection& type = catalog.collection(collection);
    for (const IndexDescription& index : type.indexes) {
        std::vector<int> fields = fields_of(type, index);
        if (fields.empty() || fields.front() != key_field) continue;
        if (!have_entries_for_all(type, fields)) return {};
        return order_of(type, index, fields, 1);
    }
    return {};
}

const IndexDescription* index_led_by(const Catalog& catalog, int collection, int field) {
    const Collection& type = catalog.collection(collection);
    for (const IndexDescription& index : type.indexes) {
        std::vector<int> fields = fields_of(type, index);
        if (!fields.empty() && fields.front() == field && have_entries_for_all(type, fields)) return &index;
    }
    return nullptr;
}

Result<bool> has_few_entries(const ReadView& reads, const IndexAccess& access, std::uint64_t most) {
    EntryCursor cursor(reads, access, common_prefix(access));
    for (std::uint64_t count = 0; count <= most; ++count) {
        CAIRN_ASSIGN(std::string_view key, cursor.next());
        if (key.empty()) return true;
    }
    return false;
}

Status visit_index(const ReadView& reads, const IndexAccess& access,
                   const std::function<Result<bool>(const DocId&)>& visit) {
    EntryCursor cursor(reads, access, common_prefix(access));
    std::unordered_set<DocId, DocIdHash> seen;
    while (true) {
        CAIRN_ASSIGN(std::string_view key, cursor.next());
        if (key.empty()) return {};
        if (!reads.take()) return reads.budget()->failure();
        if (key.size() < 8 + 16) return fail(ErrorCode::corruption, "an index entry is damaged");
        DocId id = DocId::from_key(key.substr(key.size() - 16));
        if (access.repeats && !seen.insert(id).second) continue;
        CAIRN_ASSIGN(bool more, visit(id));
        if (!more) return {};
    }
}

}  // namespace cairn::query
