#include "bastion/config/fleet.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace bastion::config {
namespace {

constexpr std::array<std::string_view, 2> kSecrets{"password", "sslpassword"};

bool is_secret(std::string_view keyword) { return std::ranges::find(kSecrets, keyword) != kSecrets.end(); }

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

// The value that begins here, to its end: in quotes, or up to a space; a backslash takes the next character with it.
std::string_view behind_value(std::string_view text) {
  const bool is_quoted = text.starts_with('\'');
  std::size_t at = is_quoted ? 1 : 0;
  for (; at < text.size(); ++at) {
    if (is_quoted ? text[at] == '\'' : is_space(text[at])) break;
    if (text[at] == '\\') ++at;
  }
  return text.substr(std::min(at + (is_quoted ? 1 : 0), text.size()));
}

// `host=pg1 dbname='a b'`.
bool has_secret_among_keywords(std::string_view text) {
  while (true) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) return false;
    auto keyword = text.substr(0, equals);
    while (!keyword.empty() && is_space(keyword.back())) keyword.remove_suffix(1);
    if (is_secret(keyword)) return true;
    text.remove_prefix(equals + 1);
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    text = behind_value(text);
  }
}

// `postgresql://user:secret@host/name?keyword=value`.
bool has_secret_in_address(std::string_view text) {
  text.remove_prefix(text.find("://") + 3);
  const auto authority = text.substr(0, text.find_first_of("/?"));
  const auto at = authority.find('@');
  if (at != std::string_view::npos && authority.substr(0, at).contains(':')) return true;
  const auto question = text.find('?');
  auto query = question == std::string_view::npos ? std::string_view{} : text.substr(question + 1);
  while (!query.empty()) {
    const auto parameter = query.substr(0, query.find('&'));
    if (is_secret(parameter.substr(0, parameter.find('=')))) return true;
    query.remove_prefix(std::min(parameter.size() + 1, query.size()));
  }
  return false;
}

}  // namespace

Result<> check_connection_string(std::string_view text) {
  if (text.empty()) return fail("is empty: it says where the fleet's database is, like \"host=pg1 dbname=bastion\"");
  const bool is_address = text.starts_with("postgresql://") || text.starts_with("postgres://");
  if (is_address ? has_secret_in_address(text) : has_secret_among_keywords(text)) {
    return fail(
        "has a password in it, which belongs into a file that only the bastion reads: passfile=FILE, a credential of "
        "systemd's for instance");
  }
  return {};
}

}  // namespace bastion::config
