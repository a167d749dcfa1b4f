// Recordings as text: asciicast v2 (https://docs.asciinema.org/manual/asciicast/v2/), a line of JSON for the header and
// one for each event. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bastion/base/result.h"

namespace bastion::record {

// What a recording is of.
struct Subject {
  std::string session{};  // its id
  unsigned number = 0;    // which one of the session's recordings, from 1
  std::string user{};
  std::string container{};  // owner/name
  std::string from_host{};
};

struct Header {
  std::uint32_t width = 80;
  std::uint32_t height = 24;
  std::int64_t at = 0;     // Unix seconds
  std::string command{};   // empty: a shell
  std::string terminal{};  // TERM; empty: there is no terminal
  Subject subject{};
};

enum class Kind : char { output = 'o', input = 'i', resize = 'r', marker = 'm' };

// With its newline. The sizes that a client may claim are brought within what a terminal can have.
[[nodiscard]] std::string line_of(const Header& header);
// Nothing where it is none of ours.
[[nodiscard]] Result<Header> parse_header(std::string_view line);
// The same of an event; `json` is its data, escaped (Utf8Text), and may be empty.
void append_event(std::chrono::microseconds at, Kind kind, std::string_view json, std::string& lines);
[[nodiscard]] std::string text_of_size(std::uint32_t width, std::uint32_t height);

struct Event {
  std::chrono::microseconds at{0};
  Kind kind = Kind::output;
  std::string data;
};
// Nothing where it is malformed or of a kind that we do not write.
[[nodiscard]] std::optional<Event> parse_event(std::string_view line);

}  // namespace bastion::record
