// How a screen may look, by what is known of the terminal. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace bastion::admin {

// What a terminal can show, beside letters.
enum class Glyphs : std::uint8_t { unicode, ascii };

struct TopLook {
  bool coloured = false;
  Glyphs glyphs = Glyphs::unicode;
};

// By what a client tells of its terminal: its name, and the environment, of which LC_ALL counts before LC_CTYPE before
// LANG, and NO_COLOR.
[[nodiscard]] TopLook look_of(std::string_view terminal,
                              const std::function<std::string(std::string_view name)>& environment);

// By the locale and by the name of the terminal.
[[nodiscard]] Glyphs glyphs_for(std::string_view locale, std::string_view terminal);

// How a text looks: in the 16 colours that a terminal's owner has chosen, and never with one behind it. Of those that
// are readable on white and on black: yellow is not.
enum class Shade : std::uint8_t { plain, good, doubtful, bad, dim, strong, title, title_in_focus, reverse };

// The same text so shaded. Where nothing is to be coloured, what is no colour remains: bold, underlined, reverse.
[[nodiscard]] std::string shaded(const std::string& text, Shade shade, bool coloured);

}  // namespace bastion::admin
