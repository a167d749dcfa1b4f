#include "bastion/admin/manifest/ssh_config_lines.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "bastion/admin/manifest/ssh_jump.h"
#include "bastion/base/endpoint.h"

namespace bastion::admin {
namespace {

using Words = std::vector<std::string>;

constexpr int kDeepestInclude = 16;  // READCONF_MAX_DEPTH in OpenSSH's readconf.c
constexpr std::size_t kMostIncludes = 1'000;
constexpr std::size_t kLongestLine = std::size_t{64} * 1024;
constexpr std::size_t kLongestText = std::size_t{4} * 1024 * 1024;
// Each costs a process or two.
constexpr std::size_t kMostHosts = 2'000;
constexpr std::size_t kMostSkipped = 10'000;
// Room for the number of a port that is yet to be chosen.
constexpr std::string_view kAnyPort = "00000";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f'; }

std::string in_small_letters(std::string_view text) {
  std::string small(text);
  std::ranges::transform(small, small.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return small;
}

// Words as readconf.c splits them: quotes keep a word together, # begins a comment. Nothing when a quote stays open.
std::optional<Words> words_of(std::string_view line) {
  Words words;
  for (std::size_t i = 0; i < line.size();) {
    if (is_space(line[i])) {
      ++i;
      continue;
    }
    if (line[i] == '#') break;
    auto& word = words.emplace_back();
    char quote = '\0';
    for (; i < line.size() && (quote != '\0' || !is_space(line[i])); ++i) {
      if (quote != '\0' ? line[i] == quote : line[i] == '"' || line[i] == '\'') {
        quote = quote == '\0' ? line[i] : '\0';
      } else {
        word += line[i];
      }
    }
    if (quote != '\0') return std::nullopt;
  }
  return words;
}

// `Keyword value` or `Keyword=value`, the keyword in small letters.
std::pair<std::string, std::string_view> setting_in(std::string_view line) {
  const auto skip_space = [&] { line.remove_prefix(std::min(line.find_first_not_of(" \t\r\f"), line.size())); };
  skip_space();
  const auto end = std::min(line.find_first_of(" \t\r\f=\"#"), line.size());
  auto keyword = in_small_letters(line.substr(0, end));
  line.remove_prefix(end);
  skip_space();
  if (line.starts_with('=')) line.remove_prefix(1);
  skip_space();
  while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
  return {std::move(keyword), line};
}

using Wrong = std::optional<std::string>;

// Of letters, digits and `others`, every word means to ssh what it says, whichever way its version splits a line.
Wrong wrong_with(std::string_view word, std::string_view others) {
  if (word.empty()) return "an empty word is not understood here";
  for (const char c : word) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    const bool is_printable = c > 0x20 && c < 0x7f;
    if (is_plain || others.contains(c)) continue;
    return is_printable ? fmt::format("{} in it is not understood here", c)
                        : std::string("it is not made of characters that are understood here");
  }
  return std::nullopt;
}

// A Match line is split at = as well: with that, `*=exec=id` is a command.
Wrong wrong_with_conditions(const std::optional<Words>& words) {
  if (!words) return "a quote in it is not closed";
  if (words->empty()) return "nothing stands behind it";
  for (const auto& word : *words) {
    if (auto wrong = wrong_with(word, ".-_:*?!,@%")) return wrong;
  }
  return std::nullopt;
}

std::optional<std::uint16_t> port_in(std::string_view text) {
  if (text.size() > 5 || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  const auto endpoint = parse_endpoint(fmt::format("x:{}", text), std::nullopt);
  return endpoint ? std::optional(endpoint->port) : std::nullopt;
}

// What would have ssh refuse the whole file, or take it for something else.
Wrong wrong_with_value(std::string_view keyword, const std::optional<Words>& words) {
  if (!words) return "a quote in it is not closed";
  if (words->empty()) return "nothing stands behind it";
  if (words->size() > 1) return "it is more than one word";
  const auto& word = words->front();
  if (keyword == "port") return port_in(word) ? std::nullopt : Wrong("a port is a number from 1 to 65535");
  if (keyword == "user" || keyword == "tag") return wrong_with(word, ".-_:@+/");
  if (auto wrong = wrong_with(word, ".-_:@+/%,[]")) return wrong;
  if (keyword == "hostname") {
    for (auto at = word.find('%'); at != std::string::npos; at = word.find('%', at + 2)) {
      if (at + 1 == word.size() || !std::string_view("h%").contains(word[at + 1])) {
        return "of what begins with %, only %h and %% can stand in it";
      }
    }
    return std::nullopt;
  }
  // Without a port: ssh wants a number there.
  const auto jumps = parse_proxy_jump(word, {.host = "h", .original = "n", .port = "", .user = "u"});
  return jumps ? std::nullopt : Wrong(jumps.error().text);
}

bool is_one_of(std::span<const std::string_view> all, std::string_view word) {
  return std::ranges::find(all, in_small_letters(word)) != all.end();
}

bool is_exec(std::string_view word) {
  word.remove_prefix(std::min(word.find_first_not_of('!'), word.size()));
  return in_small_letters(word) == "exec";
}

bool is_pattern(std::string_view name) { return name.find_first_of("*?!,") != std::string_view::npos; }

class SshConfigFilter {
 public:
  explicit SshConfigFilter(const SshConfigReading& reading) : reading_(reading) {}

  Result<> add(std::string_view text, const std::string& file, int depth) {
    std::size_t number = 0;
    bool is_always = true;  // as ssh's own `Host *`
    bool is_left_out = false;
    while (!text.empty()) {
      const auto end = std::min(text.find('\n'), text.size());
      const auto line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      place_ = fmt::format("{}{}line {}", file, file.empty() ? "" : " ", ++number);
      const auto [keyword, value] = setting_in(line);
      if (keyword.empty() || keyword.starts_with('#')) continue;
      if (line.size() > kLongestLine) {
        skip(fmt::format("it is longer than {} bytes", kLongestLine));
        is_left_out = is_left_out || keyword == "host" || keyword == "match";
        continue;
      }
      if (keyword == "host" || keyword == "match") {
        is_left_out = !(keyword == "host" ? add_host(value) : add_match(value));
        is_always = !is_left_out && (value == "*" || in_small_letters(value) == "all");
      } else if (!is_left_out && keyword == "include") {
        if (auto included = include(value, is_always, depth); !included) return included;
      } else if (!is_left_out) {
        add_setting(keyword, value);
      }
      if (lines_.text.size() > kLongestText) return fail("this is longer than {} MiB", kLongestText >> 20);
      if (lines_.hosts.size() > kMostHosts) return fail("these are more than {} hosts", kMostHosts);
      if (lines_.skipped.size() > kMostSkipped) {
        return fail("more than {} lines of it cannot be taken over", kMostSkipped);
      }
    }
    return {};
  }

  Result<SshConfigLines> take() {
    int number = 65'535;
    for (const auto& [place, why] : left_out_ports_) {
      while (number > 0 && ports_.contains(std::to_string(number))) --number;
      if (number < 10'000) return fail("too many of its ports are none");
      lines_.left_out_ports.emplace(std::to_string(number), why);
      lines_.text.replace(place, kAnyPort.size(), std::to_string(number--));
    }
    return std::move(lines_);
  }

 private:
  void skip(std::string why) { lines_.skipped.push_back({place_, std::move(why)}); }

  void write(const std::string& line) {
    lines_.text += line + "\n";
    lines_.places.push_back(place_);
  }

  bool add_host(std::string_view value) {
    const auto names = words_of(value);
    if (const auto wrong = wrong_with_conditions(names)) {
      skip(fmt::format("Host {}: {}, so what stands under it is left out", value, *wrong));
      return false;
    }
    write(fmt::format("Host {}", fmt::join(*names, " ")));
    for (const auto& name : *names) {
      if (is_pattern(name) || !hosts_.insert(name).second) continue;
      lines_.hosts.push_back(name);
      if (lines_.hosts.size() > kMostHosts) break;
    }
    return true;
  }

  // Only conditions that ask for nothing but names: one that is a command would be executed.
  bool add_match(std::string_view value) {
    const auto words = words_of(value);
    auto wrong = wrong_with_conditions(words);
    // In no place at all, so that it does not hang on how ssh counts the words.
    const bool is_command = wrong ? in_small_letters(value).contains("exec") : std::ranges::any_of(*words, is_exec);
    if (is_command) wrong = "an import executes no command";
    if (!wrong) wrong = wrong_with_match(*words);
    if (wrong) {
      skip(fmt::format("Match {}: {}, so what stands under it is left out", value, *wrong));
      return false;
    }
    write(fmt::format("Match {}", fmt::join(*words, " ")));
    return true;
  }

  [[nodiscard]] Wrong wrong_with_match(const Words& words) const {
    constexpr std::array<std::string_view, 3> kAlone{"all", "canonical", "final"};
    for (std::size_t i = 0; i < words.size(); ++i) {
      const auto condition = in_small_letters(words[i].substr(words[i].starts_with('!') ? 1 : 0));
      const bool is_last = i + 1 == words.size();
      const bool is_first = i == 0 || (i == 1 && is_one_of(kAlone, words.front()));
      if (condition == "all" && !(is_last && is_first)) return "all stands alone";
      if (is_one_of(kAlone, condition)) continue;
      // Where nothing sets a user, ssh takes the account that it runs in: here the bastion's.
      if (condition == "user" || condition == "localuser") return "it depends on who asks";
      if (condition == "tagged" && !reading_.knows_tags) return "the ssh of this machine does not know tags";
      if (condition != "host" && condition != "originalhost" && condition != "tagged") {
        return fmt::format("the condition {} is not understood here", condition);
      }
      ++i;
      if (is_last) return fmt::format("nothing stands behind {}", condition);
    }
    return std::nullopt;
  }

  Result<> include(std::string_view value, bool is_always, int depth) {
    const auto refuse = [&](std::string_view why) {
      skip(fmt::format("Include {}: {}", value, why));
      return Result<>{};
    };
    const auto patterns = words_of(value);
    if (!patterns) return refuse("a quote in it is not closed");
    if (depth == kDeepestInclude) return refuse("too many files include each other");
    if (!is_always) return refuse("it is not read under a Host or Match that is not *");
    const auto place = place_;
    for (const auto& pattern : *patterns) {
      const auto files = reading_.read_included(pattern);
      if (!files) skip(fmt::format("Include {}: {}", pattern, files.error().text));
      if (!files) continue;
      for (const auto& file : *files) {
        if (!file.unread.empty()) skip(fmt::format("Include {}: {}: {}", pattern, file.name, file.unread));
        if (!file.unread.empty()) continue;
        if (++includes_ > kMostIncludes) return fail("it includes more than {} files", kMostIncludes);
        if (auto added = add(file.text, file.name, depth + 1); !added) return added;
        place_ = place;
        write("Host *");
      }
    }
    return {};
  }

  void add_setting(std::string_view keyword, std::string_view value) {
    if (keyword == "proxycommand") {
      write(fmt::format("ProxyCommand {}", lines_.commands.size()));
      lines_.commands.emplace_back(value);
    } else if (keyword == "knownhostscommand" || keyword == "localcommand") {
      skip(fmt::format("{} {}: an import executes no command", keyword, value));
    } else if (keyword.starts_with("canonical")) {
      if (in_small_letters(value) != "no") skip(fmt::format("{} {}: an import looks no name up", keyword, value));
    } else if (keyword == "tag" && !reading_.knows_tags) {
      skip(fmt::format("{} {}: the ssh of this machine does not know tags", keyword, value));
    } else if (keyword == "hostname" || keyword == "user" || keyword == "port" || keyword == "proxyjump" ||
               keyword == "tag") {
      const auto words = words_of(value);
      const auto wrong = wrong_with_value(keyword, words);
      if (wrong && keyword == "tag") return skip(fmt::format("{} {}: {}", keyword, value, *wrong));
      if (wrong) return leave_out(keyword, fmt::format("{}: {} {}: {}", place_, keyword, value, *wrong));
      const auto port = keyword == "port" ? port_in(words->front()) : std::nullopt;
      const auto said = port ? std::to_string(*port) : words->front();
      if (port) ports_.insert(said);
      write(fmt::format("{} {}", keyword, said));
    }
  }

  // Nothing else may take its place: the next match, or a default.
  void leave_out(std::string_view keyword, std::string why) {
    if (keyword == "port") {
      write(fmt::format("port {}", kAnyPort));
      left_out_ports_.emplace_back(lines_.text.size() - 1 - kAnyPort.size(), std::move(why));
      return;
    }
    const auto marker = fmt::format("left-out-{}", lines_.left_out.size());
    write(fmt::format("{} {}", keyword == "proxyjump" ? "ProxyCommand" : keyword, marker));
    lines_.left_out.emplace(marker, std::move(why));
  }

  const SshConfigReading& reading_;
  SshConfigLines lines_;
  std::string place_;  // of the line that is read
  std::set<std::string> hosts_;
  std::size_t includes_ = 0;
  std::set<std::string> ports_;
  std::vector<std::pair<std::size_t, std::string>> left_out_ports_;  // where the number goes, and why
};

}  // namespace

Result<SshConfigLines> ssh_config_lines(std::string_view text, const SshConfigReading& reading) {
  SshConfigFilter filter(reading);
  if (auto added = filter.add(text, {}, 0); !added) return std::unexpected(added.error());
  return filter.take();
}

}  // namespace bastion::admin
