// GraphQL wrapped in hex, for readers of Ethereum's CCIP (spec/http-and-cli.md section 12).
#include <fmt/format.h>

#include "server/json_text.h"
#include "server/routes.h"

namespace cairn::server {

namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

Result<std::string> decode_hex(std::string_view text) {
    if (text.starts_with("0x")) text.remove_prefix(2);
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        int digit = hex_digit(text[i]);
        if (digit < 0) {
            auto c = static_cast<unsigned char>(text[i]);
            return fail(ErrorCode::invalid_argument, fmt::format("encoding/hex: invalid byte: U+{:04X} '{}'",
                                                                 c, c >= 0x20 && c < 0x7F ? text[i] : '?'));
        }
        if (i % 2 == 0) {
            bytes += static_cast<char>(digit << 4);
        } else {
            bytes.back() = static_cast<char>(bytes.back() | digit);
        }
    }
    if (text.size() % 2 != 0) return fail(ErrorCode::invalid_argument, "encoding/hex: odd length hex string");
    return bytes;
}

HttpResponse answer(Call& call, std::string_view data, bool may_change) {
    auto text = decode_hex(data);
    if (!text) return error_response(text.error());
    auto body = JsonObject::parse(*text, "http.GraphQLRequest");
    if (!body) return error_response(body.error());
    auto query = body->text("query");
    if (!query) return error_response(query.error());
    Request request{
        .query = *query, .variables_json = {}, .operation_name = {}, .stop = call.state.stop_token()};
    auto kind = Database::operation_kind(request);
    if (kind == Database::OperationKind::subscription) return error_response(400, "streaming not supported");
    if (kind == Database::OperationKind::mutation && !may_change) {
        HttpResponse response = error_response(405, "a mutation must be sent by POST, not by GET");
        response.headers.emplace_back("Allow", "POST");
        return response;
    }
    std::string result =
        call.state.with_database([&](Database& database) { return database.execute(request); });
    std::string json = "{\"data\":\"0x";
    for (unsigned char c : result) fmt::format_to(std::back_inserter(json), "{:02x}", c);
    return json_response(json + "\"}");
}

}  // namespace

HttpResponse ccip_post(Call& call) {
    auto body = JsonObject::parse(call.request.body, "http.CCIPRequest");
    if (!body) return error_response(body.error());
    auto data = body->text("data");
    return data ? answer(call, *data, true) : error_response(data.error());
}

HttpResponse ccip_get(Call& call) {
    return answer(call, call.parameters[1], false);
}

}  // namespace cairn::server
