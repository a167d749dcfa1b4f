#include "bastion/base/key_decoder.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

namespace bastion {
namespace {

std::string name_of(const Keystroke& stroke) {
  constexpr const char* kNames[] = {"text", "control", "alt",       "enter",        "tab",        "backspace",  "erase",
                                    "up",   "down",    "left",      "right",        "word_left",  "word_right", "home",
                                    "end",  "page_up", "page_down", "paste_begins", "paste_ends", "other"};
  const std::string name = kNames[static_cast<std::size_t>(stroke.key)];
  if (stroke.key == Key::text) return stroke.text;
  if (stroke.key == Key::control) return fmt::format("^{}", stroke.letter);
  if (stroke.key == Key::alt) return fmt::format("M-{}", stroke.letter == 0x7f ? '?' : stroke.letter);
  return name;
}

// The keys, with blanks between them; in whatever pieces their bytes come.
std::string keys_of(std::string_view bytes, std::size_t piece) {
  KeyDecoder decoder;
  std::string names;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    auto part = bytes.substr(at, piece);
    while (const auto stroke = decoder.take(part)) names += (names.empty() ? "" : " ") + name_of(*stroke);
  }
  return names;
}

}  // namespace

TEST_CASE("bytes of a terminal are keys") {
  struct Row {
    std::string_view bytes;
    std::string_view keys;
  };
  const Row rows[] = {
      {"aü漢😀", "a ü 漢 😀"},
      {"\x01\x1a\x7f\x08\t", "^a ^z backspace backspace tab"},
      {"\r\n\n\r", "enter enter enter"},
      {"\x1b[A\x1b[B\x1b[C\x1b[D", "up down right left"},
      {"\x1bOA\x1bOH\x1bOF", "up home end"},
      {"\x1b[1;5C\x1b[1;5D\x1b[1;3C\x1b[1;3D\x1bOc\x1bOd",
       "word_right word_left word_right word_left word_right word_left"},
      {"\x1b[H\x1b[F\x1b[1~\x1b[7~\x1b[4~\x1b[8~", "home end home home end end"},
      {"\x1b[3~\x1b[5~\x1b[6~", "erase page_up page_down"},
      {"\x1b[200~a\x1b[201~", "paste_begins a paste_ends"},
      {"\x1b"
       "b\x1b"
       "F\x1b\x7f\x1b\x08",
       "M-b M-f M-? M-?"},
      {"\x1b\r", "enter"},
      {"\x1b\x1b[D", "left"},
      {"\x1b[1;\x1b[A", "up"},  // one that has no end
      {"\x1b[15~\x1b[Zx", "other other x"},
      {"\x1b[[A\x1b[[B\x1b[[C\x1b[[D\x1b[[Ex", "other other other other other x"},  // F1 to F5, Linux console
      {"\x1b[[\x1b[A\x1b[[\rx\x1b[1[x", "up enter x other x"},
      {"\x1b[1\xc3\xbc"
       "A\x1b[\xff\x1bO\xe6\xbc\xa2x",
       "\u00fc A \u6f22 x"},
      {"\xc2\x85\xff\xfe"
       "a\xe6z\x80",
       "a z"},
  };
  for (const auto& row : rows) {
    for (const std::size_t piece : {1U, 2U, 3U, 100U}) {
      CAPTURE(row.keys);
      CAPTURE(piece);
      CHECK(keys_of(row.bytes, piece) == row.keys);
    }
  }
}

TEST_CASE("an Escape that nothing follows is told from the beginning of a key") {
  KeyDecoder decoder;
  std::string_view bytes = "\x1b";
  CHECK_FALSE(decoder.take(bytes));
  CHECK(decoder.after_escape());
  bytes = "[";
  CHECK_FALSE(decoder.take(bytes));
  CHECK_FALSE(decoder.after_escape());
}

}  // namespace bastion
