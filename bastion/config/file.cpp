#include "bastion/config/file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <vector>

#include "bastion/base/nearest.h"
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
  Outcome operator()(const Folder& folder) const {
    const auto text = node.value_exact<std::string>();
    if (!text || !std::filesystem::path(*text).is_absolute()) return fail("must be an absolute path in quotes");
    config.*folder.member = *text;
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
  Outcome operator()(const Networks& networks) const {
    const auto texts = texts_of(node);
    if (!texts) return std::unexpected(texts.error());
    std::vector<Network> blocks;
    for (const auto& text : *texts) {
      const auto block = Network::parse(text);
      if (!block) return fail("cannot be read: {}", block.error().text);
      blocks.push_back(*block);
    }
    config.*networks.member = std::move(blocks);
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
  Outcome operator()(const Names& names) const {
    const auto texts = texts_of(node);
    if (!texts) return std::unexpected(texts.error());
    for (const auto& text : *texts) {
      if (std::ranges::find(names.known, text) == names.known.end()) return not_one_of(text, names.known);
    }
    config.*names.member = fmt::format("{}", fmt::join(*texts, ","));
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

Result<Config> load(const Source& source) {
  if (std::error_code error; source.may_be_missing && !std::filesystem::exists(source.file, error) && !error) {
    return Config{};
  }
  const auto text = read_whole_file(source.file, kMostBytes, Waiting::refused);
  if (!text) return std::unexpected(text.error());
  if (text->size() > kMostBytes)
    return fail("{}: a configuration has {} bytes at most", source.file.string(), kMostBytes);
  return parse(*text, source.file.string());
}

}  // namespace bastion::config
