#include "bastion/admin/manifest/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "bastion/admin/manifest/document_builder.h"
#include "bastion/base/printable.h"

namespace bastion::admin {
namespace {

using Json = nlohmann::json;
using Ordered = nlohmann::ordered_json;

// What the library reads through; it notes for us how far that is.
class Reading {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Reading(const char* at, const char** furthest) : at_(at), furthest_(furthest) {}
  reference operator*() const { return *at_; }
  Reading& operator++() {
    *furthest_ = ++at_;
    return *this;
  }
  Reading operator++(int) {
    auto before = *this;
    ++*this;
    return before;
  }
  bool operator==(const Reading& other) const { return at_ == other.at_; }

 private:
  const char* at_;
  const char** furthest_;
};

// `line 3, column 7`, of the last character before `end`.
std::string place_of(std::string_view text, const char* end) {
  const auto read = text.substr(0, static_cast<std::size_t>(end - text.data()));
  const auto last_line = read.substr(read.rfind('\n') + 1);
  return fmt::format("line {}, column {}", std::ranges::count(read, '\n') + 1,
                     std::max<std::size_t>(last_line.size(), 1));
}

// What nlohmann calls as it reads (https://json.nlohmann.me/api/json_sax). False ends it.
class JsonEvents final : public nlohmann::json_sax<Json> {
 public:
  explicit JsonEvents(std::string_view text) : text_(text), furthest_(std::to_address(text.begin())) {}

  [[nodiscard]] Reading begin() { return {std::to_address(text_.begin()), &furthest_}; }
  [[nodiscard]] Reading end() { return {std::to_address(text_.end()), &furthest_}; }
  [[nodiscard]] Json take() { return document_.take(); }
  [[nodiscard]] std::string wrong() const { return wrong_.value_or("this is no JSON document"); }

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t& /*text*/) override { return put(value); }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*size*/) override { return took(document_.enter(Json::object())); }
  bool key(string_t& value) override { return put(std::move(value)); }
  bool end_object() override { return left(); }
  bool start_array(std::size_t /*size*/) override { return took(document_.enter(Json::array())); }
  bool end_array() override { return left(); }

  bool parse_error(std::size_t position, const std::string& token, const Json::exception& error) override {
    constexpr int kTooLarge = 406;
    if (error.id == kTooLarge) {
      furthest_ = text_.data() + std::min(position, text_.size());  // the library has looked one character ahead
      return took(fmt::format("{} is too large for a number", token));
    }
    wrong_ = fmt::format("this is no JSON document: {}", what_of(error));
    return false;
  }

 private:
  // `[json.exception.parse_error.101] parse error at line 1, column 2: …; last read: '…'`, without the name of the
  // exception, and without what was read last: it may be a megabyte.
  static std::string what_of(const Json::exception& error) {
    std::string_view what = error.what();
    what.remove_prefix(std::min(what.size(), what.find("] ") + 2));
    const auto last = what.find("; last read: ");
    const auto expected = what.rfind("; expected ");
    std::string said{what.substr(0, last)};
    if (last != std::string_view::npos && expected != std::string_view::npos && expected > last) {
      said += what.substr(expected);
    }
    return said;
  }

  bool put(Json value) { return took(document_.put(std::move(value))); }
  bool left() {
    document_.leave();
    return true;
  }
  bool took(const DocumentBuilder::Wrong& wrong) {
    if (!wrong) return true;
    const auto where = document_.where();
    wrong_ = fmt::format("{}: {}{}{}", place_of(text_, furthest_), where, where.empty() ? "" : ": ", *wrong);
    return false;
  }

  std::string_view text_;
  const char* furthest_;
  DocumentBuilder document_;
  std::optional<std::string> wrong_;
};

}  // namespace

Result<Json> parse_json(std::string_view text) {
  JsonEvents events(text);
  if (!Json::sax_parse(events.begin(), events.end(), &events)) return std::unexpected(Error{events.wrong()});
  return events.take();
}

// The library writes control characters of ASCII as \u001b, but not DEL, and nothing else of what is not printable.
std::string json_text(const Ordered& value, int indent) {
  const auto text = value.dump(indent, ' ', false, Ordered::error_handler_t::replace);
  std::string shown;
  shown.reserve(text.size());
  for (std::size_t i = 0, size = 1; i < text.size(); i += size) {
    const auto byte = static_cast<unsigned char>(text[i]);
    size = byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;  // it is UTF-8
    const auto character = std::string_view(text).substr(i, size);
    if (byte == 0x7f) {
      shown += "\\u007f";
    } else if (size == 1 || size == 4 || printable(std::string(character)) == character) {
      shown += character;
    } else {
      unsigned code = byte & (size == 2 ? 0x1fU : 0x0fU);
      for (const char c : character.substr(1)) code = (code << 6) | (static_cast<unsigned char>(c) & 0x3fU);
      shown += fmt::format("\\u{:04x}", code);
    }
  }
  return shown;
}

}  // namespace bastion::admin
