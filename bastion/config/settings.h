// The keys of the configuration file as one table: reading a file and the reference in docs/CONFIG.md come from it.
#pragma once

#include <chrono>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bastion/config/config.h"

namespace bastion::config {

// What a key may be set to, and the member of Config that keeps it.
struct Number {
  int Config::* member;
  int least;
  int most;
};
struct Seconds {
  std::chrono::seconds Config::* member;
  int least;
  int most;
};
struct Folder {
  std::filesystem::path Config::* member;
};
struct Addresses {
  std::vector<Endpoint> Config::* member;
};
struct LogLevel {
  log::Level Config::* member;
};
struct KeyExchange {
  std::string Config::* member;
};
using Kind = std::variant<Number, Seconds, Folder, Addresses, LogLevel, KeyExchange>;

struct Setting {
  std::string_view key;
  Kind kind;
  std::string_view help;  // markdown, whole sentences
};

[[nodiscard]] std::span<const Setting> settings();

// What LogLevel and KeyExchange may name.
[[nodiscard]] std::span<const std::string_view> log_levels();  // in the order of log::Level
[[nodiscard]] std::span<const std::string_view> key_exchanges();

// The value as the file would have it.
[[nodiscard]] std::string toml_of(const Setting& setting, const Config& config);
// Every key with its default, its limits and its help, in markdown.
[[nodiscard]] std::string reference();

}  // namespace bastion::config
