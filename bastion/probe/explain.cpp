#include "bastion/probe/explain.h"

#include <fmt/format.h>

#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "bastion/access/admission.h"
#include "bastion/access/certificate.h"
#include "bastion/access/lookup.h"
#include "bastion/access/principals.h"
#include "bastion/access/route.h"
#include "bastion/base/clock.h"
#include "bastion/base/endpoint.h"
#include "bastion/loop/loop.h"
#include "bastion/transport/keys.h"
#include "bastion/upstream/chain.h"
#include "bastion/upstream/client_login.h"
#include "bastion/upstream/container_reach.h"
#include "bastion/wake/sleeper.h"
#include "store/reader.h"

namespace bastion::probe {
namespace {

// What has been tried so far, and how long each step took.
class Trail {
 public:
  explicit Trail(loop::Loop& loop) : loop_(loop), since_(loop.now()) {}

  void good(std::string name, std::string what) { step(std::move(name), std::move(what), true); }
  Explanation denied(std::string name, std::string why) {
    step(std::move(name), why, false);
    explanation_.denied = std::move(why);
    return std::move(explanation_);
  }
  Explanation ended(std::string name, End end) {
    step(std::move(name), statement_of(end), false);
    explanation_.end = std::move(end);
    return std::move(explanation_);
  }
  void leads_to(std::string container) { explanation_.container = std::move(container); }
  Explanation succeeded() { return std::move(explanation_); }

 private:
  void step(std::string name, std::string what, bool good) {
    const auto now = loop_.now();
    explanation_.steps.push_back(
        {.name = std::move(name), .what = std::move(what), .took = now - std::exchange(since_, now), .good = good});
  }

  loop::Loop& loop_;
  std::chrono::milliseconds since_;
  Explanation explanation_;
};

std::string described(const store::Key& key) {
  return key.comment.empty() ? key.fingerprint : fmt::format("{} ({})", key.fingerprint, key.comment);
}

std::string options_text(const store::User& user, const store::Key& key, const access::Policy& policy,
                         const Explanation::Question& question) {
  std::string text;
  if (!user.options.empty()) text = "of the user: " + user.options;
  if (!key.options.empty()) text += (text.empty() ? "of the key: " : "; of the key: ") + key.options;
  if (text.empty()) return "none: everything is allowed";
  if (!policy.from.empty() && !question.from_host) text += "; not from everywhere: say from where";
  return text;
}

// What the account needs, and from where it is said.
std::string needs_text(const store::User& user, const access::Defaults& defaults) {
  if (!user.auth.empty()) return fmt::format("{} (user set --auth)", user.auth);
  const auto& needs = defaults.needs_of(user.role);
  if (!defaults.needs_of_roles.contains(user.role)) return fmt::format("{} (as configured)", text_of(needs));
  return fmt::format("{} (as configured for the role {})", text_of(needs), text_of(user.role));
}

// What brings somebody in who has all the keys that are asked about; or why that is not enough.
class Proofs {
 public:
  Proofs(const store::User& user, const Explanation::Question& question, const access::Defaults& defaults, Trail& trail)
      : user_(user), question_(question), defaults_(defaults), trail_(trail) {}

  void take(const store::Key& key) {
    if (is_enough() || (question_.fingerprint && key.fingerprint != *question_.fingerprint)) return;
    auto now = access::admission(store::enrolled_key(user_, key), {question_.from_host, unix_now()}, defaults_);
    if (!now) return note(fmt::format("key {}: {}", key.fingerprint, now.error().detail));
    if (!access::brings_further(who_, *now)) return note(fmt::format("key {} is not enough", key.fingerprint));
    trail_.good("key", described(key));
    trail_.good("options", options_text(user_, key, now->policy, question_));
    who_ = who_ ? access::together(*who_, *std::move(now)) : *std::move(now);
  }
  // Where keys are not enough: any certificate that this CA could give them.
  void take(const store::Ca& ca, bool is_revoked) {
    if (is_enough() || question_.fingerprint) return;
    const auto rules = access::parse_principals(ca.principals);
    const auto principal = rules ? access::wanted_principal(user_.name, *rules) : std::nullopt;
    if (!principal) return note(fmt::format("CA {} does not let them in", ca.name));
    auto now =
        access::admission({.user = user_, .ca = ca, .is_revoked = is_revoked}, access::imagined_certificate(*principal),
                          {question_.from_host, unix_now()}, defaults_);
    if (!now) return note(fmt::format("a certificate of CA {}: {}", ca.name, now.error().detail));
    if (!access::brings_further(who_, *now)) return;
    trail_.good("certificate", fmt::format("not tried: one of CA {} for principal {}", ca.name, *principal));
    who_ = who_ ? access::together(*who_, *std::move(now)) : *std::move(now);
  }
  Result<access::Identity> outcome() && {
    if (is_enough()) return *std::move(who_);
    if (who_) {
      const auto missing = progress(who_->needs, access::proven_by(*who_)).next;
      note(fmt::format("it needs {}, and one {} more is missing", text_of(who_->needs), text_of(missing.front())));
    }
    if (!why_.empty()) return std::unexpected(Error{std::move(why_)});
    if (question_.fingerprint) return fail("user {} has no key {}", user_.name, *question_.fingerprint);
    return fail("user {} has no key", user_.name);
  }

 private:
  [[nodiscard]] bool is_enough() const { return who_ && access::suffices(*who_); }
  void note(const std::string& why) { why_ += (why_.empty() ? "" : "; ") + why; }

  const store::User& user_;
  const Explanation::Question& question_;
  const access::Defaults& defaults_;
  Trail& trail_;
  std::optional<access::Identity> who_;
  std::string why_;
};

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

struct Stopped {
  std::string step;
  End end;
};

// To the container, and into it.
Task<std::expected<upstream::LoggedIn, Stopped>> enter(const upstream::Credentials& credentials,
                                                       upstream::HopPool& hops, const access::Route& route,
                                                       std::string key_id, Trail& trail) {
  auto reached = co_await reach_container(credentials, hops, route, upstream::Use::question);
  if (!reached) co_return std::unexpected(Stopped{"container", reached.error()});
  trail.good("container", fmt::format("{} {}", route.place(), route.command.empty() ? "answers" : "is started"));
  const auto peer = upstream::peer_of_container(route, std::move(key_id));
  auto in = co_await log_in(credentials, std::move(reached->stream), peer);
  if (!in) co_return std::unexpected(Stopped{"login", blame(in.error(), reached->hop)});
  co_return *std::move(in);
}

}  // namespace

Task<Explanation> explain(Explanation::Question question, store::Reader& reader, access::Defaults defaults,
                          const upstream::Credentials& credentials, upstream::HopPool& hops, wake::Alarm* alarm) {
  Trail trail(credentials.loop);
  const auto unreadable = [&](const Error& error) {
    return trail.ended("store", End{Reason::database_unreadable, {}, error.text});
  };

  question.target = access::known_as(reader.users(), question.target, defaults);
  const auto user = reader.users().find(question.target.user);
  if (!user) co_return unreadable(user.error());
  if (!*user) co_return trail.denied("user", fmt::format("there is no user {}", question.target.user));
  if ((*user)->disabled_at) co_return trail.denied("user", fmt::format("user {} is disabled", (*user)->name));
  trail.good("user", fmt::format("{}, enabled, role {}, needs {}", (*user)->name, store::text_of((*user)->role),
                                 needs_text(**user, defaults)));

  const auto keys = reader.keys().of_user((*user)->id);
  if (!keys) co_return unreadable(keys.error());
  Proofs proofs(**user, question, defaults, trail);
  for (const auto& key : *keys) proofs.take(key);
  const auto cas = reader.cas().all();
  if (!cas) co_return unreadable(cas.error());
  for (const auto& ca : *cas) {
    const auto is_revoked = reader.revocations().is_revoked(transport::fingerprint(ca.blob));
    if (!is_revoked) co_return unreadable(is_revoked.error());
    proofs.take(ca, *is_revoked);
  }
  const auto identity = std::move(proofs).outcome();
  if (!identity) co_return trail.denied("key", identity.error().text);

  const auto route = find_route(reader.containers(), reader.backends(), *identity, question.target, unix_now());
  if (!route) co_return trail.ended("route", route.error());
  trail.good("route", route_text(*route));
  trail.leads_to(route->full_name);

  const Awakening awakening{question, reader, credentials.loop, alarm, *route, trail};
  std::vector<access::Hop> way;
  for (const auto& hop : route->hops) {
    way.push_back(hop);
    const auto name = "hop " + hop.name;
    auto reached = co_await hops.reach(way, upstream::Use::question);
    if (!reached) {
      const bool awake = co_await awakening.done(reached.error());
      if (awake) reached = co_await hops.reach(way, upstream::Use::question);
    }
    if (!reached) co_return trail.ended(name, reached.error());
    trail.good(name, fmt::format("logged in to {} as {}{}{}", Endpoint{hop.host, hop.port}.text(), hop.account,
                                 manner_text(hop.is_legacy, hop.presents), certified_text((*reached)->known_by())));
  }

  const auto key_id = identity->name + "@bastion explain";
  auto in = co_await enter(credentials, hops, *route, key_id, trail);
  if (!in) {
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
