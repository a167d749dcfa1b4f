// The keys of the configuration file as one table: reading a file and the reference in docs/CONFIG.md come from it.
#pragma once

#include <chrono>
#include <cstdint>
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
// Seconds too, which are long: written with a unit.
struct Duration {
  std::chrono::seconds Config::* member;
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
struct Names {
  std::string Config::* member;
  std::span<const std::string_view> known;
};
struct Startups {
  MaxStartups Config::* member;
};
struct Blocks {
  SourceBlock Config::* member;
};
struct Penalties {
  PenaltyRules Config::* member;
};
struct LogForm {
  log::Form Config::* member;
};
struct Placed {
  Placement Config::* member;
};
struct Recorded {
  RecordPolicy Config::* member;
};
struct WhenFull {
  RecordWhenFull Config::* member;
};
// Bytes, which are many: written with a unit.
struct Size {
  std::int64_t Config::* member;
};
struct Watchers {
  std::optional<LocalAddress> Config::* member;
};
struct Networks {
  std::vector<Network> Config::* member;
};
// The name and the port of a forward, or nothing.
struct Forward {
  std::optional<Endpoint> Config::* member;
};
// The name of an environment variable, or nothing.
struct Variable {
  std::string Config::* member;
};
// A program and its arguments, or nothing: base/key_command.h.
struct Program {
  std::string Config::* member;
};
// A table with `database` and `node`, or nothing in it.
struct Membership {
  std::optional<Fleet> Config::* member;
};
// A table that says where users sign on, or nothing in it.
struct SignOnAt {
  std::optional<Oidc> Config::* member;
};
// What an account needs: base/requirement.h.
struct Needs {
  std::string Config::* member;
  bool may_be_empty = false;
};
// Yes or no.
struct Flag {
  bool Config::* member;
};
// A file that is read as well, or nothing.
struct Text {
  TextFile Config::* member;
};
// Of a unix socket, or nothing.
struct Socket {
  std::filesystem::path Config::* member;
};
using Kind = std::variant<Number, Seconds, Duration, Folder, Addresses, LogLevel, Names, Startups, Blocks, Penalties,
                          Networks, LogForm, Placed, Watchers, Variable, Membership, SignOnAt, Socket, Needs, Flag,
                          Text, Program, Forward, Recorded, WhenFull, Size>;

// When another value counts that the file has while the bastion serves, and reads it again.
enum class Counts : std::uint8_t {
  at_once,
  for_new,      // for connections and logins that begin from then on
  by_handover,  // for those too, in another process
  after_restart,
};

struct Setting {
  std::string_view key;
  Kind kind;
  Counts counts;
  std::string_view help;  // markdown, whole sentences
};

[[nodiscard]] std::span<const Setting> settings();

// The keys of the table that a Penalties is, beside `enabled`, `max_sources` and `overflow`.
struct PenaltyTime {
  std::string_view key;
  std::chrono::seconds PenaltyRules::* member;
};
[[nodiscard]] std::span<const PenaltyTime> penalty_times();
inline constexpr int kLongestPenalty = 86'400;
inline constexpr int kMostSources = 1'000'000;
[[nodiscard]] std::span<const std::string_view> overflows();  // in the order of PenaltyRules::Overflow
inline constexpr int kMostStartups = 100'000;
inline constexpr std::size_t kLongestVariable = 64;

// What LogLevel may name, in the order of log::Level.
[[nodiscard]] std::span<const std::string_view> log_levels();

// And LogForm, in the order of log::Form.
[[nodiscard]] std::span<const std::string_view> log_forms();

// And Placed, in the order of Placement.
[[nodiscard]] std::span<const std::string_view> placements();

// And Recorded and WhenFull, in the order of theirs.
[[nodiscard]] std::span<const std::string_view> record_policies();
[[nodiscard]] std::span<const std::string_view> when_full();

inline constexpr std::int64_t kMostBytesKept = 1'000'000'000'000'000;

// The value as the file would have it.
[[nodiscard]] std::string toml_of(const Setting& setting, const Config& config);
// A key that has another value in one configuration than in another.
struct Change {
  const Setting* setting;
  std::string before;  // as the file would have it
  std::string after;
};
[[nodiscard]] std::vector<Change> changes(const Config& before, const Config& after);
// Gives `to` the value that `from` has.
void copy(const Setting& setting, const Config& from, Config& to);
// "at once", for the reader of a log or of the reference.
[[nodiscard]] std::string_view text_of(Counts counts);

// Every key with its default, its limits, its help and when a change counts, in markdown.
[[nodiscard]] std::string reference();
// And for bastion.toml(5).
[[nodiscard]] std::string manual();

}  // namespace bastion::config
