#include "bastion/admin/manifest/ssh_config_lines.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace bastion::admin {
namespace {

using Words = std::vector<std::string>;

constexpr int kDeepestInclude = 16;  // READCONF_MAX_DEPTH in OpenSSH's readconf.c
constexpr std::size_t kLongestText = std::size_t{4} * 1024 * 1024;

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

// Of letters, digits and these.
bool is_made_of(std::string_view word, std::string_view others) {
  return !word.empty() && std::ranges::all_of(word, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || others.contains(c);
  });
}

// Each means to ssh what it says, whichever way its version splits a line. A Match line is split at = as well: with
// that,
// `*=exec=id` is a command.
bool is_condition_word(std::string_view word) { return is_made_of(word, ".-_:*?!,@%"); }
bool is_plain_value(std::string_view word) { return is_made_of(word, ".-_:,@%+[]/"); }

bool is_exec(std::string_view word) {
  word.remove_prefix(std::min(word.find_first_not_of('!'), word.size()));
  return in_small_letters(word) == "exec";
}

bool are_condition_words(const Words& words) { return std::ranges::all_of(words, is_condition_word); }

bool is_pattern(std::string_view name) { return name.find_first_of("*?!,") != std::string_view::npos; }

class SshConfigFilter {
 public:
  explicit SshConfigFilter(const ReadIncluded& read_included) : read_included_(read_included) {}

  void add(std::string_view text, const std::string& file, int depth) {
    std::size_t number = 0;
    bool is_always = true;  // as ssh's own `Host *`
    bool is_left_out = false;
    while (!text.empty()) {
      const auto end = std::min(text.find('\n'), text.size());
      const auto line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      const auto place = fmt::format("{}{}line {}", file, file.empty() ? "" : " ", ++number);
      const auto [keyword, value] = setting_in(line);
      if (keyword.empty() || keyword.starts_with('#')) continue;
      if (keyword == "host" || keyword == "match") {
        is_left_out = !(keyword == "host" ? add_host(value, place) : add_match(value, place));
        is_always = !is_left_out && (value == "*" || in_small_letters(value) == "all");
      } else if (!is_left_out && keyword == "include") {
        include(value, place, is_always, depth);
      } else if (!is_left_out) {
        add_setting(keyword, value, place);
      }
      if (lines_.text.size() > kLongestText) return skip(file, "it says too much");
    }
  }

  [[nodiscard]] SshConfigLines take() { return std::move(lines_); }

 private:
  void skip(const std::string& place, std::string why) { lines_.skipped.push_back({place, std::move(why)}); }

  bool add_host(std::string_view value, const std::string& place) {
    const auto names = words_of(value);
    if (!names || names->empty() || !are_condition_words(*names)) {
      skip(place, fmt::format("Host {}: this cannot be understood", value));
      return false;
    }
    lines_.text += fmt::format("Host {}\n", fmt::join(*names, " "));
    for (const auto& name : *names) {
      if (!is_pattern(name) && std::ranges::find(lines_.hosts, name) == lines_.hosts.end())
        lines_.hosts.push_back(name);
    }
    return true;
  }

  // Only conditions that ask for nothing but names: one that is a command would be executed.
  bool add_match(std::string_view value, const std::string& place) {
    constexpr std::array<std::string_view, 3> kAlone{"all", "canonical", "final"};
    constexpr std::array<std::string_view, 5> kWithNames{"host", "originalhost", "user", "localuser", "tagged"};
    const auto words = words_of(value);
    // In no place at all, so that it does not hang on how ssh counts the words.
    bool is_known = words && !words->empty() && are_condition_words(*words) && !std::ranges::any_of(*words, is_exec);
    for (std::size_t i = 0; is_known && i < words->size(); ++i) {
      const auto condition = in_small_letters((*words)[i].substr((*words)[i].starts_with('!') ? 1 : 0));
      if (std::ranges::find(kAlone, condition) != kAlone.end()) continue;
      is_known = std::ranges::find(kWithNames, condition) != kWithNames.end() && ++i < words->size();
    }
    if (is_known) {
      lines_.text += fmt::format("Match {}\n", fmt::join(*words, " "));
    } else {
      const bool is_command = words && std::ranges::any_of(*words, [](const std::string& word) {
                                return in_small_letters(word).contains("exec");
                              });
      skip(place, fmt::format("Match {}: {}, so what stands under it is left out", value,
                              is_command ? "an import executes no command" : "this is not understood here"));
    }
    return is_known;
  }

  void include(std::string_view value, const std::string& place, bool is_always, int depth) {
    const auto patterns = words_of(value);
    if (!patterns || !is_always || depth == kDeepestInclude) {
      return skip(place, fmt::format("Include {}: {}", value,
                                     depth == kDeepestInclude ? "too many files include each other"
                                                              : "it is not read under a Host or Match that is not *"));
    }
    for (const auto& pattern : *patterns) {
      const auto files = read_included_(pattern);
      if (!files) {
        skip(place, fmt::format("Include {}: {}", pattern, files.error().text));
        continue;
      }
      for (const auto& file : *files) {
        add(file.text, file.name, depth + 1);
        lines_.text += "Host *\n";
      }
    }
  }

  void add_setting(std::string_view keyword, std::string_view value, const std::string& place) {
    if (keyword == "proxycommand") {
      lines_.text += fmt::format("ProxyCommand {}\n", lines_.commands.size());
      lines_.commands.emplace_back(value);
    } else if (keyword == "knownhostscommand" || keyword == "localcommand") {
      skip(place, fmt::format("{} {}: an import executes no command", keyword, value));
    } else if (keyword == "hostname" || keyword == "user" || keyword == "port" || keyword == "proxyjump" ||
               keyword == "tag") {
      const auto words = words_of(value);
      if (!words || words->size() != 1 || !is_plain_value(words->front())) {
        return skip(place, fmt::format("{} {}: this cannot be understood", keyword, value));
      }
      lines_.text += fmt::format("{} {}\n", keyword, words->front());
    }
  }

  const ReadIncluded& read_included_;
  SshConfigLines lines_;
};

}  // namespace

SshConfigLines ssh_config_lines(std::string_view text, const std::string& file, const ReadIncluded& read_included) {
  SshConfigFilter filter(read_included);
  filter.add(text, file, 0);
  return filter.take();
}

}  // namespace bastion::admin
