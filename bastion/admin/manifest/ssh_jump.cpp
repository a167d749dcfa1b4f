#include "bastion/admin/manifest/ssh_jump.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "bastion/base/endpoint.h"

namespace bastion::admin {
namespace {

using Words = std::vector<std::string>;
using Jumps = std::vector<SshJump>;

constexpr std::string_view kScheme = "ssh://";

std::unexpected<Error> not_a_jump(std::string_view command) {
  return fail("ProxyCommand {} is more than a jump: only `ssh -W %h:%p HOST` and `ssh HOST nc %h %p` are understood",
              command);
}

Result<std::string> expand(std::string_view text, const SshTokens& tokens) {
  std::string expanded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      expanded += text[i];
      continue;
    }
    const char token = ++i < text.size() ? text[i] : '\0';
    switch (token) {
      case '%': expanded += '%'; break;
      case 'h': expanded += tokens.host; break;
      case 'n': expanded += tokens.original; break;
      case 'p': expanded += tokens.port; break;
      case 'r': expanded += tokens.user; break;
      default: return fail("{} cannot be used in {}: %h, %n, %p and %r can", text.substr(i - 1, 2), text);
    }
  }
  return expanded;
}

// `[user@]host`, the user being all before the last @.
SshJump destination_in(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos) return {.host = std::string(text)};
  return {.host = std::string(text.substr(at + 1)), .user = std::string(text.substr(0, at))};
}

Result<SshJump> jump_in(std::string_view text) {
  auto jump = destination_in(text.starts_with(kScheme) ? text.substr(kScheme.size()) : text);
  std::string_view host = jump.host;
  if (text.starts_with(kScheme) && host.ends_with('/')) host.remove_suffix(1);
  const auto colon = host.rfind(':');
  const bool has_port = colon != std::string_view::npos && !canonical_address(host) && !host.ends_with(']');
  if (has_port) jump.port = host.substr(colon + 1);
  if (has_port) host = host.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  auto name = std::string(host);
  jump.host = std::move(name);
  const bool is_host = parse_endpoint(jump.host, 1) && (canonical_address(jump.host) || !jump.host.contains(':'));
  if (is_host && (!has_port || parse_endpoint("x:" + jump.port, std::nullopt))) return jump;
  return fail("{} is no jump: it looks like ops@gw:22", text);
}

Words command_words(std::string_view command) {
  Words words;
  bool is_inside = false;
  char quote = '\0';
  for (const char c : command) {
    if (quote == '\0' && (c == ' ' || c == '\t')) {
      is_inside = false;
      continue;
    }
    if (!std::exchange(is_inside, true)) words.emplace_back();
    if (quote == c || (quote == '\0' && (c == '"' || c == '\''))) {
      quote = quote == '\0' ? c : '\0';
    } else {
      words.back() += c;
    }
  }
  return words;
}

bool is_program(std::string_view word, std::initializer_list<std::string_view> names) {
  const auto name = word.substr(word.rfind('/') + 1);
  return std::ranges::find(names, name) != names.end();
}

// `nc %h %p`, with options before it.
bool is_netcat(const Words& command) {
  return command.size() >= 3 && is_program(command.front(), {"nc", "netcat", "ncat"}) &&
         command[command.size() - 2] == "%h" && command.back() == "%p";
}

bool is_the_target(std::string_view forward) { return forward == "%h:%p" || forward == "[%h]:%p"; }

// The command line of ssh(1).
struct SshCommand {
  SshJump to = {};
  std::string forward = {};  // of -W
  std::string jumps = {};    // of -J
  Words remote = {};
};

// Of `-o`: whether it leaves alone where the jump is and how it is reached.
bool is_harmless(std::string_view setting) {
  const auto keyword = canonical_host(setting.substr(0, setting.find_first_of("= ")));
  return !keyword.starts_with("proxy") && keyword != "hostname" && keyword != "user" && keyword != "port" &&
         !keyword.ends_with("command");
}

// Nothing when an option means more than who is jumped through.
std::optional<SshCommand> ssh_command_in(const Words& words) {
  constexpr std::string_view kHarmless = "46AaCfGgKkNnqsTtVvXxYy";  // without a value
  constexpr std::string_view kWithHarmlessValue = "BbceimOoS";      // -o is looked at
  SshCommand command;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto& word = words[i];
    if (!word.starts_with('-') || !command.remote.empty()) {
      if (command.to.host.empty()) {
        auto to = jump_in(word);
        if (!to) return std::nullopt;
        if (!command.to.user.empty()) to->user = command.to.user;
        if (!command.to.port.empty()) to->port = command.to.port;
        command.to = *std::move(to);
      } else {
        command.remote.push_back(word);
      }
      continue;
    }
    for (std::size_t at = 1; at < word.size(); ++at) {
      const char option = word[at];
      if (kHarmless.contains(option)) continue;
      auto value = word.substr(at + 1);
      if (value.empty() && ++i < words.size()) value = words[i];
      if (value.empty()) return std::nullopt;
      if (option == 'W') {
        command.forward = value;
      } else if (option == 'l') {
        command.to.user = value;
      } else if (option == 'p') {
        command.to.port = value;
      } else if (option == 'J') {
        command.jumps = value;
      } else if (!kWithHarmlessValue.contains(option) || (option == 'o' && !is_harmless(value))) {
        return std::nullopt;
      }
      break;
    }
  }
  return command;
}

}  // namespace

Result<Jumps> parse_proxy_jump(std::string_view text, const SshTokens& tokens) {
  const auto expanded = expand(text, tokens);
  if (!expanded) return std::unexpected(expanded.error());
  Jumps jumps;
  if (expanded->empty() || canonical_host(*expanded) == "none") return jumps;
  for (std::string_view rest = *expanded;;) {
    const auto end = std::min(rest.find(','), rest.size());
    auto jump = jump_in(rest.substr(0, end));
    if (!jump) return std::unexpected(jump.error());
    jumps.push_back(*std::move(jump));
    if (end == rest.size()) return jumps;
    rest.remove_prefix(end + 1);
  }
}

Result<Jumps> parse_proxy_command(std::string_view text, const SshTokens& tokens) {
  if (text.empty() || canonical_host(text) == "none") return Jumps{};
  auto words = command_words(text);
  if (!words.empty() && words.front() == "exec") words.erase(words.begin());
  if (!words.empty() && words.back() == "2>/dev/null") words.pop_back();
  if (words.empty() || !is_program(words.front(), {"ssh"})) return not_a_jump(text);
  const auto command = ssh_command_in(words);
  if (!command || command->to.host.empty()) return not_a_jump(text);
  const bool is_forward = is_the_target(command->forward) && command->remote.empty();
  if (!is_forward && !(command->forward.empty() && is_netcat(command->remote))) return not_a_jump(text);
  auto jumps = parse_proxy_jump(command->jumps, tokens);
  if (!jumps) return jumps;
  SshJump last;
  for (auto [from, to] : {std::pair(&command->to.host, &last.host), std::pair(&command->to.user, &last.user),
                          std::pair(&command->to.port, &last.port)}) {
    auto expanded = expand(*from, tokens);
    if (!expanded) return std::unexpected(expanded.error());
    *to = *std::move(expanded);
  }
  jumps->push_back(std::move(last));
  return jumps;
}

}  // namespace bastion::admin
