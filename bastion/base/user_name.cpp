#include "bastion/base/user_name.h"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>
#include <utility>

namespace bastion {
namespace {

// Longer than any name, before marks are composed with their letters.
constexpr std::size_t kLongestInput = 1024;

struct Free {
  void operator()(utf8proc_uint8_t* text) const { std::free(text); }
};

// Nothing where it is no UTF-8.
std::optional<std::string> mapped(std::string_view text, int options) {
  utf8proc_uint8_t* raw = nullptr;
  const auto size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                   &raw, static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, Free> owned(raw);
  if (size < 0) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(raw), static_cast<std::size_t>(size));
}

bool is_letter(utf8proc_int32_t character) {
  const auto category = utf8proc_category(character);
  return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LL || category == UTF8PROC_CATEGORY_LT ||
         category == UTF8PROC_CATEGORY_LM || category == UTF8PROC_CATEGORY_LO;
}

bool is_first(utf8proc_int32_t character) { return character == '_' || is_letter(character); }

bool is_inner(utf8proc_int32_t character) {
  const auto category = utf8proc_category(character);
  return is_first(character) || character == '.' || character == '-' || category == UTF8PROC_CATEGORY_MN ||
         category == UTF8PROC_CATEGORY_MC || category == UTF8PROC_CATEGORY_ND;
}

// Each stands between two parts, so neither at the end nor twice.
struct Separator {
  char character;
  bool is_there = false;

  // False: it may not stand here.
  bool take(bool is_last) { return !std::exchange(is_there, true) && !is_last; }
};

bool is_well_formed(std::string_view name) {
  Separator at{'@'};
  Separator backslash{'\\'};
  std::size_t characters = 0;
  while (!name.empty()) {
    utf8proc_int32_t character = 0;
    const auto bytes = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(name.data()),
                                        static_cast<utf8proc_ssize_t>(name.size()), &character);
    if (bytes <= 0 || ++characters > kMaxUserNameSize) return false;
    name.remove_prefix(static_cast<std::size_t>(bytes));
    if (utf8proc_get_property(character)->ignorable) return false;  // not shown: two names would look like one
    if (characters == 1) {
      if (!is_first(character)) return false;
    } else if (character == at.character || character == backslash.character) {
      if (!(character == at.character ? at : backslash).take(name.empty())) return false;
    } else if (!is_inner(character)) {
      return false;
    }
  }
  return characters > 0;
}

}  // namespace

std::optional<std::string> user_name_of(std::string_view text) {
  if (text.empty() || text.size() > kLongestInput) return std::nullopt;
  auto name = mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  return name && is_well_formed(*name) ? name : std::nullopt;
}

bool is_user_name(std::string_view text) { return user_name_of(text) == text; }

std::string without_case(std::string_view name) {
  return mapped(name, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD).value_or(std::string(name));
}

}  // namespace bastion
