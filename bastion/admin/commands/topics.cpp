#include "bastion/admin/commands/topics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "bastion/admin/commands/commands.h"
#include "bastion/admin/grammar/answer.h"

namespace bastion::admin {
namespace {

constexpr auto kWhatHappens = std::to_array<Topic>({
    {"top", "a live screen: sessions, throughput, backends, refusals"},
    {"session", "who is in and what they do, and what was recorded"},
    {"explain", "why a login succeeds or fails, step by step"},
    {"route", "where a login leads"},
    {"audit", "who logged in, who was refused, who gave which command"},
});
constexpr auto kWhoComesIn = std::to_array<Topic>({
    {"user", "people: their role, and what they may do"},
    {"group", "people together"},
    {"key", "the public keys of users"},
    {"invite", "words with which somebody enrols a key of their own"},
    {"password", "passwords of users"},
    {"totp", "one-time codes of users"},
    {"oidc", "who has signed on at the issuer"},
    {"ca", "CAs whose certificates let users in"},
    {"revoke", "keys and certificates that let nobody in any more"},
    {"ban", "networks that are kept out"},
});
constexpr auto kWhereTheyGo = std::to_array<Topic>({
    {"container", "where users land: owner, address, shares"},
    {"backend", "hosts that run containers, and the way to them"},
    {"host-key", "the host keys of backends and containers"},
    {"host-ca", "CAs that vouch for host keys"},
    {"identity", "what the bastion logs in with, for authorized_keys there"},
});
constexpr auto kAllOfIt = std::to_array<Topic>({
    {"export", "everything as one document"},
    {"apply", "make everything as a document says"},
    {"import", "take over what was there before the bastion"},
    {"backup", "a copy of the database"},
    {"restore", "a backup in the place of what is there"},
    {"fleet", "the other bastions"},
});
constexpr auto kYourself = std::to_array<Topic>({
    {"me", "your own account: keys, sessions, containers, shares"},
});
constexpr auto kChapters = std::to_array<Chapter>({
    {"What happens", kWhatHappens},
    {"Who comes in", kWhoComesIn},
    {"Where they go", kWhereTheyGo},
    {"All of it", kAllOfIt},
    {"Yourself", kYourself},
});

bool is_theirs(std::string_view word, store::Role role) {
  const auto begins = [&](const Command& command) { return command.words.substr(0, command.words.find(' ')) == word; };
  return std::ranges::any_of(commands(),
                             [&](const Command& command) { return command.role <= role && begins(command); });
}

}  // namespace

std::span<const Chapter> chapters() { return kChapters; }

std::string contents(store::Role role) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& chapter : kChapters) {
    const auto title = rows.size();
    for (const auto& topic : chapter.topics) {
      if (is_theirs(topic.word, role)) rows.push_back({fmt::format("  {}", topic.word), std::string(topic.about)});
    }
    if (rows.size() > title)
      rows.insert(rows.begin() + static_cast<std::ptrdiff_t>(title), {std::string(chapter.title)});
  }
  rows.push_back({"More"});
  rows.push_back({"  help session", "the commands about sessions"});
  rows.push_back({"  help session kill", "one command, with its options"});
  rows.push_back({"  help all", "every command"});
  return aligned(rows);
}

}  // namespace bastion::admin
