#include "bastion/admin/manifest/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ranges>

#include "bastion/access/ca_roles.h"
#include "bastion/access/host.h"
#include "bastion/access/policy_options.h"
#include "bastion/access/principals.h"
#include "bastion/access/sftp_access.h"
#include "bastion/access/target.h"
#include "bastion/admin/manifest/timestamp.h"
#include "bastion/base/endpoint.h"
#include "bastion/base/name.h"
#include "bastion/base/network.h"
#include "bastion/base/requirement.h"
#include "bastion/base/user_name.h"
#include "bastion/follow/source.h"
#include "store/audit_chain.h"
#include "store/users.h"

namespace bastion::admin {
namespace {

using Wrong = std::optional<std::string>;

constexpr std::size_t kLongestLogin = 64;
constexpr std::size_t kLongestHost = 255;
constexpr std::size_t kLongestPatterns = 1024;
constexpr std::int64_t kMostContainers = 1'000'000;
constexpr std::int64_t kMostRows = 1'000'000;
constexpr std::int64_t kMostOfACap = 2'000'000'000;
constexpr std::string_view kNone = "none";
constexpr std::string_view kDefault = "default";
constexpr std::string_view kNever = "never";

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

bool is_of_host_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
         c == '_' || c == ':';
}

// `127.1`, `0x7f000001`: no name, but resolvers take it for an address (inet_aton(3)).
bool is_spelled_number(std::string_view host) {
  if (address_of(host)) return false;
  const auto last = host.substr(host.rfind('.') + 1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return std::ranges::all_of(last, is_digit) || last.starts_with("0x");
}

}  // namespace

Wrong check_name(std::string_view text) {
  if (is_name(text)) return std::nullopt;
  return fmt::format("\"{}\" cannot be a name: a name is {}", text, kNameRule);
}

// What was typed is not repeated.
Wrong check_standard_input(std::string_view text) {
  if (text == "-") return std::nullopt;
  return "a password in a command can be read by others: give - and type it on standard input, or leave it out and one "
         "is made";
}

Wrong check_hook(std::string_view text) {
  if (is_name(text)) return std::nullopt;
  return fmt::format("\"{}\" cannot be the name of a hook: it is {}", text, kNameRule);
}

Wrong check_hook_or_none(std::string_view text) { return text == "none" ? std::nullopt : check_hook(text); }

Wrong check_program_or_none(std::string_view text) {
  if (text == "incus" || text == "lxd" || text == "none") return std::nullopt;
  return fmt::format("\"{}\" is no source: it is incus, lxd or none", text);
}

Wrong check_duration(std::string_view text) {
  const auto seconds = parse_duration(text);
  return seconds ? std::nullopt : Wrong(seconds.error().text);
}

Wrong check_source(std::string_view text) {
  const auto source = follow::parse_source(text);
  return source ? std::nullopt : Wrong(source.error().text);
}

Wrong check_full_name(std::string_view text) {
  const auto slash = text.find('/');
  if (slash != std::string_view::npos && is_user_name(text.substr(0, slash)) && is_name(text.substr(slash + 1))) {
    return std::nullopt;
  }
  return fmt::format("\"{}\" is no container: it looks like owner/name", text);
}

Wrong check_role(std::string_view text) {
  if (store::role_of(text)) return std::nullopt;
  return fmt::format("there is no role \"{}\": it is user, auditor, operator or admin", text);
}

Wrong check_identity(std::string_view text) {
  const auto presented = store::presented_of(text);
  if (presented == store::Presented::agent)
    return "a backend carries all of its users: its identity is key or certificate";
  if (presented) return std::nullopt;
  return fmt::format("there is no identity \"{}\": it is key or certificate", text);
}

Wrong check_identity_of_container(std::string_view text) {
  if (store::presented_of(text)) return std::nullopt;
  return fmt::format("there is no identity \"{}\": it is key, certificate or agent", text);
}

Wrong check_login(std::string_view text) {
  const bool printable = std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c != 0x7f; });
  if (!text.empty() && text.size() <= kLongestLogin && text.front() != '-' && printable) return std::nullopt;
  return fmt::format("\"{}\" cannot be an account to log in to", text);
}

Wrong check_endpoint(std::string_view text) {
  const auto endpoint = parse_endpoint(text, kSshPort);
  return endpoint ? std::nullopt : Wrong(endpoint.error().text);
}

Wrong check_ip(std::string_view text) {
  if (canonical_address(text)) return std::nullopt;
  return fmt::format("{} is no IP address: it looks like 10.1.0.2 or fd00::1", text);
}

Wrong check_network(std::string_view text) {
  const auto network = Network::parse(text);
  return network ? std::nullopt : Wrong(network.error().text);
}

Wrong check_address(std::string_view text) {
  if (auto wrong = check_endpoint(text)) return wrong;
  const auto host = container_address_of(text).host;
  if (is_spelled_number(host)) return fmt::format("{} is an IP address in a form of its own: write all of it", text);
  if (host != "localhost" && !host.ends_with(".localhost")) return std::nullopt;
  return fmt::format("{} is another machine for everybody who says it: write 10.0.3.100, [fd00::1]:22 or box.example",
                     text);
}

Wrong check_certified_name(std::string_view text) {
  if (!text.empty() && text.size() <= kLongestHost && std::ranges::all_of(text, is_of_host_name)) return std::nullopt;
  return fmt::format("{} is no name of a host: letters, digits, and . - _ :, as in a certificate, and no pattern",
                     text);
}

Wrong check_host_patterns(std::string_view text) {
  auto wrong = fmt::format(
      "{} is no list of patterns: names with * and ? in them, with commas between them, and ! before what is left out",
      text);
  if (text.size() > kLongestPatterns) return wrong;
  for (const auto part : text | std::views::split(',')) {
    std::string_view pattern(part.begin(), part.end());
    if (pattern.starts_with('!')) pattern.remove_prefix(1);
    const auto is_fit = [](char c) { return is_of_host_name(c) || c == '*' || c == '?'; };
    if (pattern.empty() || !std::ranges::all_of(pattern, is_fit)) return wrong;
  }
  return std::nullopt;
}

Wrong check_user_name(std::string_view text) {
  if (is_user_name(text)) return std::nullopt;
  return fmt::format("\"{}\" cannot be a user: a name is {}", text, kUserNameRule);
}

std::vector<std::string> names_of_list(std::string_view text) {
  std::vector<std::string> names;
  if (text == kNone) return names;
  for (const auto part : text | std::views::split(',')) names.emplace_back(part.begin(), part.end());
  std::ranges::sort(names);
  const auto [first, last] = std::ranges::unique(names);
  names.erase(first, last);
  return names;
}

Wrong check_names_or_none(std::string_view text) {
  if (text == kNone) return std::nullopt;
  for (const auto part : text | std::views::split(',')) {
    if (auto wrong = check_name(std::string_view(part.begin(), part.end()))) return wrong;
  }
  return std::nullopt;
}

Endpoint container_address_of(std::string_view text) {
  auto endpoint = parse_endpoint(text, kSshPort).value_or(Endpoint{});
  endpoint.host = access::comparable_host(endpoint.host);
  return endpoint;
}

store::Presented identity_of(std::string_view text) {
  return store::presented_of(text).value_or(store::Presented::key);
}

std::optional<std::int64_t> capacity_of(std::string_view text) { return number_of(text); }

Wrong check_capacity(std::string_view text) {
  const auto number = number_of(text);
  if (text == kNone || (number && *number >= 1 && *number <= kMostContainers)) return std::nullopt;
  return fmt::format("\"{}\" is no capacity: it is how many containers there may be, from 1 to {}", text,
                     kMostContainers);
}

Wrong check_timestamp(std::string_view text) {
  const auto timestamp = parse_timestamp(text, 0);
  return timestamp ? std::nullopt : Wrong(timestamp.error().text);
}

Wrong check_past_timestamp(std::string_view text) {
  const auto timestamp = parse_past_timestamp(text, 0);
  return timestamp ? std::nullopt : Wrong(timestamp.error().text);
}

Wrong check_expiry(std::string_view text) {
  if (text == kNever || parse_timestamp(text, 0)) return std::nullopt;
  return fmt::format("{}, or never", parse_timestamp(text, 0).error().text);
}

Wrong check_limit(std::string_view text) {
  if (text == kNone || text == kDefault || parse_duration(text)) return std::nullopt;
  return fmt::format("{}, none, or default", parse_duration(text).error().text);
}

std::optional<std::int64_t> limit_of(std::string_view text) {
  if (text == kDefault) return std::nullopt;
  return parse_duration(text).value_or(0);
}

Wrong check_cap(std::string_view text) {
  const auto number = number_of(text);
  if (text == kNone || text == kDefault || (number && *number >= 1 && *number <= kMostOfACap)) return std::nullopt;
  return fmt::format("\"{}\" is no number from 1 to {}, none, or default", text, kMostOfACap);
}

std::optional<std::int64_t> cap_of(std::string_view text) {
  if (text == kDefault) return std::nullopt;
  return number_of(text).value_or(0);
}

Wrong check_options(std::string_view text) {
  if (text == kNone) return std::nullopt;
  const auto policy = access::parse_policy(text);
  return policy ? std::nullopt : Wrong(policy.error().text);
}

Wrong check_key_options(std::string_view text) {
  if (text == kNone) return std::nullopt;
  const auto options = access::parse_key_options(text);
  return options ? std::nullopt : Wrong(options.error().text);
}

std::string options_of(std::string_view text) { return text == kNone ? std::string{} : std::string(text); }

Wrong check_sftp(std::string_view text) {
  if (access::sftp_access_of(text)) return std::nullopt;
  return fmt::format("\"{}\" is none of none, read, write and all", text);
}

Wrong check_auth(std::string_view text) {
  if (text == kDefault) return std::nullopt;
  const auto requirement = parse_requirement(text);
  return requirement ? std::nullopt : Wrong(requirement.error().text);
}

Wrong check_record(std::string_view text) {
  if (text == kDefault || parse_record_policy(text)) return std::nullopt;
  return fmt::format("\"{}\" is none, terminals, all or default", text);
}

std::optional<RecordPolicy> record_of(std::string_view text) { return parse_record_policy(text); }

namespace {

// Without a sign, an exponent and what is no number.
Wrong check_decimal(std::string_view text, double least, double most) {
  double number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error == std::errc{} && end == text.data() + text.size() && number >= least && number <= most) {
    return std::nullopt;
  }
  return fmt::format("\"{}\" is no number from {} to {}", text, least, most);
}

}  // namespace

Wrong check_speed(std::string_view text) { return check_decimal(text, 0.1, 1000); }
Wrong check_pause(std::string_view text) { return check_decimal(text, 0, 86'400); }

// A digest in base64 without its padding. One that is not whole would revoke nothing, and nobody would know.
Wrong check_fingerprint(std::string_view text) {
  const auto is_of_base64 = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  };
  const auto colon = text.find(':');
  const auto digest = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
  const bool is_whole =
      (text.starts_with("SHA256:") && digest.size() == 43) || (text.starts_with("SHA1:") && digest.size() == 27);
  if (is_whole && std::ranges::all_of(digest, is_of_base64)) return std::nullopt;
  return fmt::format("{} is no fingerprint: ssh-keygen -lf FILE shows that of a key, and of the key in a certificate",
                     text);
}

Wrong check_principals(std::string_view text) {
  const auto rules = access::parse_principals(text);
  return rules ? std::nullopt : Wrong(rules.error().text);
}

Wrong check_ca_roles(std::string_view text) {
  const auto roles = access::parse_ca_roles(text);
  return roles ? std::nullopt : Wrong(roles.error().text);
}

std::string auth_of(std::string_view text) {
  const auto requirement = parse_requirement(text);
  return requirement ? text_of(*requirement) : std::string{};
}

Wrong check_count(std::string_view text) {
  const auto number = number_of(text);
  if (number && *number >= 1 && *number <= kMostRows) return std::nullopt;
  return fmt::format("\"{}\" is no number from 1 to {}", text, kMostRows);
}

int count_of(std::string_view text) { return static_cast<int>(number_of(text).value_or(0)); }

Wrong check_chain_head(std::string_view text) {
  if (store::ChainHead::parse(text)) return std::nullopt;
  return fmt::format("\"{}\" is no head, as `audit verify` prints it", text);
}

namespace {

Wrong check_row(std::string_view text) {
  const auto number = number_of(text);
  if (number && *number >= 1) return std::nullopt;
  return fmt::format("\"{}\" is no ID, as `audit list` shows it", text);
}

}  // namespace

Wrong check_row_of_fleet(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return check_row(text);
  if (is_name(text.substr(0, colon)) && !check_row(text.substr(colon + 1))) return std::nullopt;
  return fmt::format("\"{}\" is no NODE:ID, as `audit list` shows them", text);
}

std::int64_t row_of(std::string_view text) { return number_of(text).value_or(0); }

NodeRow node_row_of(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return {.node = {}, .id = row_of(text)};
  return {.node = std::string(text.substr(0, colon)), .id = row_of(text.substr(colon + 1))};
}

Wrong check_member(std::string_view text) {
  const auto sign = text.find('=');
  if (sign != std::string_view::npos && sign > 0 && is_name(text.substr(sign + 1))) return std::nullopt;
  return fmt::format("\"{}\" does not say which backend a member is: it looks like Node1=be1", text);
}

// It becomes a word of a command line that a shell reads.
Wrong check_project(std::string_view text) {
  const bool is_one = std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  });
  if (is_one && !text.empty() && text.front() != '-') return std::nullopt;
  return fmt::format("\"{}\" cannot be a project: letters, digits, '-', '_' and '.'", text);
}

Wrong check_profile(std::string_view text) {
  if (!check_project(text)) return std::nullopt;
  return fmt::format("\"{}\" cannot be a profile: letters, digits, '-', '_' and '.'", text);
}

Wrong check_image(std::string_view text) {
  const bool is_one = std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == ':' || c == '/';
  });
  if (is_one && !text.empty() && text.front() != '-') return std::nullopt;
  return fmt::format("\"{}\" cannot be an image: it looks like images:debian/12/cloud", text);
}

Wrong check_interface(std::string_view text) {
  constexpr std::size_t kLongestInterface = 15;  // IFNAMSIZ
  const bool printable = std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c != 0x7f && c != '/'; });
  if (!text.empty() && text.size() <= kLongestInterface && printable) return std::nullopt;
  return fmt::format("\"{}\" cannot be a network card: it looks like eth0", text);
}

Wrong check_target(std::string_view text) {
  if (access::parse_target(text)) return std::nullopt;
  return fmt::format("\"{}\" is no login: it is a user, user+container or user+owner/container", text);
}

}  // namespace bastion::admin
