#include "bastion/config/file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <optional>
#include <ranges>
#include <vector>

#include "bastion/base/key_command.h"
#include "bastion/base/name.h"
#include "bastion/base/nearest.h"
#include "bastion/base/requirement.h"
#include "bastion/base/whole_file.h"
#include "bastion/config/settings.h"

namespace bastion::config {
namespace {

using Outcome = Result<>;  // the error says what would be right; the caller adds file, line and key

Result<int> number_within(const toml::node& node, std::string_view what, int least, int most) {
  const auto number = node.value_exact<std::int64_t>();
  if (!number || *number < least || *number > most) return fail("must be {} from {} to {}", what, least, most);
  return static_cast<int>(*number);
}

// The texts of a list.
Result<std::vector<std::string>> texts_of(const toml::node& node) {
  const auto* const list = node.as_array();
  if (list == nullptr) return fail("must be a list, like [\"…\", \"…\"]");
  std::vector<std::string> texts;
  for (const auto& element : *list) {
    const auto text = element.value_exact<std::string>();
    if (!text) return fail("must be a list of texts in quotes");
    texts.push_back(*text);
  }
  return texts;
}

std::unexpected<Error> not_one_of(std::string_view text, std::span<const std::string_view> known) {
  return fail("cannot be \"{}\": it must be one of {}", text, fmt::join(known, ", "));
}

// A name that is an address nowhere, and no way into a container either.
bool is_name_of_forward(std::string_view host) {
  constexpr std::size_t kLongest = 64;
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !host.empty() && host.size() <= kLongest && is_letter(host.front()) && std::ranges::all_of(host, [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-';
  });
}
bool is_of_container(std::string_view host) {
  const auto name = canonical_host(host);
  return name == "localhost" || name.ends_with(".localhost");
}

// Of `90s`, `15m`, `12h` or `7d`.
std::optional<std::int64_t> seconds_in(std::string_view text) {
  constexpr std::string_view kUnits = "smhd";
  constexpr std::array<std::int64_t, kUnits.size()> kSeconds{1, 60, 3600, 86'400};
  constexpr std::int64_t kMost = 1'000'000'000;
  const auto unit = text.empty() ? std::string_view::npos : kUnits.find(text.back());
  if (unit == std::string_view::npos) return std::nullopt;
  text.remove_suffix(1);
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count < 0 || count > kMost) return std::nullopt;
  return count * kSeconds.at(unit);
}

// Of `500MB`, `10GB` or `1TB`.
std::optional<std::int64_t> bytes_in(std::string_view text) {
  constexpr std::array<std::string_view, 4> kUnits{"kB", "MB", "GB", "TB"};
  std::int64_t unit = 1;
  for (const auto name : kUnits) {
    unit *= 1000;
    if (!text.ends_with(name)) continue;
    text.remove_suffix(name.size());
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || end != text.data() + text.size() || count < 0 || count > kMostBytesKept / unit) {
      return std::nullopt;
    }
    return count * unit;
  }
  return std::nullopt;
}

// `100:30:200`; nothing where that is something else.
std::vector<int> numbers_of(std::string_view text) {
  std::vector<int> numbers;
  while (true) {
    const auto part = text.substr(0, text.find(':'));
    int number = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    if (error != std::errc{} || end != part.data() + part.size()) return {};
    numbers.push_back(number);
    if (part.size() == text.size()) return numbers;
    text.remove_prefix(part.size() + 1);
  }
}

// One key of `penalties`.
Outcome assign_rule(std::string_view key, const toml::node& node, PenaltyRules& rules) {
  if (key == "enabled") {
    const auto enabled = node.value_exact<bool>();
    if (!enabled) return fail("must have as enabled true or false");
    rules.enabled = *enabled;
    return {};
  }
  if (key == "max_sources") {
    const auto most = number_within(node, "", 1, kMostSources);
    if (!most) return fail("must have as max_sources a number from 1 to {}", kMostSources);
    rules.max_sources = *most;
    return {};
  }
  if (key == "overflow") {
    const auto text = node.value_exact<std::string>();
    const auto known = overflows();
    const auto found = text ? std::ranges::find(known, *text) : known.end();
    if (found == known.end()) return fail("must have as overflow one of {}", fmt::join(known, ", "));
    rules.overflow = static_cast<PenaltyRules::Overflow>(found - known.begin());
    return {};
  }
  const auto times = penalty_times();
  const auto time = std::ranges::find(times, key, &PenaltyTime::key);
  if (time == times.end()) {
    return fail("has an unknown key {}; there are {}, enabled, max_sources, overflow", key,
                fmt::join(times | std::views::transform(&PenaltyTime::key), ", "));
  }
  const auto value = number_within(node, "", 0, kLongestPenalty);
  if (!value) return fail("must have as {} a number of seconds from 0 to {}", key, kLongestPenalty);
  rules.*time->member = std::chrono::seconds(*value);
  return {};
}

// One key of `oidc`.
Outcome assign_oidc(std::string_view key, const toml::node& node, Oidc& oidc) {
  struct Text {
    std::string_view key;
    std::string Oidc::* member;
  };
  struct File {
    std::string_view key;
    std::filesystem::path Oidc::* member;
  };
  static constexpr std::array kTexts{Text{"issuer", &Oidc::issuer}, Text{"client_id", &Oidc::client_id},
                                     Text{"scopes", &Oidc::scopes}, Text{"name_claim", &Oidc::name_claim},
                                     Text{"groups_claim", &Oidc::groups_claim}};
  static constexpr std::array kFiles{File{"client_secret_file", &Oidc::client_secret_file},
                                     File{"ca_file", &Oidc::ca_file}};
  if (key == "create" || key == "qr_code") {
    const auto value = node.value_exact<bool>();
    if (!value) return fail("must have as {} true or false, without quotes", key);
    (key == "create" ? oidc.create : oidc.qr_code) = *value;
    return {};
  }
  if (key == "groups") {
    const auto* const table = node.as_table();
    if (table == nullptr) return fail("must have as groups a table, like {{ \"Site Admins\" = \"site\" }}");
    for (const auto& [claimed, group] : *table) {
      const auto name = group.value_exact<std::string>();
      if (!name) return fail("must have as groups texts in quotes");
      oidc.groups.insert_or_assign(std::string(claimed.str()), *name);
    }
    return {};
  }
  const auto text = node.value_exact<std::string>();
  const auto* const of_text = std::ranges::find(kTexts, key, &Text::key);
  const auto* const of_file = std::ranges::find(kFiles, key, &File::key);
  if (of_text == kTexts.end() && of_file == kFiles.end()) {
    return fail(
        "has an unknown key {}; there are issuer, client_id, client_secret_file, scopes, name_claim, groups_claim, "
        "groups, create, qr_code and ca_file",
        key);
  }
  if (!text) return fail("must have as {} a text in quotes", key);
  if (of_text != kTexts.end()) {
    oidc.*of_text->member = *text;
  } else {
    oidc.*of_file->member = *text;
  }
  return {};
}

struct Assign {
  Config& config;
  const toml::node& node;

  Outcome operator()(const Number& number) const {
    const auto value = number_within(node, "a number", number.least, number.most);
    if (!value) return std::unexpected(value.error());
    config.*number.member = *value;
    return {};
  }
  Outcome operator()(const Seconds& seconds) const {
    const auto value = number_within(node, "a number of seconds", seconds.least, seconds.most);
    if (!value) return std::unexpected(value.error());
    config.*seconds.member = std::chrono::seconds(*value);
    return {};
  }
  Outcome operator()(const Duration& duration) const {
    auto seconds = node.value_exact<std::int64_t>();
    if (const auto text = node.value_exact<std::string>()) seconds = seconds_in(*text);
    if (!seconds || *seconds < 0 || *seconds > duration.most) {
      return fail("must be a number of seconds from 0 to {}, or like \"12h\"", duration.most);
    }
    config.*duration.member = std::chrono::seconds(*seconds);
    return {};
  }
  Outcome operator()(const Folder& folder) const {
    const auto text = node.value_exact<std::string>();
    if (!text || !std::filesystem::path(*text).is_absolute()) return fail("must be an absolute path in quotes");
    config.*folder.member = *text;
    return {};
  }
  Outcome operator()(const Socket& socket) const {
    const auto text = node.value_exact<std::string>();
    if (!text || (!text->empty() && !std::filesystem::path(*text).is_absolute())) {
      return fail("must be an absolute path in quotes, or \"\"");
    }
    config.*socket.member = *text;
    return {};
  }
  Outcome operator()(const Program& program) const {
    const auto text = node.value_exact<std::string>();
    if (!text) return fail("must be a path in quotes, with arguments behind it");
    const auto command = parse_key_command(*text);
    if (!command) return fail("cannot be \"{}\": {}", *text, command.error().text);
    config.*program.member = *text;
    return {};
  }
  Outcome operator()(const Flag& flag) const {
    const auto value = node.value_exact<bool>();
    if (!value) return fail("must be true or false, without quotes");
    config.*flag.member = *value;
    return {};
  }
  // What stands in the file is read by load().
  Outcome operator()(const Text& file) const {
    const auto text = node.value_exact<std::string>();
    if (!text || (!text->empty() && !std::filesystem::path(*text).is_absolute())) {
      return fail("must be an absolute path in quotes, or \"\"");
    }
    (config.*file.member).path = *text;
    return {};
  }
  Outcome operator()(const Addresses& addresses) const {
    const auto texts = texts_of(node);
    if (!texts) return std::unexpected(texts.error());
    if (texts->empty()) return fail("must name at least one address, like [\"0.0.0.0:2222\"]");
    std::vector<Endpoint> endpoints;
    for (const auto& text : *texts) {
      auto endpoint = parse_endpoint(text, std::nullopt);
      if (!endpoint) return fail("cannot be read: {}", endpoint.error().text);
      endpoints.push_back(*std::move(endpoint));
    }
    config.*addresses.member = std::move(endpoints);
    return {};
  }
  Outcome operator()(const LogLevel& level) const {
    const auto known = log_levels();
    const auto text = node.value_exact<std::string>();
    if (!text) return fail("must be one of {}, in quotes", fmt::join(known, ", "));
    const auto found = std::ranges::find(known, *text);
    if (found == known.end()) return not_one_of(*text, known);
    config.*level.member = static_cast<log::Level>(found - known.begin());
    return {};
  }
  Outcome operator()(const LogForm& form) const {
    const auto known = log_forms();
    const auto text = node.value_exact<std::string>();
    if (!text) return fail("must be one of {}, in quotes", fmt::join(known, ", "));
    const auto found = std::ranges::find(known, *text);
    if (found == known.end()) return not_one_of(*text, known);
    config.*form.member = static_cast<log::Form>(found - known.begin());
    return {};
  }
  Outcome operator()(const Placed& placed) const {
    const auto known = placements();
    const auto text = node.value_exact<std::string>();
    if (!text) return fail("must be one of {}, in quotes", fmt::join(known, ", "));
    const auto found = std::ranges::find(known, *text);
    if (found == known.end()) return not_one_of(*text, known);
    config.*placed.member = static_cast<Placement>(found - known.begin());
    return {};
  }
  Outcome operator()(const Recorded& recorded) const {
    const auto found = one_of(record_policies());
    if (!found) return std::unexpected(found.error());
    config.*recorded.member = static_cast<RecordPolicy>(*found);
    return {};
  }
  Outcome operator()(const WhenFull& full) const {
    const auto found = one_of(when_full());
    if (!found) return std::unexpected(found.error());
    config.*full.member = static_cast<RecordWhenFull>(*found);
    return {};
  }
  [[nodiscard]] Result<std::size_t> one_of(std::span<const std::string_view> known) const {
    const auto text = node.value_exact<std::string>();
    if (!text) return fail("must be one of {}, in quotes", fmt::join(known, ", "));
    const auto found = std::ranges::find(known, *text);
    if (found == known.end()) return not_one_of(*text, known);
    return static_cast<std::size_t>(found - known.begin());
  }
  Outcome operator()(const Size& size) const {
    auto bytes = node.value_exact<std::int64_t>();
    if (const auto text = node.value_exact<std::string>()) bytes = bytes_in(*text);
    if (!bytes || *bytes < 0 || *bytes > kMostBytesKept) return fail("must be a number of bytes, or like \"10GB\"");
    config.*size.member = *bytes;
    return {};
  }
  Outcome operator()(const Needs& needs) const {
    const auto text = node.value_exact<std::string>();
    if (!text) return fail("must be an expression in quotes, like \"publickey\"");
    if (text->empty() && needs.may_be_empty) {
      (config.*needs.member).clear();
      return {};
    }
    const auto requirement = parse_requirement(*text);
    if (!requirement) return fail("cannot be \"{}\": {}", *text, requirement.error().text);
    config.*needs.member = text_of(*requirement);
    return {};
  }
  Outcome operator()(const Watchers& watchers) const {
    const auto text = node.value_exact<std::string>();
    if (!text) return fail("must be like \"127.0.0.1:9222\" or \"unix:/run/bastion/metrics.sock\"");
    config.*watchers.member = std::nullopt;
    if (text->empty()) return {};
    auto address = LocalAddress::parse(*text);
    if (!address) return fail("cannot be used: {}", address.error().text);
    config.*watchers.member = *std::move(address);
    return {};
  }
  // A name that is something else everywhere would be taken from the container.
  Outcome operator()(const Forward& forward) const {
    constexpr std::string_view kExample = "like \"bastion:80\"";
    const auto text = node.value_exact<std::string>();
    if (!text) return fail("must be a name and a port, {}", kExample);
    config.*forward.member = std::nullopt;
    if (text->empty()) return {};
    auto place = parse_endpoint(*text, std::nullopt);
    if (!place) return fail("cannot be used: {}", place.error().text);
    if (place->port == 0 || !is_name_of_forward(place->host)) {
      return fail("cannot be \"{}\": it is a name of letters, digits, `.` and `-`, and a port, {}", *text, kExample);
    }
    if (is_of_container(place->host)) return fail("cannot be \"{}\": that is the container's own", *text);
    config.*forward.member = *std::move(place);
    return {};
  }
  Outcome operator()(const Names& names) const {
    const auto texts = texts_of(node);
    if (!texts) return std::unexpected(texts.error());
    for (const auto& text : *texts) {
      if (std::ranges::find(names.known, text) == names.known.end()) return not_one_of(text, names.known);
    }
    config.*names.member = fmt::format("{}", fmt::join(*texts, ","));
    return {};
  }
  Outcome operator()(const Startups& startups) const {
    const auto text = node.value_exact<std::string>();
    auto numbers = text ? numbers_of(*text) : std::vector<int>{};
    if (const auto number = node.value_exact<std::int64_t>()) {
      if (*number >= 1 && *number <= kMostStartups) numbers = {static_cast<int>(*number)};
    }
    if (numbers.size() == 1) numbers = {numbers[0], 100, numbers[0]};
    const bool is_right = numbers.size() == 3 && numbers[0] >= 1 && numbers[0] <= numbers[2] &&
                          numbers[2] <= kMostStartups && numbers[1] >= 1 && numbers[1] <= 100;
    if (!is_right) return fail("must be a number from 1 to {}, or like \"100:30:200\"", kMostStartups);
    config.*startups.member = {.start = numbers[0], .rate = numbers[1], .full = numbers[2]};
    return {};
  }
  Outcome operator()(const Blocks& blocks) const {
    const auto text = node.value_exact<std::string>();
    const auto bits = text ? numbers_of(*text) : std::vector<int>{};
    const bool is_right = bits.size() == 2 && bits[0] >= 1 && bits[0] <= 32 && bits[1] >= 1 && bits[1] <= 128;
    if (!is_right) return fail("must be bits of IPv4 and IPv6, like \"32:64\"");
    config.*blocks.member = {.ipv4 = bits[0], .ipv6 = bits[1]};
    return {};
  }
  Outcome operator()(const Penalties& penalties) const {
    const auto* const table = node.as_table();
    if (table == nullptr) return fail("must be a table, like {{ authfail = 5, min = 15 }}");
    auto rules = config.*penalties.member;
    for (const auto& [key, value] : *table) {
      if (auto assigned = assign_rule(key.str(), value, rules); !assigned) return assigned;
    }
    if (rules.min > rules.max) return fail("has a min that is more than its max");
    config.*penalties.member = rules;
    return {};
  }
  Outcome operator()(const Networks& networks) const {
    const auto texts = texts_of(node);
    if (!texts) return std::unexpected(texts.error());
    std::vector<Network> read;
    for (const auto& text : *texts) {
      const auto network = Network::parse(text);
      if (!network) return fail("cannot be read: {}", network.error().text);
      read.push_back(*network);
    }
    config.*networks.member = std::move(read);
    return {};
  }
  Outcome operator()(const Membership& membership) const {
    const auto* const table = node.as_table();
    if (table == nullptr) return fail("must be a table, like {{ database = \"host=pg1\", node = \"bastion-1\" }}");
    config.*membership.member = std::nullopt;
    if (table->empty()) return {};
    Fleet fleet;
    for (const auto& [key, value] : *table) {
      const auto text = value.value_exact<std::string>();
      if (key != "database" && key != "node") {
        return fail("has an unknown key {}; there are database and node", key.str());
      }
      if (!text) return fail("must have as {} a text in quotes", key.str());
      (key == "database" ? fleet.database : fleet.node) = *text;
    }
    if (auto good = check_connection_string(fleet.database); !good) {
      return fail("has a database that {}", good.error().text);
    }
    if (!is_name(fleet.node)) return fail("must have as node the name of this bastion: {}", kNameRule);
    config.*membership.member = std::move(fleet);
    return {};
  }
  Outcome operator()(const SignOnAt& sign_on) const {
    const auto* const table = node.as_table();
    if (table == nullptr) {
      return fail("must be a table, like {{ issuer = \"https://login.example.org\", client_id = \"bastion\" }}");
    }
    config.*sign_on.member = std::nullopt;
    if (table->empty()) return {};
    Oidc oidc;
    for (const auto& [key, value] : *table) {
      if (auto assigned = assign_oidc(key.str(), value, oidc); !assigned) return assigned;
    }
    if (auto good = check(oidc); !good) return good;
    config.*sign_on.member = std::move(oidc);
    return {};
  }
  Outcome operator()(const Variable& variable) const {
    constexpr std::string_view kDigits = "0123456789";
    constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    const auto text = node.value_exact<std::string>();
    const bool is_right = text && text->size() <= kLongestVariable &&
                          text->find_first_not_of(kAllowed) == std::string::npos && text->find_first_of(kDigits) != 0;
    if (!is_right) return fail("must be the name of an environment variable in quotes, like \"LC_SSH_CLIENT\"");
    config.*variable.member = *text;
    return {};
  }
};

std::unexpected<Error> unknown_key(std::string_view place, std::string_view key) {
  std::vector<std::string_view> known;
  for (const auto& setting : settings()) known.push_back(setting.key);
  if (const auto meant = nearest(key, known)) {
    return fail("{}: unknown key {}, did you mean {}?", place, key, *meant);
  }
  return fail("{}: unknown key {}; there are {}", place, key, fmt::join(known, ", "));
}

Result<Config> config_of(const toml::table& table, std::string_view name) {
  Config config;
  for (const auto& [key, node] : table) {
    const auto place = fmt::format("{}:{}", name, key.source().begin.line);
    const auto setting = std::ranges::find(settings(), key.str(), &Setting::key);
    if (setting == settings().end()) return unknown_key(place, key.str());
    if (const auto assigned = std::visit(Assign{config, node}, setting->kind); !assigned) {
      return fail("{}: {} {}", place, key.str(), assigned.error().text);
    }
  }
  // Whoever serves makes no unix sockets then, so that it cannot ask the agent itself.
  if (!config.key_agent.empty() && config.metrics && !config.metrics->unix_socket.empty()) {
    return fail("{}: with key_agent, metrics has to be a port, like \"127.0.0.1:9222\"", name);
  }
  return config;
}

}  // namespace

Result<Config> parse(std::string_view text, std::string_view name) {
  try {
    return config_of(toml::parse(text), name);
  } catch (const toml::parse_error& error) {
    return fail("{}:{}: {}", name, error.source().begin.line, error.description());
  } catch (const std::exception& error) {
    return fail("{}: {}", name, error.what());
  }
}

Source source(const std::optional<std::filesystem::path>& option, const char* environment) {
  if (option) return {.file = *option};
  if (environment != nullptr && *environment != '\0') return {.file = environment};
  std::error_code error;
  return {.file = kDefaultFile, .may_be_missing = !std::filesystem::exists(kDefaultFile, error) && !error};
}

namespace {

Result<Config> load_file(const Source& source) {
  if (std::error_code error; source.may_be_missing && !std::filesystem::exists(source.file, error) && !error) {
    return Config{};
  }
  const auto text = read_whole_file(source.file, kMostBytes, Waiting::refused);
  if (!text) return std::unexpected(text.error());
  if (text->size() > kMostBytes)
    return fail("{}: a configuration has {} bytes at most", source.file.string(), kMostBytes);
  return parse(*text, source.file.string());
}

}  // namespace

Result<Config> load(const Source& source) {
  auto config = load_file(source);
  if (!config) return config;
  if (source.json_log) config->log = log::Form::json;
  config->banner = read_text_file(config->banner.path);
  config->motd = read_text_file(config->motd.path);
  return config;
}

}  // namespace bastion::config
