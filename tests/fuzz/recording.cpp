// What a terminal shows, on its way into a recording and to the terminal of whoever looks on: the recording is JSON of
// the same text however it was cut, and nothing that is played asks a terminal anything. And what is no recording, or a
// damaged one, that is to be read.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "bastion/base/bytes.h"
#include "bastion/record/asciicast.h"
#include "bastion/record/frames.h"
#include "bastion/record/harmless.h"
#include "bastion/record/utf8_text.h"
#include "tests/fuzz/require.h"

namespace bastion::record {
namespace {

using fuzz::require;

std::string event_of(std::string_view bytes, std::size_t cut) {
  Utf8Text utf8;
  std::string json;
  utf8.append(bytes.substr(0, cut), json);
  utf8.append(bytes.substr(cut), json);
  utf8.finish(json);
  std::string lines;
  append_event(std::chrono::microseconds(1), Kind::output, json, lines);
  return lines;
}

std::string played(std::string_view text, Harmless::For what, std::size_t cut) {
  Harmless harmless(what);
  std::string out;
  harmless.append(text.substr(0, cut), out);
  harmless.append(text.substr(cut), out);
  return out;
}

// What it says may be far more than it has bytes: it comes piece by piece.
void read_as_file(std::string_view bytes) {
  constexpr std::size_t kLargestPiece = 64 * 1024;
  FrameReader frames;
  frames.feed(bytes);
  for (int pieces = 0; pieces < 100; ++pieces) {
    std::string text;
    const auto more = frames.read(text);
    require(text.size() <= kLargestPiece, "a piece is small");
    if (!more || !*more) return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto bytes = text_of(Bytes{data, size}).substr(1);
  const auto cut = bytes.empty() ? 0 : data[0] % bytes.size();
  const auto line = event_of(bytes, bytes.size());
  require(line == event_of(bytes, cut), "where it is cut makes no difference");
  require(std::ranges::count(line, '\n') == 1, "an event is one line");
  const auto event = parse_event(line);
  require(event.has_value(), "it is read again");

  const auto lines = played(event->data, Harmless::For::lines, event->data.size());
  require(
      std::ranges::none_of(lines, [](char c) { return (c >= 0 && c < 0x20 && c != '\n' && c != '\t') || c == 0x7f; }),
      "there are no controls in lines");
  const auto shown = played(event->data, Harmless::For::terminal, event->data.size());
  require(shown == played(event->data, Harmless::For::terminal, std::min(cut, event->data.size())), "nor here");
  require(shown == played(shown, Harmless::For::terminal, shown.size()), "what passes once passes again");
  for (const auto* const asks : {"\x1b[c", "\x1b[6n", "\x1b]", "\x1bP", "\x1b_", "\x1b^", "\x1bX", "\x1bZ", "\x05"}) {
    require(!shown.contains(asks), "nothing is asked");
  }
  read_as_file(bytes);
  std::ignore = parse_event(bytes);
  std::ignore = parse_header(bytes);
  return 0;
}

}  // namespace bastion::record
