#include "bastion/access/principals.h"

#include <algorithm>
#include <ranges>

#include "bastion/base/user_name.h"
#include "bastion/base/wildcards.h"

namespace bastion::access {
namespace {

constexpr std::size_t kLongestPrincipals = 4096;

bool is_pattern(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c != 0x7f && c != '!'; });
}

Result<PrincipalRule> rule_of(std::string_view text) {
  if (text == kByName || text == kCreates) return PrincipalRule{.pattern = {}, .user = {}, .creates = text == kCreates};
  const auto sign = text.rfind('=');
  if (sign != std::string_view::npos && is_pattern(text.substr(0, sign)) && is_user_name(text.substr(sign + 1))) {
    return PrincipalRule{.pattern = std::string(text.substr(0, sign)), .user = std::string(text.substr(sign + 1))};
  }
  return fail("\"{}\" does not say whom a principal lets in: it is user, create, or PATTERN=USER like ops-*=alice",
              text);
}

bool lets_in(const PrincipalRule& rule, std::string_view user, std::string_view principal) {
  if (rule.pattern.empty()) return principal == user;
  return rule.user == user && matches_pattern(rule.pattern, principal);
}

}  // namespace

Result<std::vector<PrincipalRule>> parse_principals(std::string_view text) {
  if (text.size() > kLongestPrincipals) return fail("the principals are longer than {} bytes", kLongestPrincipals);
  std::vector<PrincipalRule> rules;
  for (const auto part : text | std::views::split(',')) {
    auto rule = rule_of({part.begin(), part.end()});
    if (!rule) return std::unexpected(std::move(rule.error()));
    rules.push_back(*std::move(rule));
  }
  if (rules.empty()) return fail("the principals say nothing: it is user, create, or PATTERN=USER like ops-*=alice");
  return rules;
}

std::string text_of(const PrincipalRule& rule) {
  if (!rule.pattern.empty()) return rule.pattern + "=" + rule.user;
  return std::string(rule.creates ? kCreates : kByName);
}

std::optional<std::string> principal_for(std::string_view user, std::span<const PrincipalRule> rules,
                                         std::span<const std::string> principals) {
  for (const auto& principal : principals) {
    if (principal.empty()) continue;
    if (std::ranges::any_of(rules, [&](const PrincipalRule& rule) { return lets_in(rule, user, principal); })) {
      return principal;
    }
  }
  return std::nullopt;
}

std::optional<std::string> wanted_principal(std::string_view user, std::span<const PrincipalRule> rules) {
  for (const auto& rule : rules) {
    if (rule.pattern.empty()) return std::string(user);
    if (rule.user == user) return rule.pattern;
  }
  return std::nullopt;
}

bool creates_accounts(std::span<const PrincipalRule> rules) {
  return std::ranges::any_of(rules, &PrincipalRule::creates);
}

}  // namespace bastion::access
