#include "bastion/admin/commands/topics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "bastion/admin/commands/commands.h"

namespace bastion::admin {
namespace {

constexpr auto kAboutActivity = std::to_array<Topic>({
    {"top", "a live screen: sessions, throughput, backends, refusals"},
    {"session", "who is logged in, what they do, and recordings"},
    {"explain", "why a login succeeds or fails, step by step"},
    {"route", "where a login leads"},
    {"audit", "who logged in, who was refused, who gave which command"},
});
constexpr auto kAboutUsers = std::to_array<Topic>({
    {"user", "people: their role, and what they may do"},
    {"group", "groups of users"},
    {"key", "the public keys of users"},
    {"invite", "invitations, with which users enrol their own keys"},
    {"password", "passwords of users"},
    {"totp", "one-time codes of users"},
    {"oidc", "sign-ons at the issuer"},
    {"ca", "CAs whose certificates let users in"},
    {"revoke", "revoked keys and certificates"},
    {"ban", "networks whose connections are refused"},
});
constexpr auto kAboutContainers = std::to_array<Topic>({
    {"container", "where users land: owner, address, shares"},
    {"backend", "hosts that run containers, and the way to them"},
    {"host-key", "host keys of backends and containers"},
    {"host-ca", "CAs that are trusted for host keys"},
    {"identity", "the public key to install on backends and containers"},
});
constexpr auto kAboutDirectory = std::to_array<Topic>({
    {"export", "print the whole directory as one document"},
    {"apply", "make the directory match a document"},
    {"import", "import users, containers and backends from other tools"},
    {"backup", "copy the database to a file"},
    {"restore", "replace the directory with a backup"},
    {"fleet", "the other bastions of the fleet"},
});
constexpr auto kAboutYourself = std::to_array<Topic>({
    {"me", "your own account: keys, sessions, containers, shares"},
});
constexpr auto kChapters = std::to_array<Chapter>({
    {"Activity", kAboutActivity},
    {"Users and access", kAboutUsers},
    {"Containers and backends", kAboutContainers},
    {"The whole directory", kAboutDirectory},
    {"Yourself", kAboutYourself},
});

constexpr auto kMore = std::to_array<Topic>({
    {"help session", "the commands about sessions"},
    {"help session kill", "one command, with its options"},
    {"help all", "every command"},
});

// Wide enough for all of them.
std::string line(const Topic& topic) { return fmt::format("  {:<17}  {}\n", topic.word, topic.about); }

bool is_theirs(std::string_view word, store::Role role) {
  const auto begins = [&](const Command& command) { return command.words.substr(0, command.words.find(' ')) == word; };
  return std::ranges::any_of(commands(),
                             [&](const Command& command) { return command.role <= role && begins(command); });
}

}  // namespace

std::span<const Chapter> chapters() { return kChapters; }

std::string contents(store::Role role) {
  std::string text;
  for (const auto& chapter : kChapters) {
    std::string lines;
    for (const auto& topic : chapter.topics) {
      if (is_theirs(topic.word, role)) lines += line(topic);
    }
    if (!lines.empty()) text += fmt::format("{}\n{}", chapter.title, lines);
  }
  text += "More\n";
  for (const auto& topic : kMore) text += line(topic);
  return text;
}

}  // namespace bastion::admin
