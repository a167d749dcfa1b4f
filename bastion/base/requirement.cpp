#include "bastion/base/requirement.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <ranges>
#include <set>

#include "bastion/base/nearest.h"
#include "bastion/base/trimmed.h"

namespace bastion {
namespace {

constexpr std::size_t kLongestRequirement = 256;
constexpr std::size_t kMostAlternatives = 8;
constexpr std::size_t kMostFactors = 4;

// In the order of Factor.
constexpr std::array<std::string_view, 5> kFactors{"publickey", "certificate", "password", "totp", "oidc"};

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (const auto part : text | std::views::split(at)) parts.push_back(trimmed({part.begin(), part.end()}, " "));
  if (parts.empty()) parts.emplace_back();  // of nothing a view makes no part
  return parts;
}

Result<Factor> factor_of(std::string_view word) {
  if (word.empty()) return fail("a word is missing: there is one on each side of + and |");
  if (const auto* const found = std::ranges::find(kFactors, word); found != kFactors.end()) {
    return static_cast<Factor>(found - kFactors.begin());
  }
  const auto known = fmt::format("what can be required is {}", fmt::join(kFactors, ", "));
  if (const auto meant = nearest(word, kFactors)) return fail("\"{}\" is no way in; did you mean {}?", word, *meant);
  return fail("\"{}\" is no way in: {}", word, known);
}

Result<Requirement::Alternative> alternative_of(std::string_view text) {
  Requirement::Alternative alternative;
  for (const auto word : split(text, '+')) {
    const auto factor = factor_of(word);
    if (!factor) return std::unexpected(factor.error());
    alternative.push_back(*factor);
  }
  if (alternative.size() > kMostFactors) return fail("nobody is asked for more than {} proofs", kMostFactors);
  std::ranges::sort(alternative);
  if (std::ranges::count(alternative, Factor::password) > 1) {
    return fail("a user has one password: it stands once between two |");
  }
  if (std::ranges::count(alternative, Factor::oidc) > 1) {
    return fail("a user signs on at one issuer: oidc stands once between two |");
  }
  const auto codes = std::ranges::count(alternative, Factor::totp);
  if (codes > 1) return fail("a user has one-time codes of one kind: totp stands once between two |");
  if (codes == 1 && alternative.size() == 1) {
    return fail("totp alone lets nobody in, because a code is easily guessed: say publickey+totp or certificate+totp");
  }
  return alternative;
}

// As what a proof counts that is not needed as what it is.
std::optional<Factor> less_than(Factor factor) {
  return factor == Factor::certificate ? std::optional(Factor::publickey) : std::nullopt;
}

bool strike(Requirement::Alternative& missing, std::optional<Factor> factor) {
  const auto found = factor ? std::ranges::find(missing, *factor) : missing.end();
  if (found == missing.end()) return false;
  missing.erase(found);
  return true;
}

Requirement::Alternative missing_in(Requirement::Alternative missing, std::span<const Factor> proven) {
  for (const auto factor : proven) {
    if (!strike(missing, factor)) strike(missing, less_than(factor));
  }
  return missing;
}

}  // namespace

bool is_typed(Factor factor) { return factor == Factor::password || factor == Factor::totp || factor == Factor::oidc; }

std::string_view text_of(Factor factor) { return kFactors.at(static_cast<std::size_t>(factor)); }

Result<Requirement> parse_requirement(std::string_view text) {
  if (text.size() > kLongestRequirement) return fail("a requirement has {} characters at most", kLongestRequirement);
  Requirement requirement;
  for (const auto part : split(text, '|')) {
    auto alternative = alternative_of(part);
    if (!alternative) return std::unexpected(std::move(alternative.error()));
    auto& all = requirement.alternatives;
    if (std::ranges::find(all, *alternative) == all.end()) all.push_back(*std::move(alternative));
  }
  if (requirement.alternatives.size() > kMostAlternatives) {
    return fail("a requirement has {} alternatives at most", kMostAlternatives);
  }
  return requirement;
}

std::string text_of(const Requirement& requirement) {
  std::string text;
  for (const auto& alternative : requirement.alternatives) {
    const auto words = alternative | std::views::transform([](Factor factor) { return text_of(factor); });
    text += fmt::format("{}{}", text.empty() ? "" : "|", fmt::join(words, "+"));
  }
  return text;
}

Progress progress(const Requirement& requirement, std::span<const Factor> proven) {
  std::set<Factor> next;
  for (const auto& alternative : requirement.alternatives) {
    const auto missing = missing_in(alternative, proven);
    if (missing.empty()) return {.is_done = true, .next = {}};
    const auto typed = std::ranges::find_if(missing, is_typed);  // behind all that is signed
    next.insert(missing.begin(), typed == missing.begin() ? std::next(typed) : typed);
  }
  return {.is_done = false, .next = {next.begin(), next.end()}};
}

bool names(const Requirement& requirement, Factor factor) {
  return std::ranges::any_of(requirement.alternatives, [&](const Requirement::Alternative& all) {
    return std::ranges::find(all, factor) != all.end();
  });
}

bool helps(const Requirement& requirement, std::span<const Factor> proven, Factor factor) {
  const auto next = progress(requirement, proven).next;
  const auto is_next = [&](std::optional<Factor> one) { return one && std::ranges::find(next, *one) != next.end(); };
  return is_next(factor) || is_next(less_than(factor));
}

}  // namespace bastion
