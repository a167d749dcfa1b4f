#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/manifest/cells.h"
#include "bastion/admin/manifest/timestamp.h"
#include "bastion/base/network.h"
#include "store/bans.h"

namespace bastion::admin {
namespace {

using Origin = store::Ban::Origin;

// Each is looked for at every connection.
constexpr std::int64_t kMostBans = 10'000;
constexpr std::string_view kBanned = "banned";

Cell text_or_null(const std::string& text) { return text.empty() ? Cell(nullptr) : Cell(text); }

Result<std::optional<std::int64_t>> end_of_ban(const Context& context, const Arguments& arguments) {
  const auto expires = arguments.optional("--expires");
  if (!expires) return std::nullopt;
  const auto timestamp = parse_timestamp(*expires, context.now);
  if (!timestamp) return std::unexpected(timestamp.error());
  if (*timestamp <= context.now) return fail("{} is past: nobody would be banned", *expires);
  return *timestamp;
}

// Whatever is in it too, where the bastion has refused something smaller.
Result<std::vector<store::Ban>> bans_in(Context& context, const Network& network) {
  auto all = store::Bans(context.database).all(0);
  if (!all) return all;
  std::erase_if(*all, [&](const store::Ban& ban) {
    if (ban.network == network.text()) return false;
    const auto other = Network::parse(ban.network);
    return ban.origin == Origin::admin || !other || !network.contains(*other);
  });
  return all;
}

// There is no ban of this network. It may be in one that is banned.
Result<Answer> not_banned(Context& context, const Network& network) {
  const auto all = store::Bans(context.database).all(context.now);
  if (!all) return std::unexpected(all.error());
  for (const auto& ban : *all) {
    const auto other = Network::parse(ban.network);
    if (other && other->contains(network))
      return fail("{} is not banned, but it is in {}, which is", network.text(), ban.network);
  }
  return fail("{} is not banned", network.text());
}

}  // namespace

RuntimeQuery ask_server(const Arguments& /*arguments*/) { return ServerQuery{}; }

Result<Answer> ban_list(Context& context, const Arguments& /*arguments*/) {
  const auto all = store::Bans(context.database).all(context.now);
  if (!all) return std::unexpected(all.error());
  Table table{{"network", "cause", "by", "since", "until"}, {}, "nobody is banned"};
  for (const auto& ban : *all) {
    table.rows.push_back({ban.network, ban.origin == Origin::admin ? Cell(kBanned) : Cell(ban.cause),
                          text_or_null(ban.actor), timestamp_cell(ban.since), timestamp_cell(ban.expires_at)});
  }
  return Answer{std::move(table)};
}

Result<Answer> ban_add(Context& context, const Arguments& arguments) {
  const auto network = Network::parse(arguments.text("NETWORK"));
  if (!network) return std::unexpected(network.error());
  if (const auto own = bastion::address_of(context.from_host); own && network->contains(*own)) {
    return fail("{} is where you come from", network->text());
  }
  const auto end = end_of_ban(context, arguments);
  if (!end) return std::unexpected(end.error());
  store::Bans bans(context.database);
  if (auto removed = bans.remove_expired(Origin::admin, context.now); !removed) {
    return std::unexpected(removed.error());
  }
  const auto count = bans.count();
  if (!count) return std::unexpected(count.error());
  if (*count >= kMostBans) return fail("there are {} bans, which is all there may be", *count);
  const auto put = bans.put({.network = network->text(),
                             .origin = Origin::admin,
                             .cause = {},
                             .actor = context.actor,
                             .since = context.now,
                             .expires_at = *end});
  if (!put) return std::unexpected(put.error());
  const auto until = *end ? fmt::format(" until {}", text_of_timestamp(**end)) : std::string{};
  Answer answer{Sentence{fmt::format("{} banned{}", network->text(), until)}, network->text()};
  answer.effects.bans = BanEffects{};
  return answer;
}

Result<Answer> ban_lift(Context& context, const Arguments& arguments) {
  const auto network = Network::parse(arguments.text("NETWORK"));
  if (!network) return std::unexpected(network.error());
  const auto known = bans_in(context, *network);
  if (!known) return std::unexpected(known.error());
  const bool is_any_left = std::ranges::any_of(
      *known, [&](const store::Ban& ban) { return !ban.expires_at || *ban.expires_at > context.now; });
  if (!is_any_left) return not_banned(context, *network);
  store::Bans bans(context.database);
  for (const auto& ban : *known) {
    if (auto removed = bans.remove(ban.network, ban.origin); !removed) return std::unexpected(removed.error());
  }
  Answer answer{Sentence{fmt::format("{} is no longer banned", network->text())}, network->text()};
  answer.effects.bans = BanEffects{.lifted = *network};
  return answer;
}

}  // namespace bastion::admin
