#include "query/past_views.h"

#include <algorithm>
#include <cassert>
#include <charconv>

#include <fmt/format.h>

namespace cairn::query {
namespace {

bool is_number(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Result<std::uint64_t> read_position(std::string_view text) {
    if (text.starts_with('-')) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("asOf: log position {} is negative, the first one is 0", text));
    }
    std::uint64_t position = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), position);
    if (error != std::errc{}) {
        return fail(ErrorCode::invalid_argument, fmt::format("asOf: log position {} is too large", text));
    }
    return position;
}

}  // namespace

std::optional<std::string> as_of_argument(const AstValue* given, const VariableValues& variables) {
    const AstValue* value = variables.resolve(given);
    if (value == nullptr || value->kind == AstValue::Kind::null) return std::nullopt;
    return std::string(value->text);
}

Result<std::uint64_t> PastViews::position_of(std::string_view as_of) const {
    if (is_number(as_of)) return read_position(as_of);
    auto cid = dag::Cid::parse(as_of);
    if (!cid) {
        return fail(
            ErrorCode::invalid_argument,
            fmt::format("asOf: \"{}\" is neither a log position nor a CID: {}", as_of, cid.error().message));
    }
    CAIRN_TRY(now_.index_blocks());
    std::optional<Store::BlockPlace> place;
    if (cid->codec == dag::Codec::dag_cbor) {
        CAIRN_ASSIGN(place, now_.store().find_block(cid->digest));
    }
    CAIRN_ASSIGN(const std::uint64_t end, now_.log_end());
    if (!place || place->position >= end) {
        return fail(ErrorCode::not_found, fmt::format("asOf: no event of the log holds the block {}", as_of));
    }
    return place->position + 1;
}

Result<const StoreTransaction*> PastViews::at(std::string_view as_of) {
    CAIRN_ASSIGN(const std::uint64_t position, position_of(as_of));
    if (past_ && position == position_) return past_.get();
    past_.reset();
    auto past = open_as_of(now_, position);
    if (!past && past.error().code == ErrorCode::invalid_argument)
        return fail(ErrorCode::invalid_argument, "asOf: " + past.error().message);
    CAIRN_ASSIGN(past_, std::move(past));
    position_ = position;
    return past_.get();
}

Result<ExecutionContext> context_as_of(const ExecutionContext& now, std::string_view as_of) {
    assert(now.past != nullptr);
    CAIRN_ASSIGN(const StoreTransaction* past, now.past->at(as_of));
    return ExecutionContext{.transaction = *past,
                            .variables = now.variables,
                            .modes = now.modes,
                            .notices = now.notices,
                            .versions = now.versions,
                            .limits = now.limits,
                            .past = now.past};
}

}  // namespace cairn::query
