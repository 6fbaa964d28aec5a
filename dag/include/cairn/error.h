// Error values that every folder returns. This header is public and needs only the standard library.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace cairn {

enum class ErrorCode {
    invalid_argument,
    not_found,
    already_exists,
    conflict,
    corruption,
    limit_exceeded,
    unsupported,
    io,
    internal,
};

// Returns the snake_case name of a code; a static string.
constexpr std::string_view error_code_name(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid_argument:
            return "invalid_argument";
        case ErrorCode::not_found:
            return "not_found";
        case ErrorCode::already_exists:
            return "already_exists";
        case ErrorCode::conflict:
            return "conflict";
        case ErrorCode::corruption:
            return "corruption";
        case ErrorCode::limit_exceeded:
            return "limit_exceeded";
        case ErrorCode::unsupported:
            return "unsupported";
        case ErrorCode::io:
            return "io";
        case ErrorCode::internal:
            return "internal";
    }
    return "internal";
}

// A failure: a code for programs and one text for people, with the value that was wrong in it.
struct [[nodiscard]] Error {
    ErrorCode code = ErrorCode::internal;
    std::string message;
};

template <typename T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

inline std::unexpected<Error> fail(ErrorCode code, std::string message) {
    return std::unexpected(Error{code, std::move(message)});
}

}  // namespace cairn

#define CAIRN_CONCAT_(a, b) a##b
#define CAIRN_CONCAT(a, b) CAIRN_CONCAT_(a, b)
// Returns early with the error of EXPR, a Result of any type. Names are numbered, so that EXPR may hold a
// lambda with its own.
#define CAIRN_TRY(expr) CAIRN_TRY_(CAIRN_CONCAT(cairn_status_, __COUNTER__), expr)
#define CAIRN_TRY_(tmp, expr)                                                        \
    do {                                                                             \
        if (auto tmp = (expr); !tmp) return std::unexpected(std::move(tmp).error()); \
    } while (false)

// Declares TARGET with the value of EXPR, or returns early with its error.
#define CAIRN_ASSIGN(target, expr) CAIRN_ASSIGN_(CAIRN_CONCAT(cairn_result_, __COUNTER__), target, expr)
#define CAIRN_ASSIGN_(tmp, target, expr)                      \
    auto tmp = (expr);                                        \
    if (!tmp) return std::unexpected(std::move(tmp).error()); \
    target = std::move(*tmp)
