#include "dag/event.h"

#include <fmt/format.h>

#include "dag/varint.h"

namespace cairn::dag {
namespace {
constexpr char kFormat = 1;
}

void EventWriter::clear() {
    record_.clear();
}

void EventWriter::add(EventBlockRole role, std::string_view bytes) {
    if (record_.empty()) record_.push_back(kFormat);
    record_.push_back(static_cast<char>(role));
    append_varint(record_, bytes.size());
    record_.append(bytes);
}

Status read_event(std::string_view record, std::vector<EventBlock>& blocks) {
    blocks.clear();
    if (record.empty() || record[0] != kFormat) {
        return fail(ErrorCode::corruption, fmt::format("event record has unknown format {}",
                                                       record.empty() ? -1 : static_cast<int>(record[0])));
    }
    std::string_view rest = record.substr(1);
    while (!rest.empty()) {
        auto role = static_cast<std::uint8_t>(rest[0]);
        rest.remove_prefix(1);
        std::uint64_t size = 0;
        if (role > 4 || !read_varint(rest, size) || size > rest.size()) {
            return fail(ErrorCode::corruption,
                        fmt::format("event record is damaged at byte {}", record.size() - rest.size()));
        }
        blocks.push_back({static_cast<EventBlockRole>(role), rest.substr(0, size)});
        rest.remove_prefix(size);
    }
    return {};
}

Result<std::vector<EventBlock>> read_event(std::string_view record) {
    std::vector<EventBlock> blocks;
    CAIRN_TRY(read_event(record, blocks));
    return blocks;
}

}  // namespace cairn::dag
