// Splits a stream of server-sent events (spec/http-and-cli.md section 4) into what they carry. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cairn::client {

class EventReader {
  public:
    // Takes bytes as they come, cut anywhere.
    void add(std::string_view bytes) { buffer_ += bytes; }
    // The data of the next whole event, its lines joined by newlines. Events without data are skipped.
    std::optional<std::string> next();
    // Bytes that are not yet a whole event.
    std::size_t pending() const { return buffer_.size() - start_; }

  private:
    std::optional<std::string_view> next_line();

    std::string buffer_;
    std::size_t start_ = 0;    // where the first unread line begins
    std::size_t scanned_ = 0;  // no newline between start_ and here
    std::string data_;         // of the event whose lines are being read
    bool has_data_ = false;
};

}  // namespace cairn::client
