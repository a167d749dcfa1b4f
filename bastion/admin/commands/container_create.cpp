// `container create`: an instance on a backend, with our key in it and its host key pinned, and its row.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "bastion/admin/commands/audit_row.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/instance.h"
#include "bastion/admin/commands/lookup.h"
#include "bastion/admin/commands/new_container.h"
#include "bastion/admin/commands/placement.h"
#include "bastion/admin/commands/wake.h"
#include "bastion/admin/manifest/machine_resources.h"
#include "bastion/admin/manifest/some_of.h"
#include "bastion/admin/manifest/timestamp.h"
#include "bastion/base/log.h"
#include "bastion/transport/keys.h"
#include "store/backends.h"
#include "store/containers.h"
#include "store/host_keys.h"

namespace bastion::admin {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Verdict = Told::Verdict;

constexpr milliseconds kFirstPause{250};
constexpr milliseconds kLongestPause{2000};

// What the login is to accept, as lines of authorized_keys without comments.
Result<std::vector<std::string>> lines_of(const PublicIdentity& identity, store::Presented presents) {
  const auto line = [](const PublicKey& key) {
    auto text = transport::to_line(key, "");
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  };
  std::vector<std::string> lines;
  if (presents != store::Presented::certificate) {
    for (const auto& key : identity.keys) lines.push_back(line(key));
    return lines;
  }
  if (identity.ca.blob.empty()) return fail("there is no CA yet: `bastion init` and `bastion serve` make it");
  lines.push_back("cert-authority " + line(identity.ca));
  if (!identity.next_ca.blob.empty()) lines.push_back("cert-authority " + line(identity.next_ca));
  return lines;
}

Result<std::vector<PublicKey>> keys_in(std::string_view lines) {
  std::vector<PublicKey> keys;
  while (!lines.empty()) {
    const auto line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    if (line.empty()) continue;
    auto key = transport::parse_public_key(line);
    if (!key) return fail("what it gives as its host key is none: {}", key.error().text);
    keys.push_back(std::move(key->key));
  }
  if (keys.empty()) return fail("it gives no host key");
  return keys;
}

class Creation {
 public:
  Creation(Context& context, const Arguments& arguments, store::Container container)
      : context_(context),
        arguments_(arguments),
        container_(std::move(container)),
        instance_(context, container_.backend_name, container_.name) {}

  Result<Answer> run() {
    const auto identity = context_.identity();
    if (!identity) return std::unexpected(identity.error());
    auto lines = lines_of(*identity, container_.presents);
    if (!lines) return std::unexpected(lines.error());
    if (auto launched = launch(lines->front()); !launched) return std::unexpected(launched.error());
    auto furnished = furnish(*lines);
    auto added = furnished ? add() : std::unexpected(furnished.error());
    if (!added) return std::unexpected(undone(added.error().text));
    return added;
  }

 private:
  void say(std::string line) const {
    if (context_.progress) context_.progress(std::move(line));
  }

  Result<> launch(const std::string& line) {
    const auto& backend = container_.backend_name;
    say(fmt::format("making {} on backend {}", container_.name, backend));
    log::info("an instance is being made backend={} name={} by={}", backend, container_.name, context_.actor);
    auto told = instance_.create({.login = container_.account,
                                  .image = arguments_.optional("--image").value_or(""),
                                  .profiles = arguments_.all("--profile"),
                                  .project = arguments_.optional("--project").value_or("")},
                                 line);
    switch (told.verdict) {
      case Verdict::done: break;
      case Verdict::there_already:
        return fail("backend {} has an instance {} already, and it was left alone: import incus takes it over", backend,
                    container_.name);
      case Verdict::not_allowed: return fail("{}; nothing was made", told.why);
      default: is_certain_ = told.verdict != Verdict::unknown; return std::unexpected(undone(told.why));
    }
    until_ = steady_clock::now() +
             std::chrono::seconds(parse_duration(arguments_.optional("--within").value_or("5m")).value_or(300));
    return {};
  }

  // Until it has an address, an sshd and our keys.
  Result<> furnish(const std::vector<std::string>& lines) {
    say(fmt::format("{} is made; waiting for its address", container_.name));
    const auto address = wait_for([&] { return instance_.address(); });
    if (!address.is_done()) return fail("{}", address.why);
    container_.address = address.out;
    say(fmt::format("{} has the address {}; waiting for its sshd", container_.name, container_.address));
    const auto host_keys = wait_for([&] { return instance_.host_keys(); });
    if (!host_keys.is_done()) return fail("{}", host_keys.why);
    auto keys = keys_in(host_keys.out);
    if (!keys) return fail("backend {}: {}: {}", container_.backend_name, container_.name, keys.error().text);
    host_keys_ = *std::move(keys);
    for (const auto& line : lines) {
      const auto pushed = instance_.push_key(container_.account, line);
      if (!pushed.is_done()) return fail("{}", pushed.why);
    }
    return {};
  }

  // The daemon tells nobody when something has come up: it is asked again, on a thread that is there for such waiting.
  template <typename Step>
  Told wait_for(Step step) const {
    for (auto pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
      auto told = step();
      if (told.verdict != Verdict::not_yet || steady_clock::now() + pause > until_) return told;
      std::this_thread::sleep_for(pause);
    }
  }

  Result<Answer> add() {
    return context_.database.change([&]() -> Result<Answer> {
      const auto role = context_.present_role();
      if (!role) return std::unexpected(role.error());
      if (*role != store::Role::admin) return fail("container create is for administrators");
      const auto id = store::Containers(context_.database).add(container_);
      if (!id) return std::unexpected(id.error());
      container_.id = *id;
      if (auto set = set_wake(context_, arguments_, container_); !set) return std::unexpected(set.error());
      const auto owner = store::HostKeyOwner::of_container(*id);
      for (const auto& key : host_keys_) {
        auto pinned = store::HostKeys(context_.database).pin_too(owner, key.blob, context_.now);
        if (!pinned) return std::unexpected(pinned.error());
      }
      auto audited = write_audit(context_, "container create",
                                 fmt::format("{} on backend {}", container_.full_name(), container_.backend_name));
      if (!audited) return std::unexpected(audited.error());
      const auto choice = new_choice(context_, container_);
      if (!choice) return std::unexpected(choice.error());
      return Answer{Sentence{fmt::format("container {} created on backend {} at {}, with the host key {}{}",
                                         container_.full_name(), container_.backend_name, container_.place(),
                                         transport::fingerprint(host_keys_.front().blob), *choice)}};
    });
  }

  // What was made goes; or the error says what is left, and how it goes.
  Error undone(const std::string& why) {
    const auto& backend = container_.backend_name;
    say(fmt::format("{}; removing what was made", why));
    const auto told = instance_.remove_made();
    if (told.is_done()) return {fmt::format("{}; the instance {} is removed again", why, container_.name)};
    if (told.verdict == Verdict::missing && is_certain_) return {fmt::format("{}; nothing was made", why)};
    const auto rest = told.verdict == Verdict::missing
                          ? fmt::format(
                                "whether backend {} still makes {} cannot be told: if `incus list {}` shows it "
                                "there, `{}` removes it",
                                backend, container_.name, container_.name, instance_.removing_command())
                          : fmt::format("the instance {} may be left on backend {} ({}): `{}` removes it there",
                                        container_.name, backend, told.why, instance_.removing_command());
    log::warning("an instance may be left backend={} name={} why={:?}", backend, container_.name, told.why);
    return {fmt::format("{}; {}", why, rest)};
  }

  Context& context_;
  const Arguments& arguments_;
  store::Container container_;
  Instance instance_;
  std::vector<PublicKey> host_keys_;
  steady_clock::time_point until_{};
  bool is_certain_ = true;  // it is known how the making has ended
};

// Everything that can be known before anything is made.
Result<store::Container> planned(Context& context, const Arguments& arguments, const std::string& chosen) {
  const auto given = chosen.empty() ? arguments.optional("--backend").value_or("") : chosen;
  const auto on_it = [&]() -> Result<store::Container> {
    if (given.empty()) return described(context, arguments);
    const auto backend = find_backend(context, given);
    if (!backend) return std::unexpected(backend.error());
    return described_on(context, arguments, *backend);
  };
  auto container = on_it();
  if (!container) return container;
  if (auto named = Instance::check_name(container->name); !named) return std::unexpected(named.error());
  const auto backend = find_backend(context, container->backend_name);
  if (!backend) return std::unexpected(backend.error());
  if (backend->state != store::BackendState::active) {
    return fail("backend {} takes no new containers: backend resume {} changes that", backend->name, backend->name);
  }
  const auto named = store::Containers(context.database).named(container->name);
  if (!named) return std::unexpected(named.error());
  const auto there = std::ranges::find(*named, container->owner, &store::Container::owner);
  if (there != named->end()) return fail("{} has a container {} already", container->owner_name, container->name);
  return container;
}

// By what the backends say is free there. One that does not say it is passed over, and named.
Result<std::string> chosen_by_memory(Context& context, const Arguments& arguments) {
  const auto owner = context.database.view([&] { return find_user(context, arguments.text("--owner")); });
  if (!owner) return std::unexpected(owner.error());
  auto open = context.database.view([&] { return open_backends(context, arguments, *owner); });
  if (!open) return std::unexpected(open.error());
  std::vector<std::string> names;
  for (const auto& one : open->candidates) {
    if (!one.capacity || one.containers < *one.capacity) names.push_back(one.name);
  }
  if (names.empty()) return std::unexpected(nowhere_to_place(*open, *owner));
  auto passed_over = std::move(open->unreachable);
  const auto answers = ask_resources(context, names);
  std::vector<Machine> machines;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto resources = answers[i].is_done() ? machine_resources_in(answers[i].out) : fail("{}", answers[i].why);
    if (resources) {
      machines.push_back({.name = names[i], .resources = *resources});
      continue;
    }
    passed_over.push_back(names[i]);
    if (context.progress) context.progress(fmt::format("{} is passed over: {}", names[i], resources.error().text));
  }
  const auto best = place_by_resources(machines);
  if (!best) return fail("no active backend says what is free there: {}", some_of(passed_over));
  return machines[*best].name;
}

}  // namespace

RuntimeQuery ask_where_to_create(const Arguments& arguments) {
  return arguments.given("--auto-place") ? RuntimeQuery(ReachabilityQuery{}) : RuntimeQuery(ServerQuery{});
}

Result<Answer> container_create(Context& context, const Arguments& arguments) {
  std::string chosen;
  if (arguments.given("--auto-place") && context.place_by == PlaceBy::memory) {
    auto by_memory = chosen_by_memory(context, arguments);
    if (!by_memory) return std::unexpected(by_memory.error());
    chosen = *std::move(by_memory);
  }
  auto container = context.database.view([&] { return planned(context, arguments, chosen); });
  if (!container) return std::unexpected(container.error());
  return Creation(context, arguments, *std::move(container)).run();
}

}  // namespace bastion::admin
