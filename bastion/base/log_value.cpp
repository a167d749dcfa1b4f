#include "bastion/base/log_value.h"

#include <fmt/format.h>

#include <iterator>

namespace bastion {
namespace {

bool stands_for_itself(char c) {
  const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  const bool is_digit = c >= '0' && c <= '9';
  return is_letter || is_digit || std::string_view("._+/@:-").contains(c);
}

}  // namespace

std::string log_value(std::string_view text) {
  if (text.empty()) return "\"\"";
  std::string value;
  for (const char c : text.substr(0, kMostOfValue)) {
    if (stands_for_itself(c)) {
      value += c;
    } else {
      fmt::format_to(std::back_inserter(value), "\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return text.size() > kMostOfValue ? value + "..." : value;
}

}  // namespace bastion
