#include "bastion/probe/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "bastion/access/admission.h"
#include "bastion/access/lookup.h"
#include "bastion/access/route.h"
#include "bastion/auth/external_keys.h"
#include "bastion/auth/methods.h"
#include "bastion/base/clock.h"
#include "bastion/base/endpoint.h"
#include "bastion/base/requirement.h"
#include "bastion/follow/following.h"
#include "bastion/follow/told.h"
#include "bastion/loop/loop.h"
#include "bastion/probe/proofs.h"
#include "bastion/probe/trail.h"
#include "bastion/upstream/chain.h"
#include "bastion/upstream/client_login.h"
#include "bastion/upstream/container_reach.h"
#include "bastion/wake/sleeper.h"
#include "store/reader.h"

namespace bastion::probe {
namespace {

// What the account needs, and from where it is said.
std::string needs_text(const store::User& user, const access::Defaults& defaults) {
  if (!user.auth.empty()) return fmt::format("{} (user set --auth)", user.auth);
  const auto& needs = defaults.needs_of(user.role);
  if (!defaults.needs_of_roles.contains(user.role)) return fmt::format("{} (as configured)", text_of(needs));
  return fmt::format("{} (as configured by auth_{})", text_of(needs), text_of(user.role));
}

// What `authorized_keys_command` prints for somebody now, as if the directory had it. That it cannot be asked ends
// nothing: whoever has a key there comes in.
Task<std::vector<store::Key>> printed_keys(auth::ExternalKeys& external, loop::Loop& loop, std::string user,
                                           store::Reader& reader, Trail& trail) {
  constexpr auto kStep = "authorized_keys_command";
  std::vector<store::Key> keys;
  if (external.names_the_key()) {
    trail.good(kStep, "not tried: it is asked about a key that is shown");
    co_return keys;
  }
  auth::ExternalKeys::Asked asked{.user = std::move(user)};
  const auto printed = co_await external.ask(loop, std::move(asked));
  if (!printed) {
    trail.failed(kStep, fmt::format("not known: {}", printed.error().text));
    co_return keys;
  }
  for (const auto& one : (*printed)->keys) {
    const auto is_revoked = reader.revocations().is_revoked(one.key.blob);
    if (!is_revoked) {
      trail.failed("store", is_revoked.error().text);
      co_return keys;
    }
    keys.push_back({.blob = one.key.blob,
                    .fingerprint = one.fingerprint,
                    .comment = kStep,
                    .options = one.options,
                    .is_revoked = *is_revoked});
  }
  const auto left_out = (*printed)->left_out;
  trail.good(
      kStep,
      fmt::format("prints {} {}{}", keys.size(), keys.size() == 1 ? "key" : "keys",
                  left_out == 0 ? "" : fmt::format(", and {} that cannot be used: {}", left_out, (*printed)->why)));
  co_return keys;
}

// How it is logged in to, of a hop and of a container.
std::string manner_text(bool is_legacy, store::Presented presents) {
  std::string text = is_legacy ? ", with legacy algorithms" : "";
  if (presents == store::Presented::certificate) text += ", with a certificate";
  if (presents == store::Presented::agent) text += ", with the user's own agent";
  return text;
}

std::string certified_text(const std::string& ca) {
  return ca.empty() ? ca : fmt::format("; its host key is known by a certificate of CA {}", ca);
}

std::string route_text(const access::Route& route) {
  std::string text;
  for (const auto& hop : route.hops) text += hop.name + " > ";
  return fmt::format("{}{} {} {} as {}{}{}", text, route.full_name, route.command.empty() ? "at" : "by", route.place(),
                     route.account, manner_text(route.is_legacy, route.presents),
                     route.group.empty() ? "" : fmt::format("; it is shared with group {}", route.group));
}

std::string sftp_text(const access::SftpAccess& access) {
  if (access.is_none()) return "none: no files by SFTP, scp and rsync";
  return access.read ? "read: files go out of the container only" : "write: files go into the container only";
}

// Where a step has come to this end because something sleeps that may be started, it is, and the step is to be tried
// once more. Otherwise the end says why not, or that a login would start it.
struct Awakening {
  const Explanation::Question& question;
  store::Reader& reader;
  loop::Loop& loop;
  wake::Alarm* alarm;
  const access::Route& route;
  Trail& trail;

  [[nodiscard]] Task<bool> done(End& end) const {
    auto wanted = wake::sleeper(reader.wakes(), route, end);
    if (!wanted) co_return false;
    if (!question.wake || alarm == nullptr) {
      end.detail += (end.detail.empty() ? "" : "; ") + std::string("a login starts it, and so does explain --wake");
      co_return false;
    }
    wanted->asker.user = question.asker;
    auto step = "wake " + wanted->name;
    wake::Waking waking(*alarm, loop, *std::move(wanted));
    auto woken = co_await waking.over();
    if (!woken) end = woken.error();
    if (woken) trail.good(std::move(step), "started; its SSH answers");
    co_return woken.has_value();
  }
};

// Where the directory has a container that is not there, it is asked for, and what its source says is said.
struct Search {
  const Explanation::Question& question;
  store::Reader& reader;
  const access::Identity& identity;
  const access::Route& route;
  follow::Following following;

  // Where it is now, when it has moved.
  [[nodiscard]] Task<std::string> new_place(End& end) const {
    const bool is_asked = co_await following.ask(route, end);
    const auto told = follow::told_of(reader.sightings(), reader.backends(), route.container, unix_now());
    if (!told.empty()) end.detail += (end.detail.empty() ? "" : "; ") + told;
    if (!is_asked) co_return {};
    const auto now = find_route(reader.containers(), reader.backends(), identity, question.target, unix_now());
    if (!now || now->container != route.container || follow::is_same_place(*now, route)) co_return {};
    co_return fmt::format("it is not at {}; its source says that it is at {} on {}", route.place(), now->place(),
                          now->hops.empty() ? "no backend" : now->hops.back().name);
  }
};

// What of the session is recorded, and who says so; empty: nothing.
std::string record_text(const std::vector<store::RecordPolicies::Saying>& sayings, const access::Defaults& defaults) {
  const auto most = store::most_of(sayings, defaults.record, defaults.record_least);
  if (most == RecordPolicy::none) return {};
  const auto what = most == RecordPolicy::all ? "terminals, and which commands are started" : "terminals";
  const auto said = std::ranges::find(sayings, most, &store::RecordPolicies::Saying::policy);
  return said == sayings.end() ? fmt::format("{} (as configured)", what) : fmt::format("{} ({})", what, said->who);
}

Explanation behind(std::string found, Explanation explanation) {
  explanation.steps.insert(explanation.steps.begin(),
                           {.name = "look-up", .what = std::move(found), .took = {}, .good = true});
  return explanation;
}

struct Stopped {
  std::string step;
  End end;
  bool is_worth_another_hop = false;
};

// To the container, and into it.
Task<std::expected<upstream::LoggedIn, Stopped>> enter_once(const upstream::Credentials& credentials,
                                                            upstream::HopPool& hops, const access::Route& route,
                                                            const std::string& key_id, Trail& trail) {
  auto reached = co_await reach_container(credentials, hops, route, upstream::Use::question);
  if (!reached) co_return std::unexpected(Stopped{"container", reached.error()});
  trail.good("container", fmt::format("{} {}", route.place(), route.command.empty() ? "answers" : "is started"));
  const auto peer = upstream::peer_of_container(route, key_id);
  auto in = co_await log_in(credentials, std::move(reached->stream), peer);
  if (in) co_return *std::move(in);
  const bool is_worth_another = upstream::is_worth_another_hop(in.error(), reached->hop);
  co_return std::unexpected(Stopped{"login", blame(in.error(), reached->hop), is_worth_another});
}

Task<std::expected<upstream::LoggedIn, Stopped>> enter(const upstream::Credentials& credentials,
                                                       upstream::HopPool& hops, const access::Route& route,
                                                       std::string key_id, Trail& trail) {
  auto in = co_await enter_once(credentials, hops, route, key_id, trail);
  if (in || !in.error().is_worth_another_hop) co_return in;
  trail.good("command", "has failed on a connection that was there before; once more on a new one");
  co_return co_await enter_once(credentials, hops, route, key_id, trail);
}

}  // namespace

Task<Explanation> explain(Explanation::Question question, store::Reader& reader, access::Defaults defaults,
                          const upstream::Credentials& credentials, upstream::HopPool& hops, wake::Alarm* alarm,
                          follow::Lookout* lookout, auth::ExternalKeys* external_keys) {
  Trail trail(credentials.loop);
  const auto unreadable = [&](const Error& error) {
    return trail.ended("store", End{Reason::database_unreadable, {}, error.text});
  };

  question.target = access::known_as(reader.users(), question.target, defaults);
  const auto user = reader.users().find(question.target.user);
  if (!user) co_return unreadable(user.error());
  if (!*user) {
    co_return trail.denied("user", fmt::format("there is no user {}", question.target.user),
                           progress(defaults.needs, {}).next);
  }
  if ((*user)->disabled_at) {
    co_return trail.denied("user", fmt::format("user {} is disabled", (*user)->name), first_factors(**user, defaults));
  }
  trail.good("user", fmt::format("{}, enabled, role {}, needs {}", (*user)->name, store::text_of((*user)->role),
                                 needs_text(**user, defaults)));

  const auto keys = reader.keys().of_user((*user)->id);
  if (!keys) co_return unreadable(keys.error());
  Proofs proofs(**user, question, defaults, trail);
  for (const auto& key : *keys) proofs.take(key);
  if (external_keys != nullptr) {
    const auto printed = co_await printed_keys(*external_keys, credentials.loop, (*user)->name, reader, trail);
    for (const auto& key : printed) proofs.take(key);
  }
  const auto cas = reader.cas().all();
  if (!cas) co_return unreadable(cas.error());
  for (const auto& ca : *cas) {
    const auto is_revoked = reader.revocations().is_revoked(ca.blob);
    if (!is_revoked) co_return unreadable(is_revoked.error());
    proofs.take(ca, *is_revoked);
  }
  const auto password = reader.passwords().of_user((*user)->id);
  if (!password) co_return unreadable(password.error());
  proofs.take(*password);
  const auto codes = reader.second_factors().of_user((*user)->id);
  if (!codes) co_return unreadable(codes.error());
  const auto codes_left = reader.second_factors().recovery_codes_left((*user)->id);
  if (!codes_left) co_return unreadable(codes_left.error());
  proofs.take(*codes, *codes_left);
  const auto sign_ons = reader.sign_ons().of_user((*user)->id);
  if (!sign_ons) co_return unreadable(sign_ons.error());
  proofs.take_sign_on(*sign_ons);
  const auto missing = proofs.missing();
  const auto identity = std::move(proofs).outcome();
  if (!identity) co_return trail.denied("key", identity.error().text, missing);

  const auto route = find_route(reader.containers(), reader.backends(), *identity, question.target, unix_now());
  if (!route) co_return trail.ended("route", route.error());
  trail.good("route", route_text(*route));
  trail.leads_to(route->full_name);
  const auto sayings = reader.record_policies().concerning(identity->user, route->container);
  if (!sayings) co_return unreadable(sayings.error());
  if (auto recorded = record_text(*sayings, defaults); !recorded.empty()) {
    trail.good("record", std::move(recorded));
  }
  const auto sftp = access::sftp_access_in(reader.sftp_policies(), *identity, route->container);
  if (!sftp) co_return unreadable(sftp.error());
  if (!sftp->is_all()) trail.good("sftp", sftp_text(*sftp));

  const Search search{
      question, reader, *identity, *route, {credentials.loop, reader.sources(), reader.sightings(), lookout}};
  const Awakening awakening{question, reader, credentials.loop, alarm, *route, trail};
  std::vector<access::Hop> way;
  for (const auto& hop : route->hops) {
    way.push_back(hop);
    const auto name = "hop " + hop.name;
    auto reached = co_await hops.reach(way, upstream::Use::question);
    if (!reached) {
      auto found = co_await search.new_place(reached.error());
      if (!found.empty()) {
        auto again = co_await explain(question, reader, defaults, credentials, hops, alarm, nullptr, external_keys);
        co_return behind(std::move(found), std::move(again));
      }
      const bool awake = co_await awakening.done(reached.error());
      if (awake) reached = co_await hops.reach(way, upstream::Use::question);
    }
    if (!reached) co_return trail.ended(name, reached.error());
    trail.good(name, fmt::format("logged in {} {} as {}{}{}", hop.dials_in ? "over" : "to", hop.place(), hop.account,
                                 manner_text(hop.is_legacy, hop.presents), certified_text((*reached)->known_by())));
  }

  const auto key_id = identity->name + "@bastion explain";
  auto in = co_await enter(credentials, hops, *route, key_id, trail);
  if (!in) {
    auto found = co_await search.new_place(in.error().end);
    if (!found.empty()) {
      auto again = co_await explain(question, reader, defaults, credentials, hops, alarm, nullptr, external_keys);
      co_return behind(std::move(found), std::move(again));
    }
    const bool awake = co_await awakening.done(in.error().end);
    if (awake) in = co_await enter(credentials, hops, *route, key_id, trail);
  }
  if (!in && in.error().end.reason == Reason::container_wants_agent) {
    trail.good("login",
               fmt::format("not tried: the host key is the right one, and the container takes the keys of {}'s "
                           "own agent, which only a login with ssh -A can show",
                           identity->name));
    co_return trail.succeeded();
  }
  if (!in) co_return trail.ended(in.error().step, in.error().end);
  trail.good("login", fmt::format("logged in as {}{}{}", route->account, certified_text(in->known_by),
                                  in->said.empty() ? "" : "; it says: " + in->said));
  in->session->disconnect("it was only to be seen whether this would work");
  credentials.loop.defer_delete(std::move(in->session));
  co_return trail.succeeded();
}

}  // namespace bastion::probe
