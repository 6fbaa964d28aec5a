#include "collections/number_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <type_traits>

#include "collections/json_document.h"
#include "collections/value.h"

namespace cairn {
namespace {

static_assert(std::numeric_limits<double>::is_iec559 && std::numeric_limits<float>::is_iec559);

constexpr double kPowers[32] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10,
                                1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21,
                                1e22, 1e23, 1e24, 1e25, 1e26, 1e27, 1e28, 1e29, 1e30, 1e31};
constexpr double kPowersBy32[10] = {1e0, 1e32, 1e64, 1e96, 1e128, 1e160, 1e192, 1e224, 1e256, 1e288};
constexpr double kNegativePowersBy32[10] = {1e-0,   1e-32,  1e-64,  1e-96,  1e-128,
                                            1e-160, 1e-192, 1e-224, 1e-256, 1e-288};
constexpr unsigned kExponentLimit = 300;    // beyond it the reference leaves its own arithmetic
constexpr std::size_t kWholeLimit = 18;     // digits and sign
constexpr std::size_t kMantissaLimit = 16;  // digits, when some are behind the point
constexpr std::int64_t kHugeExponent = 1'000'000'000;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
    if (text.size() != lower.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if ((text[i] | 0x20) != lower[i]) return false;
    }
    return true;
}

// The pieces of a number token.
struct Token {
    bool negative = false;
    std::size_t whole = 0;     // digits before the point
    std::size_t fraction = 0;  // digits behind it
    std::uint64_t digits = 0;  // all of them as one integer; meaningless when there are more than 19
    bool has_exponent = false;
    bool exponent_negative = false;
    std::int64_t exponent = 0;  // absolute value, saturated
};

std::unexpected<Error> bad_number(std::string_view cause, std::string_view token) {
    return fail(ErrorCode::invalid_argument, fmt::format("{} {}", cause, go_quoted(token)));
}

std::size_t scan_digits(std::string_view token, std::size_t& position, std::uint64_t& digits) {
    std::size_t begin = position;
    while (position < token.size() && is_digit(token[position])) {
        digits = digits * 10 + static_cast<std::uint64_t>(token[position++] - '0');
    }
    return position - begin;
}

Status scan_exponent(std::string_view token, std::size_t& position, Token& out) {
    out.has_exponent = true;
    ++position;
    if (position < token.size() && (token[position] == '+' || token[position] == '-')) {
        out.exponent_negative = token[position++] == '-';
    }
    std::size_t begin = position;
    while (position < token.size() && is_digit(token[position])) {
        out.exponent = std::min(out.exponent * 10 + (token[position++] - '0'), kHugeExponent);
    }
    if (position == begin) return bad_number("cannot parse exponent in", token);
    return {};
}

Result<Token> scan_token(std::string_view token) {
    Token out;
    std::size_t position = 0;
    out.negative = token.starts_with('-');
    if (out.negative) ++position;
    out.whole = scan_digits(token, position, out.digits);
    if (position < token.size() && token[position] == '.') {
        ++position;
        out.fraction = scan_digits(token, position, out.digits);
        if (out.whole + out.fraction == 0) return bad_number("missing integer and fractional part in", token);
    } else if (out.whole == 0) {
        if (position == token.size()) return bad_number("cannot parse float64 from", token);
        return fail(ErrorCode::invalid_argument,
                    fmt::format("unparsed tail left after parsing float64 from {}: {}", go_quoted(token),
                                go_quoted(token.substr(position))));
    }
    if (position < token.size() && (token[position] | 0x20) == 'e') {
        CAIRN_TRY(scan_exponent(token, position, out));
    }
    if (position != token.size()) return bad_number("cannot parse float64 from", token);
    return out;
}

// Whether a decimal number that no finite, non-zero double is near to is large rather than small.
bool is_beyond_range(std::string_view text, const Token& token) {
    std::size_t first = text.find_first_not_of("0.");
    std::size_t point = token.whole;
    std::int64_t place =
        first < point ? static_cast<std::int64_t>(point - first) : -static_cast<std::int64_t>(first - point);
    return place + (token.exponent_negative ? -token.exponent : token.exponent) > 0;
}

double nearest_double(std::string_view text, const Token& token) {
    double value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::result_out_of_range) {
        return is_beyond_range(text, token) ? std::numeric_limits<double>::infinity() : 0.0;
    }
    return value;
}

double by_reference_arithmetic(const Token& token) {
    auto value = static_cast<double>(token.digits);
    if (token.fraction > 0) value = value / kPowers[token.fraction];
    if (token.has_exponent) {
        auto high = static_cast<std::size_t>(token.exponent / 32),
             low = static_cast<std::size_t>(token.exponent % 32);
        double power = token.exponent_negative ? kNegativePowersBy32[high] / kPowers[low]
                                               : kPowersBy32[high] * kPowers[low];
        value = value * power;
    }
    return value;
}

// nan and inf in any letter case, with a sign or without.
bool read_word(std::string_view token, double& value) {
    if (token.size() < 3 || token.size() > 4) return false;
    std::string_view word = token;
    if (word[0] == '-' || word[0] == '+') word.remove_prefix(1);
    if (equals_ignoring_case(word, "nan")) {
        value = std::numeric_limits<double>::quiet_NaN();
        return true;
    }
    if (equals_ignoring_case(word, "inf")) {
        value = std::numeric_limits<double>::infinity();
        if (token[0] == '-') value = -value;
        return true;
    }
    return false;
}

// Shortest digits that give the value back, and the place of the point: 0.d1d2d3… times 10^point.
struct Decimal {
    char digits[24];
    int count = 0;
    int point = 0;
    bool negative = false;
};

template <typename Float>
Decimal shortest_decimal(Float value) {
    char text[48];
    auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
    Decimal out;
    const char* p = text;
    if (*p == '-') {
        out.negative = true;
        ++p;
    }
    for (; p != end && *p != 'e'; ++p) {
        if (*p != '.') out.digits[out.count++] = *p;
    }
    int exponent = 0;
    if (p != end) {
        ++p;
        if (*p == '+') ++p;
        std::from_chars(p, end, exponent);
    }
    out.point = exponent + 1;
    return out;
}

void append_fixed(const Decimal& number, std::string& out) {
    if (number.negative) out.push_back('-');
    auto count = static_cast<std::size_t>(number.count);
    if (number.point <= 0) {
        out.append("0.");
        out.append(static_cast<std::size_t>(-number.point), '0');
        out.append(number.digits, count);
    } else if (number.point >= number.count) {
        out.append(number.digits, count);
        out.append(static_cast<std::size_t>(number.point - number.count), '0');
    } else {
        auto point = static_cast<std::size_t>(number.point);
        out.append(number.digits, point);
        out.push_back('.');
        out.append(number.digits + point, count - point);
    }
}

void append_exponent_form(const Decimal& number, bool pad_exponent, std::string& out) {
    if (number.negative) out.push_back('-');
    out.push_back(number.digits[0]);
    if (number.count > 1) {
        out.push_back('.');
        out.append(number.digits + 1, static_cast<std::size_t>(number.count - 1));
    }
    int exponent = number.point - 1;
    out.push_back('e');
    out.push_back(exponent < 0 ? '-' : '+');
    exponent = std::abs(exponent);
    if (pad_exponent && exponent < 10) out.push_back('0');
    append_json_number(static_cast<std::int64_t>(exponent), out);
}

// Appends a number that has at most four decimals, as prices and ratings have; false when it has more. A
// decimal of at most 15 digits that gives the double is its shortest one, since no two such decimals give the
// same double; and the division of two whole numbers is rounded once, like the reading of that decimal.
bool append_short_decimal(double value, std::string& out) {
    constexpr std::int64_t kUnit = 10'000;
    constexpr double kMost = 1e15 / kUnit;
    if (!(std::fabs(value) < kMost)) return false;
    std::int64_t units = std::llrint(value * kUnit);
    if (static_cast<double>(units) / kUnit != value || units == 0) return false;
    if (units < 0) out.push_back('-');
    units = std::abs(units);
    append_json_number(units / kUnit, out);
    auto rest = static_cast<unsigned>(units % kUnit);
    if (rest == 0) return true;
    char decimals[] = {'.', static_cast<char>('0' + rest / 1000), static_cast<char>('0' + rest / 100 % 10),
                       static_cast<char>('0' + rest / 10 % 10), static_cast<char>('0' + rest % 10)};
    std::size_t length = sizeof decimals;
    while (decimals[length - 1] == '0') --length;
    out.append(decimals, length);
    return true;
}

template <typename Float>
void append_json_float(Float value, std::string& out) {
    if (!std::isfinite(value)) {
        out.append("null");
        return;
    }
    Float magnitude = std::fabs(value);
    if constexpr (std::is_same_v<Float, double>) {
        if (append_short_decimal(value, out)) return;
    }
    if (magnitude == 0) {
        out.append(std::signbit(value) ? "-0" : "0");
        return;
    }
    Decimal number = shortest_decimal(value);
    if (magnitude < Float(1e-6) || magnitude >= Float(1e21)) {
        append_exponent_form(number, false, out);
    } else {
        append_fixed(number, out);
    }
}

template <typename Float>
void append_go_float(Float value, std::string& out) {
    if (std::isnan(value)) {
        out.append("NaN");
    } else if (std::isinf(value)) {
        out.append(value > 0 ? "+Inf" : "-Inf");
    } else if (value == 0) {
        out.append(std::signbit(value) ? "-0" : "0");
    } else {
        Decimal number = shortest_decimal(value);
        int exponent = number.point - 1;
        // Go's %v is %g with the shortest digits, which has an exponent below 1e-4 and from 1e6 on.
        if (exponent < -4 || exponent >= 6) {
            append_exponent_form(number, true, out);
        } else {
            append_fixed(number, out);
        }
    }
}

}  // namespace

Result<double> parse_document_number(std::string_view token) {
    double value = 0;
    if (read_word(token, value)) return value;
    CAIRN_ASSIGN(Token parts, scan_token(token));
    bool exact = parts.whole + (parts.negative ? 1 : 0) > kWholeLimit ||
                 (parts.fraction > 0 && parts.whole + parts.fraction >= kMantissaLimit) ||
                 parts.exponent > kExponentLimit;
    value =
        exact ? nearest_double(token.substr(parts.negative ? 1 : 0), parts) : by_reference_arithmetic(parts);
    return parts.negative ? -value : value;
}

double number_from_document_text(std::string_view token) {
    return parse_document_number(token).value_or(std::numeric_limits<double>::quiet_NaN());
}

Result<std::int64_t> parse_document_integer(std::string_view token) {
    std::size_t begin = token.starts_with('-') ? 1 : 0;
    std::size_t end = begin;
    while (end < token.size() && is_digit(token[end])) ++end;
    if (end == begin) return bad_number("cannot parse int64 from", token);
    if (end != token.size()) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("unparsed tail left after parsing int64 form {}: {}", go_quoted(token),
                                go_quoted(token.substr(end))));
    }
    std::int64_t value = 0;
    auto [stop, error] = std::from_chars(token.data(), token.data() + token.size(), value);
    if (error != std::errc{}) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("strconv.ParseInt: parsing {}: value out of range", go_quoted(token)));
    }
    return value;
}

void append_json_number(std::int64_t value, std::string& out) {
    char text[24];
    auto end = std::to_chars(text, text + sizeof text, value).ptr;
    out.append(text, static_cast<std::size_t>(end - text));
}
void append_json_number(double value, std::string& out) {
    append_json_float(value, out);
}
void append_json_number(float value, std::string& out) {
    append_json_float(value, out);
}

void append_go_number(double value, std::string& out) {
    append_go_float(value, out);
}
void append_go_number(float value, std::string& out) {
    append_go_float(value, out);
}

}  // namespace cairn
