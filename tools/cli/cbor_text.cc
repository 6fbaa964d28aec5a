#include "cli/cbor_text.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <bit>
#include <cmath>
#include <cstdint>

#include "cli/json_text.h"

namespace cairn::cli {

namespace {

constexpr int kMaxNesting = 64;

std::unexpected<Error> malformed(std::string_view what) {
    return fail(ErrorCode::invalid_argument, fmt::format("not a CBOR value: {}", what));
}

class Reader {
  public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}

    bool at_end() const { return at_ == bytes_.size(); }

    Status append_value(std::string& out, int nesting) {
        if (nesting > kMaxNesting) return malformed("nested too deeply");
        if (at_end()) return malformed("cut");
        const auto first = static_cast<std::uint8_t>(bytes_[at_++]);
        const int major = first >> 5;
        CAIRN_ASSIGN(const std::uint64_t argument, read_argument(first & 31));
        switch (major) {
            case 0:
                out += fmt::to_string(argument);
                return {};
            case 1:
                return append_negative(argument, out);
            case 2:
                return append_bytes(argument, out);
            case 3:
                return append_text(argument, out);
            case 4:
                return append_array(argument, out, nesting);
            case 5:
                return append_map(argument, out, nesting);
            case 7:
                return append_simple(first & 31, argument, out);
            default:
                return malformed("a tag");
        }
    }

  private:
    Result<std::uint64_t> read_argument(int info) {
        if (info < 24) return static_cast<std::uint64_t>(info);
        if (info > 27) return malformed("an indefinite length");
        const std::size_t size = std::size_t{1} << (info - 24);
        CAIRN_ASSIGN(const std::string_view raw, take(size));
        std::uint64_t value = 0;
        for (const char c : raw) value = value << 8 | static_cast<std::uint8_t>(c);
        return value;
    }

    Result<std::string_view> take(std::uint64_t size) {
        if (size > bytes_.size() - at_) return malformed("cut");
        const std::string_view part = bytes_.substr(at_, size);
        at_ += size;
        return part;
    }

    static Status append_negative(std::uint64_t argument, std::string& out) {
        if (argument > INT64_MAX) return malformed("an integer beyond 64 bits");
        out += fmt::to_string(-1 - static_cast<std::int64_t>(argument));
        return {};
    }

    Status append_bytes(std::uint64_t size, std::string& out) {
        CAIRN_ASSIGN(const std::string_view raw, take(size));
        out += '"';
        for (const char c : raw) out += fmt::format("{:02x}", static_cast<std::uint8_t>(c));
        out += '"';
        return {};
    }

    Status append_text(std::uint64_t size, std::string& out) {
        CAIRN_ASSIGN(const std::string_view text, take(size));
        out += quote_json(text);
        return {};
    }

    Status append_array(std::uint64_t count, std::string& out, int nesting) {
        out += '[';
        for (std::uint64_t i = 0; i < count; ++i) {
            if (i > 0) out += ',';
            CAIRN_TRY(append_value(out, nesting + 1));
        }
        out += ']';
        return {};
    }

    Status append_map(std::uint64_t count, std::string& out, int nesting) {
        out += '{';
        for (std::uint64_t i = 0; i < count; ++i) {
            if (i > 0) out += ',';
            CAIRN_TRY(append_value(out, nesting + 1));
            out += ':';
            CAIRN_TRY(append_value(out, nesting + 1));
        }
        out += '}';
        return {};
    }

    static Status append_simple(int info, std::uint64_t argument, std::string& out) {
        switch (info) {
            case 20:
                out += "false";
                return {};
            case 21:
                out += "true";
                return {};
            case 22:
                out += "null";
                return {};
            case 25:
                return append_double(half_to_double(static_cast<std::uint16_t>(argument)), out);
            case 26:
                return append_double(std::bit_cast<float>(static_cast<std::uint32_t>(argument)), out);
            case 27:
                return append_double(std::bit_cast<double>(argument), out);
            default:
                return malformed("an unknown simple value");
        }
    }

    static double half_to_double(std::uint16_t half) {
        const int exponent = half >> 10 & 31;
        const int mantissa = half & 1023;
        const double sign = (half & 0x8000) != 0 ? -1 : 1;
        if (exponent == 31) return mantissa == 0 ? sign * INFINITY : NAN;
        if (exponent == 0) return sign * std::ldexp(mantissa, -24);
        return sign * std::ldexp(mantissa + 1024, exponent - 25);
    }

    static Status append_double(double value, std::string& out) {
        out += std::isfinite(value) ? fmt::to_string(value) : "null";
        return {};
    }

    std::string_view bytes_;
    std::size_t at_ = 0;
};

}  // namespace

Result<std::string> decode_base64(std::string_view text) {
    if (text.size() % 4 != 0) return fail(ErrorCode::invalid_argument, fmt::format("not base64: {}", text));
    if (text.empty()) return std::string();
    std::string bytes(text.size() / 4 * 3, '\0');
    const int size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    if (size < 0) return fail(ErrorCode::invalid_argument, fmt::format("not base64: {}", text));
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
    bytes.resize(static_cast<std::size_t>(size) - padding);
    return bytes;
}

Result<std::string> cbor_to_json(std::string_view bytes) {
    Reader reader(bytes);
    std::string out;
    CAIRN_TRY(reader.append_value(out, 0));
    if (!reader.at_end()) return malformed("bytes behind it");
    return out;
}

}  // namespace cairn::cli
