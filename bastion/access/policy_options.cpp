#include "bastion/access/policy_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <ranges>
#include <span>
#include <utility>

#include "bastion/access/host.h"
#include "bastion/base/nearest.h"
#include "bastion/base/trimmed.h"

namespace bastion::access {
namespace {

constexpr std::size_t kLongest = 16 * 1024;  // OpenSSH reads lines of 8 KiB

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) { return lower(c); });
  return result;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// `port` or `*`; the error is for the caller to word.
std::optional<std::optional<std::uint16_t>> port_of(std::string_view text) {
  if (text == "*") return std::optional<std::uint16_t>{};
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

// `host:port`, an IPv6 address in brackets.
std::optional<PermittedEnd> end_of(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = text.substr(0, colon);
  const auto port = port_of(text.substr(colon + 1));
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;
  }
  if (host.empty() || !port) return std::nullopt;
  return PermittedEnd{comparable_host(host), *port};
}

Result<FromPattern> from_pattern(std::string_view text) {
  FromPattern pattern;
  pattern.negated = text.starts_with('!');
  if (pattern.negated) text.remove_prefix(1);
  const auto is_of_an_address = [](char c) {
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f') || c == ':' || c == '.' || c == '*' || c == '?';
  };
  if (text.find_first_of("*?") == std::string_view::npos) {
    const auto network = Network::parse(text);
    if (network) {
      pattern.network = *network;
      return pattern;
    }
    if (text.find('/') != std::string_view::npos) return std::unexpected(network.error());
  } else if (std::ranges::all_of(text, is_of_an_address)) {
    pattern.wildcards = lower(text);
    return pattern;
  }
  if (text.empty()) return fail("there is an empty pattern");
  return fail("{} is no address: names of hosts are never looked up", text);
}

// `YYYYMMDD[HHMM[SS]][Z]`.
std::optional<std::int64_t> timestamp_of(std::string_view text) {
  if (!text.empty() && lower(text.back()) == 'z') text.remove_suffix(1);
  if ((text.size() != 8 && text.size() != 12 && text.size() != 14) || !std::ranges::all_of(text, is_digit)) {
    return std::nullopt;
  }
  const auto number = [&](std::size_t at, std::size_t size) {
    int value = 0;
    for (const char digit : text.substr(std::min(at, text.size()), size)) value = 10 * value + (digit - '0');
    return value;
  };
  const auto date = std::chrono::year(number(0, 4)) / number(4, 2) / number(6, 2);
  const int hour = number(8, 2);
  const int minute = number(10, 2);
  const int second = number(12, 2);
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const auto timestamp = std::chrono::sys_days(date).time_since_epoch() + std::chrono::hours(hour) +
                         std::chrono::minutes(minute) + std::chrono::seconds(second);
  return timestamp / std::chrono::seconds(1);
}

// A word that may be followed by `="value"`, and what they do. The error is about the value.
struct Option {
  enum class Kind : std::uint8_t { word, negatable, valued };
  using Apply = Result<> (*)(Policy&, bool on, std::string_view value);

  std::string_view word;
  Kind kind;
  Apply apply;
};

template <bool Policy::*... Switches>
Result<> turn(Policy& policy, bool on, std::string_view /*value*/) {
  ((policy.*Switches = on), ...);
  return {};
}

Result<> restrict_all(Policy& policy, bool /*on*/, std::string_view /*value*/) {
  return turn<&Policy::local_forwarding, &Policy::remote_forwarding, &Policy::streamlocal_forwarding,
              &Policy::agent_forwarding, &Policy::x11_forwarding, &Policy::pty>(policy, false, {});
}

Result<> ignore(Policy& /*policy*/, bool /*on*/, std::string_view /*value*/) { return {}; }

Result<> permit(std::vector<std::vector<PermittedEnd>>& lists, const std::optional<PermittedEnd>& end) {
  if (lists.empty()) lists.emplace_back();
  lists.front().push_back(*end);
  return {};
}

Result<> permit_open(Policy& policy, bool /*on*/, std::string_view value) {
  if (const auto end = end_of(value)) return permit(policy.open, end);
  return fail("\"{}\" is no host:port, such as localhost:5432, [fd00::1]:80 or db:*", value);
}

Result<> permit_listen(Policy& policy, bool /*on*/, std::string_view value) {
  const bool bare = value.find(':') == std::string_view::npos;
  if (const auto end = bare ? end_of(fmt::format("*:{}", value)) : end_of(value)) return permit(policy.listen, end);
  return fail("\"{}\" is no [host:]port, such as 8080, localhost:8080 or *:*", value);
}

Result<> force_command(Policy& policy, bool /*on*/, std::string_view value) {
  if (policy.command) return fail("it is given more than once");
  policy.command = value;
  return {};
}

Result<> limit_sftp(Policy& policy, bool /*on*/, std::string_view value) {
  const auto access = sftp_access_of(value);
  if (!access) return fail("\"{}\" is none of none, read, write and all", value);
  policy.sftp = both(policy.sftp, *access);
  return {};
}

Result<> only_from(Policy& policy, bool /*on*/, std::string_view value) {
  if (!policy.from.empty()) return fail("it is given more than once");
  auto& list = policy.from.emplace_back();
  for (std::size_t begin = 0; begin <= value.size();) {
    const auto end = std::min(value.find(',', begin), value.size());
    auto pattern = from_pattern(value.substr(begin, end - begin));
    if (!pattern) return std::unexpected(std::move(pattern.error()));
    list.push_back(*std::move(pattern));
    begin = end + 1;
  }
  return {};
}

Result<> expire(Policy& policy, bool /*on*/, std::string_view value) {
  const auto timestamp = timestamp_of(value);
  if (!timestamp) return fail("\"{}\" is no time: write 20261231, 202612312359 or 20261231235959Z, all UTC", value);
  policy.expires_at = std::min(policy.expires_at.value_or(*timestamp), *timestamp);
  return {};
}

using Kind = Option::Kind;
constexpr auto kOptions = std::to_array<Option>({
    {"restrict", Kind::word, restrict_all},
    {"port-forwarding", Kind::negatable,
     turn<&Policy::local_forwarding, &Policy::remote_forwarding, &Policy::streamlocal_forwarding>},
    {"local-forwarding", Kind::negatable, turn<&Policy::local_forwarding>},
    {"remote-forwarding", Kind::negatable, turn<&Policy::remote_forwarding>},
    {"streamlocal-forwarding", Kind::negatable, turn<&Policy::streamlocal_forwarding>},
    {"agent-forwarding", Kind::negatable, turn<&Policy::agent_forwarding>},
    {"x11-forwarding", Kind::negatable, turn<&Policy::x11_forwarding>},
    {"pty", Kind::negatable, turn<&Policy::pty>},
    {"user-rc", Kind::word, ignore},
    {"verify-required", Kind::word, turn<&Policy::verify_required>},
    {"permitopen", Kind::valued, permit_open},
    {"permitlisten", Kind::valued, permit_listen},
    {"command", Kind::valued, force_command},
    {"sftp", Kind::valued, limit_sftp},
    {"from", Kind::valued, only_from},
    {"expiry-time", Kind::valued, expire},
});

// OpenSSH's, and why not here.
struct Impossible {
  std::string_view word;
  std::string_view why;
};
constexpr auto kImpossible = std::to_array<Impossible>({
    {"cert-authority", "it stands before the key of a CA: `key add USER` takes both"},
    {"principals", "it stands before the key of a CA, with cert-authority: `key add USER` takes them"},
    {"environment", "the environment is made by the container's sshd"},
    {"no-user-rc", "~/.ssh/rc is run by the container's sshd, whatever the bastion says"},
    {"tunnel", "tunnel devices are made by the container's sshd"},
    {"no-touch-required", "a security key must always be touched"},
});

struct FoundOption {
  const Option* option;
  bool on;
};

Result<FoundOption> find(const std::string& word) {
  if (const auto* const impossible = std::ranges::find(kImpossible, word, &Impossible::word);
      impossible != kImpossible.end()) {
    return fail("the option {} is not possible here: {}", word, impossible->why);
  }
  std::vector<std::string> known;
  for (const auto& option : kOptions) {
    if (option.word == word) return FoundOption{&option, true};
    known.emplace_back(option.word);
    if (option.kind != Kind::negatable) continue;
    known.push_back(fmt::format("no-{}", option.word));
    if (known.back() == word) return FoundOption{&option, false};
  }
  const std::vector<std::string_view> candidates(known.begin(), known.end());
  const auto meant = nearest(word, candidates);
  return meant ? fail("there is no option \"{}\"; did you mean {}?", word, *meant)
               : fail("there is no option \"{}\"", word);
}

// The text from left to right.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string word() {
    const auto size = std::min(rest_.find_first_of("=,\" \t\r\n"), rest_.size());
    const auto word = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return lower(word);
  }
  // What is in quotes; nothing when there is no quote, or no second one.
  std::optional<std::string> quoted() {
    if (!take('"')) return std::nullopt;
    std::string value;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return value;
      }
      if (rest_[i] == '\\' && i + 1 < rest_.size() && rest_[i + 1] == '"') ++i;
      value += rest_[i];
    }
    return std::nullopt;
  }

 private:
  std::string_view rest_;
};

// What follows a word, where it takes something.
Result<std::string> value_of(Scanner& in, const std::string& word, bool takes_one) {
  if (!takes_one) return in.take('=') ? fail("the option {} takes no value", word) : Result<std::string>();
  if (!in.take('=')) return fail("the option {} needs a value: {}=\"…\"", word, word);
  auto value = in.quoted();
  if (!value) return fail("the value of the option {} must stand between quotes: {}=\"…\"", word, word);
  return *std::move(value);
}

Result<> parse_option(Scanner& in, const std::string& word, Policy& policy) {
  const auto found = find(word);
  if (!found) return std::unexpected(found.error());
  const auto [option, on] = *found;
  const auto value = value_of(in, word, option->kind == Kind::valued);
  if (!value) return std::unexpected(value.error());
  if (auto applied = option->apply(policy, on, *value); !applied) {
    return fail("the option {}: {}", word, applied.error().text);
  }
  return {};
}

constexpr std::string_view kCertAuthority = "cert-authority";
constexpr std::string_view kPrincipals = "principals";

// Compared as they are: there are no patterns in sshd's either.
Result<std::vector<std::string>> principals_in(std::string_view list) {
  std::vector<std::string> names;
  for (const auto part : list | std::views::split(',')) {
    names.emplace_back(part.begin(), part.end());
    if (names.back().empty()) return fail("the option principals: there is an empty name in \"{}\"", list);
  }
  if (names.empty()) return fail("the option principals names nobody");
  return names;
}

Result<> parse_option_of_ca(Scanner& in, const std::string& word, KeyOptions& options) {
  const auto value = value_of(in, word, word == kPrincipals);
  if (!value) return std::unexpected(value.error());
  if (word == kCertAuthority) {
    options.is_ca = true;
    return {};
  }
  if (!options.principals.empty()) return fail("the option principals: it is given more than once");
  auto principals = principals_in(*value);
  if (!principals) return std::unexpected(std::move(principals.error()));
  options.principals = *std::move(principals);
  return {};
}

// `parse_one(Scanner&, word)` reads what follows each word.
Result<> parse_options(std::string_view text, auto parse_one) {
  if (text.size() > kLongest) return fail("the options are longer than {} bytes", kLongest);
  Scanner in(trimmed(text));
  if (in.at_end()) return {};
  do {
    const auto word = in.word();
    if (word.empty()) return fail("an option is missing: there is one comma, and no space, between two of them");
    if (auto parsed = parse_one(in, word); !parsed) return parsed;
  } while (in.take(','));
  if (!in.at_end()) return fail("there is one comma, and no space, between two options");
  return {};
}

}  // namespace

Result<Policy> parse_policy(std::string_view options) {
  Policy policy;
  auto parsed = parse_options(
      options, [&policy](Scanner& in, const std::string& word) { return parse_option(in, word, policy); });
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  return policy;
}

Result<KeyOptions> parse_key_options(std::string_view options) {
  KeyOptions of_key;
  auto parsed = parse_options(options, [&of_key](Scanner& in, const std::string& word) {
    const bool is_of_ca = word == kCertAuthority || word == kPrincipals;
    return is_of_ca ? parse_option_of_ca(in, word, of_key) : parse_option(in, word, of_key.policy);
  });
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  if (!of_key.is_ca && !of_key.principals.empty()) {
    return fail("the option principals says nothing of a key without cert-authority");
  }
  return of_key;
}

}  // namespace bastion::access
