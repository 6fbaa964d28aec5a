// Canonical CBOR on libcbor's streaming functions (spec/blocks.md section 1.1). The writer appends to a
// string; the reader pulls items from a span and refuses what is not in canonical form. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cairn/error.h"
#include "dag/cid.h"

namespace cairn::dag {

class CborWriter {
  public:
    explicit CborWriter(std::string& out) : out_(out) {}
    void unsigned_integer(std::uint64_t value);
    void integer(std::int64_t value);  // major type 0 or 1, shortest head
    void byte_string(std::string_view bytes);
    void text(std::string_view text);
    void array(std::size_t count);  // head only
    void map(std::size_t count);    // head only; the caller writes keys in canonical order
    void boolean(bool value);
    void null();
    void float_shortest(double value);  // half, single or double: the shortest that gives the same value
    void float_shortest(float value);   // half or single
    void link(const Digest& digest);    // tag 42, dag-cbor CID

  private:
    std::string& out_;
};

enum class CborType : std::uint8_t {
    unsigned_integer,
    negative_integer,
    byte_string,
    text,
    array,
    map,
    tag,
    boolean,
    null,
    floating
};

struct CborItem {
    CborType type = CborType::null;
    std::uint64_t value = 0;   // integer argument, element count, tag number, or 0/1 for boolean
    double number = 0;         // floating
    std::string_view bytes{};  // byte_string, text: view into the input
};

// The type in words, for messages; a static string.
std::string_view cbor_type_name(CborType type);

// Whether texts are checked. Blocks are read without: a field name that is not UTF-8 still encodes to the
// same bytes, and the reference takes it (block_reading.json).
enum class TextCheck : std::uint8_t { utf8, none };

class CborReader {
  public:
    explicit CborReader(Bytes input, TextCheck text_check = TextCheck::utf8)
        : input_(input), text_check_(text_check) {}
    // The next item's head (and payload of strings). Errors (corruption) name offset and cause: truncated,
    // indefinite length, long head, float not in shortest form, invalid UTF-8, reserved value.
    Result<CborItem> next();
    // Like next, but the type must fit.
    Result<CborItem> expect(CborType type);
    // The digest of a dag-cbor CID link: tag 42 on 37 bytes.
    Result<Digest> link();
    // Steps over these very bytes if they come next and says whether they did. For keys that stand at a fixed
    // place.
    bool skip_literal(std::string_view bytes);
    std::size_t offset() const { return offset_; }
    bool at_end() const { return offset_ == input_.size(); }

  private:
    Bytes input_;
    std::size_t offset_ = 0;
    TextCheck text_check_;
};

// True if a map key a sorts before b canonically: by length, then bytewise.
inline bool cbor_key_less(std::string_view a, std::string_view b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace cairn::dag
