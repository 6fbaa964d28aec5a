#include "dag/cbor.h"

#include <cbor.h>
#include <fmt/format.h>
#include <simdjson.h>

#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "dag/cbor_head.h"

namespace cairn::dag {
namespace {

constexpr std::uint64_t kLinkTag = 42;
// Tag 42, head of 37 bytes, identity multibase, then what all CIDs of dag-cbor blocks begin with.
constexpr std::string_view kLinkHead("\xd8\x2a\x58\x25\x00\x01\x71\x12\x20", 9);

void append_head(std::string& out, CborMajor major, std::uint64_t argument) {
    std::array<char, kMaxCborHeadBytes> head;
    out.append(head.data(), write_cbor_head(head.data(), major, argument));
}

// True if a half float holds exactly this value. Not for NaN.
bool fits_half(float value) {
    constexpr float kMaxHalf = 65504.0f;
    constexpr int kHalfDigits = 11;
    constexpr int kMinHalfExponent = -24;  // of the smallest subnormal number
    if (value == 0 || std::isinf(value)) return true;
    if (std::fabs(value) > kMaxHalf) return false;
    int exponent = 0;  // value = m * 2^exponent with m in [0.5, 1)
    const float fraction = std::frexp(value, &exponent);
    const int digits = std::min(kHalfDigits, exponent - kMinHalfExponent);
    if (digits <= 0) return false;
    const float scaled = std::ldexp(fraction, digits);
    return scaled == std::trunc(scaled);
}

// The bits of a half float, for values that one holds exactly. libcbor's encoder is not used for these:
// version 0.8 writes the odd subnormal numbers wrong (3 * 2^-24 as 2 * 2^-24).
std::uint16_t half_bits(float value) {
    constexpr int kFractionBits = 10;
    constexpr int kBias = 15;
    const std::uint16_t sign = std::signbit(value) ? 0x8000 : 0;
    const float magnitude = std::fabs(value);
    if (std::isinf(value)) return sign | 0x7c00;
    int exponent = 0;
    const float fraction = std::frexp(magnitude, &exponent);  // in [0.5, 1)
    const int biased = exponent - 1 + kBias;
    if (magnitude == 0 || biased <= 0) return sign | static_cast<std::uint16_t>(std::ldexp(magnitude, 24));
    const auto bits = static_cast<std::uint16_t>(std::ldexp(2 * fraction - 1, kFractionBits));
    return static_cast<std::uint16_t>(sign | biased << kFractionBits | bits);
}

bool fits_single(double value) {
    if (std::isinf(value)) return true;
    // The conversion of a value beyond the range is undefined, so it is asked first.
    if (std::fabs(value) > std::numeric_limits<float>::max()) return false;
    return static_cast<double>(static_cast<float>(value)) == value;
}

// What libcbor's decoder tells about one item.
struct Sink {
    CborItem item;
    const char* refused = nullptr;
};

Sink& sink(void* context) {
    return *static_cast<Sink*>(context);
}

template <CborType kType, typename Argument>
void on_number(void* context, Argument argument) {
    sink(context).item = {.type = kType, .value = argument};
}
template <CborType kType>
void on_string(void* context, cbor_data data, std::size_t size) {
    sink(context).item = {.type = kType, .value = size, .bytes = {reinterpret_cast<const char*>(data), size}};
}
template <typename Number>
void on_float(void* context, Number number) {
    sink(context).item = {.type = CborType::floating, .number = static_cast<double>(number)};
}
void on_indefinite(void* context) {
    sink(context).refused = "indefinite length";
}

constexpr cbor_callbacks kCallbacks = {
    .uint8 = on_number<CborType::unsigned_integer, std::uint8_t>,
    .uint16 = on_number<CborType::unsigned_integer, std::uint16_t>,
    .uint32 = on_number<CborType::unsigned_integer, std::uint32_t>,
    .uint64 = on_number<CborType::unsigned_integer, std::uint64_t>,
    .negint64 = on_number<CborType::negative_integer, std::uint64_t>,
    .negint32 = on_number<CborType::negative_integer, std::uint32_t>,
    .negint16 = on_number<CborType::negative_integer, std::uint16_t>,
    .negint8 = on_number<CborType::negative_integer, std::uint8_t>,
    .byte_string_start = on_indefinite,
    .byte_string = on_string<CborType::byte_string>,
    .string = on_string<CborType::text>,
    .string_start = on_indefinite,
    .indef_array_start = on_indefinite,
    .array_start = on_number<CborType::array, std::size_t>,
    .indef_map_start = on_indefinite,
    .map_start = on_number<CborType::map, std::size_t>,
    .tag = on_number<CborType::tag, std::uint64_t>,
    .float2 = on_float<float>,
    .float4 = on_float<float>,
    .float8 = on_float<double>,
    .undefined = [](void* context) { sink(context).refused = "undefined value"; },
    .null = [](void* context) { sink(context).item = {.type = CborType::null}; },
    .boolean = [](void* context,
                  bool value) { sink(context).item = {.type = CborType::boolean, .value = value}; },
    .indef_break = [](void* context) { sink(context).refused = "break outside an indefinite length"; },
};

std::size_t shortest_head(std::uint64_t argument) {
    if (argument < 24) return 1;
    if (argument <= 0xff) return 2;
    if (argument <= 0xffff) return 3;
    return argument <= 0xffffffff ? 5 : 9;
}

std::unexpected<Error> corrupt(std::size_t offset, std::string_view cause) {
    return fail(ErrorCode::corruption, fmt::format("invalid cbor at byte {}: {}", offset, cause));
}

// Why the head that began with these bytes is not the canonical one of item; null when it is.
const char* not_canonical(const CborItem& item, Bytes read) {
    switch (item.type) {
        case CborType::boolean:
        case CborType::null:
            return nullptr;
        case CborType::floating: {
            std::string shortest;
            CborWriter(shortest).float_shortest(item.number);
            return as_text(read) == shortest ? nullptr : "float not in its shortest form";
        }
        case CborType::byte_string:
        case CborType::text:
            return read.size() - item.bytes.size() == shortest_head(item.value)
                       ? nullptr
                       : "head not in its shortest form";
        default:
            return read.size() == shortest_head(item.value) ? nullptr : "head not in its shortest form";
    }
}

}  // namespace

std::string_view cbor_type_name(CborType type) {
    switch (type) {
        case CborType::unsigned_integer:
            return "unsigned integer";
        case CborType::negative_integer:
            return "negative integer";
        case CborType::byte_string:
            return "byte string";
        case CborType::text:
            return "text";
        case CborType::array:
            return "array";
        case CborType::map:
            return "map";
        case CborType::tag:
            return "tag";
        case CborType::boolean:
            return "boolean";
        case CborType::null:
            return "null";
        case CborType::floating:
            return "float";
    }
    return "unknown";
}

void CborWriter::unsigned_integer(std::uint64_t value) {
    append_head(out_, CborMajor::unsigned_integer, value);
}

void CborWriter::integer(std::int64_t value) {
    if (value >= 0) return unsigned_integer(static_cast<std::uint64_t>(value));
    append_head(out_, CborMajor::negative_integer, ~static_cast<std::uint64_t>(value));  // -1 - value
}

void CborWriter::byte_string(std::string_view bytes) {
    append_head(out_, CborMajor::byte_string, bytes.size());
    out_.append(bytes);
}

void CborWriter::text(std::string_view text) {
    append_head(out_, CborMajor::text, text.size());
    out_.append(text);
}

void CborWriter::array(std::size_t count) {
    append_head(out_, CborMajor::array, count);
}

void CborWriter::map(std::size_t count) {
    append_head(out_, CborMajor::map, count);
}

void CborWriter::boolean(bool value) {
    out_.push_back(value ? '\xf5' : '\xf4');
}

void CborWriter::null() {
    out_.push_back('\xf6');
}

void CborWriter::float_shortest(double value) {
    if (std::isnan(value) || fits_single(value)) return float_shortest(static_cast<float>(value));
    std::array<unsigned char, kMaxCborHeadBytes> bytes;
    out_.append(reinterpret_cast<const char*>(bytes.data()),
                cbor_encode_double(value, bytes.data(), bytes.size()));
}

void CborWriter::float_shortest(float value) {
    if (std::isnan(value)) {
        out_.append("\xf9\x7e\x00", 3);
    } else if (fits_half(value)) {
        const std::uint16_t bits = half_bits(value);
        const char half[] = {'\xf9', static_cast<char>(bits >> 8), static_cast<char>(bits)};
        out_.append(half, sizeof half);
    } else {
        std::array<unsigned char, kMaxCborHeadBytes> bytes;
        out_.append(reinterpret_cast<const char*>(bytes.data()),
                    cbor_encode_single(value, bytes.data(), bytes.size()));
    }
}

void CborWriter::link(const Digest& digest) {
    out_.append(kLinkHead);
    out_.append(as_text(digest));
}

Result<CborItem> CborReader::next() {
    const Bytes rest = input_.subspan(offset_);
    if (rest.empty()) return corrupt(offset_, "truncated");
    Sink result;
    const cbor_decoder_result decoded = cbor_stream_decode(rest.data(), rest.size(), &kCallbacks, &result);
    if (decoded.status == CBOR_DECODER_NEDATA) return corrupt(offset_, "truncated");
    if (decoded.status != CBOR_DECODER_FINISHED) {
        return corrupt(offset_, fmt::format("reserved initial byte {:#04x}", rest.front()));
    }
    if (result.refused) return corrupt(offset_, result.refused);
    if (const char* cause = not_canonical(result.item, rest.first(decoded.read)))
        return corrupt(offset_, cause);
    if (result.item.type == CborType::text && text_check_ == TextCheck::utf8 &&
        !simdjson::validate_utf8(result.item.bytes)) {
        return corrupt(offset_, "text is not valid UTF-8");
    }
    offset_ += decoded.read;
    return result.item;
}

Result<CborItem> CborReader::expect(CborType type) {
    const std::size_t start = offset_;
    CAIRN_ASSIGN(CborItem item, next());
    if (item.type != type) {
        offset_ = start;
        return corrupt(start,
                       fmt::format("expected {}, found {}", cbor_type_name(type), cbor_type_name(item.type)));
    }
    return item;
}

bool CborReader::skip_literal(std::string_view bytes) {
    if (!as_text(input_.subspan(offset_)).starts_with(bytes)) return false;
    offset_ += bytes.size();
    return true;
}

Result<Digest> CborReader::link() {
    const std::size_t start = offset_;
    Digest digest;
    const Bytes rest = input_.subspan(offset_);
    if (rest.size() >= kLinkHead.size() + digest.size() && as_text(rest).starts_with(kLinkHead)) {
        std::memcpy(digest.data(), rest.data() + kLinkHead.size(), digest.size());
        offset_ += kLinkHead.size() + digest.size();
        return digest;
    }
    // Not a link: the slow way finds out why.
    CAIRN_ASSIGN(const CborItem tag, expect(CborType::tag));
    if (tag.value != kLinkTag) return corrupt(start, fmt::format("expected tag 42, found tag {}", tag.value));
    CAIRN_ASSIGN([[maybe_unused]] const CborItem cid, expect(CborType::byte_string));
    return corrupt(start, "link is not a dag-cbor CID with SHA2-256");
}

}  // namespace cairn::dag
