// Cursors of connections: the place of a document in an order, as a text for clients. A cursor holds what
// the order compares, so a page is found from it by comparing (keyset paging), whether or not the document is
// still there. An order is immutable; any thread may use it.
//
// A cursor is base64url (RFC 4648 section 5, no padding) of
//   1 byte    format, 1
//   4 bytes   fingerprint of the collection and the order, big endian
//   keys      those of the order, then the document's id unless the order ends with it; each 00 for null,
//   else
//             01 and the value: a boolean 1 byte, numbers 8 bytes and instants 8 (seconds) and 4
//             (nanoseconds), big endian; texts, ids and JSON varint length and bytes; arrays nothing
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/error.h"
#include "query/select_arguments.h"
#include "query/sort_keys.h"

namespace cairn::query {

// Characters of a cursor. What would be longer, by a very long text in its order, has no cursor.
inline constexpr std::size_t kMaxCursorBytes = std::size_t{1} << 20;

// A place in an order: what it compares, decoded. Keys point into bytes.
struct Cursor {
    std::unique_ptr<const std::string> bytes;
    std::vector<SortKey> keys;
    // Of the document that was there; the last key.
    DocId id() const { return DocId::from_key(keys.back().text); }
};

// An order without ties: the keys given, then the document id.
class KeysetOrder {
  public:
    // order has no computed values.
    KeysetOrder(const Catalog& catalog, int collection, std::vector<SelectArguments::OrderKey> order);

    // The keys that are compared, the id last.
    const std::vector<SelectArguments::OrderKey>& keys() const { return keys_; }
    // The same the other way round.
    std::vector<SelectArguments::OrderKey> reversed() const;
    // Whether documents stand in the order of their ids, or the other way round (then descending()).
    bool is_by_id() const { return keys_.size() == 1; }
    bool descending() const { return keys_.front().descending; }
    // Negative, zero or positive; both point to one key for each of keys().
    int compare(const SortKey* a, const SortKey* b) const;

    // Appends the cursor of a document with these keys as a JSON string. Errors: limit_exceeded when it is
    // longer than kMaxCursorBytes; corruption.
    Status append_cursor(const SortKey* keys, std::string& out) const;
    // Errors: invalid_argument for what is no cursor of this order, limit_exceeded; with the text.
    Result<Cursor> read_cursor(std::string_view text) const;

  private:
    std::vector<SelectArguments::OrderKey> keys_;
    std::vector<FieldKind> kinds_;  // of keys_
    std::uint32_t fingerprint_ = 0;
};

}  // namespace cairn::query
