#include "collections/date_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace cairn {
namespace {

constexpr std::string_view kLayout = "2006-01-02T15:04:05Z07:00";
constexpr std::size_t kMaxFractionDigits = 9;
constexpr int kMaxZoneHours = 24;
constexpr int kMaxStoredZoneHours = 25;  // the input +24:60 is stored as +25:00, which is no input

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Go's time package has a quoting of its own: what is not printable ASCII is written byte by byte.
std::string time_quoted(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte >= 0x80) {
            out += fmt::format("\\x{:02x}", byte);
        } else {
            if (c == '"' || c == '\\') out.push_back('\\');
            out.push_back(c);
        }
    }
    out.push_back('"');
    return out;
}

std::unexpected<Error> does_not_fit(std::string_view text, std::string_view rest,
                                    std::string_view layout_part) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("parsing time {} as \"{}\": cannot parse {} as \"{}\"", time_quoted(text),
                            kLayout, time_quoted(rest), layout_part));
}

std::unexpected<Error> out_of_range(std::string_view text, std::string_view what) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("parsing time {}: {} out of range", time_quoted(text), what));
}

int days_in_month(int year, int month) {
    static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : kDays[month - 1];
}

struct DateTime {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    std::string_view fraction;  // digits only, at most nine, no trailing zeros
    int offset_minutes = 0;
};

// Reads the input form piece by piece. Every step fails with the text that Go's time.Parse gives for it.
class DateTimeParser {
  public:
    DateTimeParser(std::string_view text, int max_zone_hours)
        : text_(text), rest_(text), max_zone_hours_(max_zone_hours) {}

    Result<DateTime> parse() {
        DateTime out;
        CAIRN_TRY(year(out.year));
        CAIRN_TRY(literal("-"));
        CAIRN_TRY(number(out.month, true, "01"));
        if (out.month < 1 || out.month > 12) return out_of_range(text_, "month");
        CAIRN_TRY(literal("-"));
        CAIRN_TRY(number(out.day, true, "02"));
        CAIRN_TRY(literal("T"));
        CAIRN_TRY(number(out.hour, false, "15"));
        if (out.hour > 23) return out_of_range(text_, "hour");
        CAIRN_TRY(literal(":"));
        CAIRN_TRY(number(out.minute, true, "04"));
        if (out.minute > 59) return out_of_range(text_, "minute");
        CAIRN_TRY(literal(":"));
        CAIRN_TRY(number(out.second, true, "05"));
        if (out.second > 59) return out_of_range(text_, "second");
        fraction(out.fraction);
        CAIRN_TRY(zone(out.offset_minutes));
        if (!rest_.empty()) {
            return fail(ErrorCode::invalid_argument, fmt::format("parsing time {}: extra text: {}",
                                                                 time_quoted(text_), time_quoted(rest_)));
        }
        if (out.day < 1 || out.day > days_in_month(out.year, out.month)) return out_of_range(text_, "day");
        return out;
    }

  private:
    bool digit_at(std::size_t i) const { return i < rest_.size() && is_digit(rest_[i]); }

    Status year(int& out) {
        for (std::size_t i = 0; i < 4; ++i) {
            if (!digit_at(i)) return does_not_fit(text_, rest_, "2006");
        }
        for (std::size_t i = 0; i < 4; ++i) out = out * 10 + (rest_[i] - '0');
        rest_.remove_prefix(4);
        return {};
    }

    Status literal(std::string_view expected) {
        if (!rest_.starts_with(expected)) return does_not_fit(text_, rest_, expected);
        rest_.remove_prefix(expected.size());
        return {};
    }

    Status number(int& out, bool two_digits, std::string_view layout_part) {
        if (!digit_at(0) || (two_digits && !digit_at(1))) return does_not_fit(text_, rest_, layout_part);
        std::size_t length = digit_at(1) ? 2 : 1;
        for (std::size_t i = 0; i < length; ++i) out = out * 10 + (rest_[i] - '0');
        rest_.remove_prefix(length);
        return {};
    }

    void fraction(std::string_view& out) {
        if (rest_.size() < 2 || (rest_[0] != '.' && rest_[0] != ',') || !is_digit(rest_[1])) return;
        std::size_t length = 1;
        while (digit_at(length)) ++length;
        out = rest_.substr(1, std::min(length - 1, kMaxFractionDigits));
        while (out.ends_with('0')) out.remove_suffix(1);
        rest_.remove_prefix(length);
    }

    Status zone(int& offset_minutes) {
        std::string_view here = rest_;
        if (rest_.starts_with('Z')) {
            rest_.remove_prefix(1);
            return {};
        }
        if (here.size() < 6 || here[3] != ':' || (here[0] != '+' && here[0] != '-') || !is_digit(here[1]) ||
            !is_digit(here[2]) || !is_digit(here[4]) || !is_digit(here[5])) {
            return does_not_fit(text_, here, "Z07:00");
        }
        int hours = (here[1] - '0') * 10 + (here[2] - '0');
        int minutes = (here[4] - '0') * 10 + (here[5] - '0');
        // As in the reference, 24 hours and 60 minutes pass.
        if (minutes > 60) return out_of_range(text_, "time zone offset minute");
        if (hours > max_zone_hours_) return out_of_range(text_, "time zone offset hour");
        offset_minutes = (hours * 60 + minutes) * (here[0] == '-' ? -1 : 1);
        rest_.remove_prefix(6);
        return {};
    }

    std::string_view text_, rest_;
    int max_zone_hours_;
};

char* put_two(char* p, int value) {
    *p++ = static_cast<char>('0' + value / 10);
    *p++ = static_cast<char>('0' + value % 10);
    return p;
}

// Days from 1970-01-01 to a day of the proleptic Gregorian calendar.
std::int64_t days_from_epoch(std::int64_t year, int month, int day) {
    // March is taken as the first month, so that the leap day is the last of its year.
    if (month <= 2) --year;
    std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    std::int64_t year_of_era = year - era * 400;
    std::int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146'097 + day_of_era - 719'468;
}

// Two digits at a place of a stored text; negative when they are none.
int two_digits(const char* p) {
    return is_digit(p[0]) && is_digit(p[1]) ? (p[0] - '0') * 10 + (p[1] - '0') : -1;
}

std::string normal_text(const DateTime& time) {
    char buffer[40];
    char* p = put_two(buffer, time.year / 100);
    p = put_two(p, time.year % 100);
    *p++ = '-';
    p = put_two(p, time.month);
    *p++ = '-';
    p = put_two(p, time.day);
    *p++ = 'T';
    p = put_two(p, time.hour);
    *p++ = ':';
    p = put_two(p, time.minute);
    *p++ = ':';
    p = put_two(p, time.second);
    if (!time.fraction.empty()) {
        *p++ = '.';
        p = std::copy(time.fraction.begin(), time.fraction.end(), p);
    }
    if (time.offset_minutes == 0) {
        *p++ = 'Z';
    } else {
        *p++ = time.offset_minutes < 0 ? '-' : '+';
        p = put_two(p, std::abs(time.offset_minutes) / 60);
        *p++ = ':';
        p = put_two(p, std::abs(time.offset_minutes) % 60);
    }
    return std::string(buffer, p);
}

}  // namespace

Result<std::string> normalize_date_time(std::string_view text) {
    CAIRN_ASSIGN(DateTime time, DateTimeParser(text, kMaxZoneHours).parse());
    return normal_text(time);
}

Result<std::string> read_stored_date_time(std::string_view text) {
    CAIRN_ASSIGN(DateTime time, DateTimeParser(text, kMaxStoredZoneHours).parse());
    return normal_text(time);
}

Instant parse_instant(std::string_view stored) {
    constexpr std::size_t kSecondsEnd = 19;
    if (stored.size() <= kSecondsEnd) return kZeroInstant;
    const char* p = stored.data();
    int century = two_digits(p), year = two_digits(p + 2), month = two_digits(p + 5), day = two_digits(p + 8);
    int hour = two_digits(p + 11), minute = two_digits(p + 14), second = two_digits(p + 17);
    if ((century | year | month | day | hour | minute | second) < 0 || month < 1 || month > 12 ||
        p[4] != '-' || p[7] != '-' || p[10] != 'T' || p[13] != ':' || p[16] != ':') {
        return kZeroInstant;
    }
    std::size_t at = kSecondsEnd;
    std::int32_t nanos = 0;
    if (stored[at] == '.') {
        std::size_t begin = ++at;
        std::int32_t unit = 100'000'000;
        for (; at < stored.size() && is_digit(stored[at]); ++at, unit /= 10)
            nanos += (stored[at] - '0') * unit;
        if (at == begin) return kZeroInstant;
    }
    std::int64_t offset = 0;
    std::string_view zone = stored.substr(at);
    if (zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') && zone[3] == ':') {
        int hours = two_digits(zone.data() + 1), minutes = two_digits(zone.data() + 4);
        if ((hours | minutes) < 0) return kZeroInstant;
        offset = (hours * 60 + minutes) * (zone[0] == '-' ? -60 : 60);
    } else if (zone != "Z") {
        return kZeroInstant;
    }
    std::int64_t days = days_from_epoch(century * 100 + year, month, day);
    return {((days * 24 + hour) * 60 + minute) * 60 + second - offset, nanos};
}

bool is_zero_instant(std::string_view stored) {
    // Zones shift by at most 25 hours, so only texts of the years 0 and 1 can be it.
    return stored.starts_with("000") && parse_instant(stored) == kZeroInstant;
}

void append_go_time(std::string_view stored, std::string& out) {
    std::size_t zone = stored.find_last_of("Z+-");
    if (stored.size() < 20 || zone == std::string_view::npos || zone < 19) {
        out.append(stored);
        return;
    }
    out.append(stored.substr(0, 10)).append(" ").append(stored.substr(11, zone - 11)).append(" ");
    if (stored[zone] == 'Z') {
        out.append("+0000 UTC");
        return;
    }
    // A zone without a name is printed by its offset, twice.
    std::string offset(stored.substr(zone));
    std::erase(offset, ':');
    out.append(offset).append(" ").append(offset);
}

}  // namespace cairn
