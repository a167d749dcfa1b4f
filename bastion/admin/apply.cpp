#include "bastion/admin/apply.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "bastion/admin/host_key.h"
#include "bastion/admin/new_key.h"
#include "bastion/admin/tables.h"
#include "store/containers.h"
#include "store/host_keys.h"
#include "store/keys.h"
#include "store/shares.h"

namespace bastion::admin {
namespace {

using store::Backend;
using store::Container;
using store::HostKeyOwner;
using store::User;

// Collects what differs, as text, while it is put right.
class Differences {
 public:
  template <typename T, typename Shown>
  void set(std::string_view name, T& current, const Given<T>& wanted, Shown shown) {
    if (!wanted || *wanted == current) return;
    note(name, shown(current), shown(*wanted));
    current = *wanted;
  }
  void note(std::string_view name, std::string_view from, std::string_view to) {
    text_ += fmt::format("{}{} {} -> {}", text_.empty() ? "" : ", ", name, from, to);
  }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string plain(const std::string& text) { return text.empty() ? "none" : text; }
std::string yes_or_no(bool value) { return value ? "yes" : "no"; }
std::string limit(const Seconds& seconds) { return limit_cell(seconds).get<std::string>(); }
std::string moment(const Seconds& seconds) {
  return seconds ? moment_cell(seconds).get<std::string>() : std::string("never");
}
std::string count(const std::optional<std::int64_t>& number) { return number ? std::to_string(*number) : "none"; }
std::string name_or_none(const std::optional<std::string>& name) { return name.value_or("none"); }
std::string fingerprint_or_none(const std::optional<transport::PublicKey>& key) {
  return key ? transport::fingerprint(key->blob) : "none";
}

// The work of one apply(): what is there, by name, and what has changed so far.
class Application {
 public:
  Application(Context& context, Unnamed unnamed)
      : context_(context),
        unnamed_(unnamed),
        users_(context.database),
        keys_(context.database),
        backends_(context.database),
        containers_(context.database),
        shares_(context.database),
        host_keys_(context.database) {}

  Result<std::vector<Change>> run(const Directory& document) {
    using Step = Result<> (Application::*)(const Directory&);
    for (const Step step : {&Application::load, &Application::remove_containers, &Application::put_users,
                            &Application::put_backends, &Application::put_containers, &Application::put_shares,
                            &Application::remove_backends, &Application::remove_users, &Application::keep_an_admin}) {
      if (auto done = (this->*step)(document); !done) return std::unexpected(std::move(done.error()));
    }
    return std::move(changes_);
  }

 private:
  void record(Change::Kind kind, std::string what, std::string name, std::string detail = {}) {
    changes_.push_back({kind, std::move(what), std::move(name), std::move(detail)});
  }

  Result<> load(const Directory& /*document*/) {
    auto users = users_.all();
    if (!users) return std::unexpected(std::move(users.error()));
    for (auto& user : *users) known_users_.emplace(user.name, std::move(user));
    auto backends = backends_.all();
    if (!backends) return std::unexpected(std::move(backends.error()));
    for (auto& backend : *backends) known_backends_.emplace(backend.name, std::move(backend));
    auto containers = containers_.all();
    if (!containers) return std::unexpected(std::move(containers.error()));
    for (auto& container : *containers) known_containers_.emplace(container.full_name(), std::move(container));
    had_admin_ = has_admin();
    return {};
  }

  [[nodiscard]] bool has_admin() const {
    return std::ranges::any_of(
        known_users_, [](const auto& one) { return one.second.role == store::Role::admin && !one.second.disabled_at; });
  }

  // --- what the document names

  Result<> put_users(const Directory& document) {
    if (!document.users) return {};
    for (const auto& entry : *document.users) {
      if (auto put = put_user(entry); !put) return fail("user {}: {}", entry.name, put.error().text);
    }
    return {};
  }

  Result<> put_user(const UserEntry& entry) {
    const auto found = known_users_.find(entry.name);
    const bool is_new = found == known_users_.end();
    User user = is_new ? User{} : found->second;
    if (is_new) {
      const auto id = users_.add(entry.name, store::Role::user, context_.now);
      if (!id) return std::unexpected(id.error());
      user.id = *id;
      user.name = entry.name;
    }
    Differences differences;
    differences.set("role", user.role, entry.role, [](store::Role role) { return text_of(role); });
    differences.set("options", user.options, entry.options, plain);
    differences.set("idle timeout", user.idle_timeout, entry.idle_timeout, limit);
    differences.set("longest session", user.max_session, entry.max_session, limit);
    if (!differences.empty()) {
      if (auto updated = users_.update(user); !updated) return updated;
    }
    if (entry.is_disabled && *entry.is_disabled != user.disabled_at.has_value()) {
      differences.note("disabled", yes_or_no(user.disabled_at.has_value()), yes_or_no(*entry.is_disabled));
      user.disabled_at = *entry.is_disabled ? std::optional(context_.now) : std::nullopt;
      const auto set = *entry.is_disabled ? users_.disable(user.id, context_.now) : users_.enable(user.id);
      if (!set) return set;
    }
    known_users_.insert_or_assign(user.name, user);
    if (is_new) return put_keys_of_new(user, entry.keys.value_or(std::vector<KeyEntry>{}));
    if (!differences.empty()) record(Change::Kind::change, "user", user.name, differences.text());
    return entry.keys ? put_keys(user, *entry.keys) : Result<>{};
  }

  // One line for all of them.
  Result<> put_keys_of_new(const User& user, const std::vector<KeyEntry>& entries) {
    const auto before = changes_.size();
    if (auto put = put_keys(user, entries); !put) return put;
    changes_.resize(before);
    record(Change::Kind::add, "user", user.name, fmt::format("keys {}", entries.size()));
    return {};
  }

  Result<> put_keys(const User& user, const std::vector<KeyEntry>& entries) {
    auto known = keys_.of_user(user.id);
    if (!known) return std::unexpected(std::move(known.error()));
    std::set<ByteVector> named;
    for (const auto& entry : entries) {
      auto key = new_key(entry.key, context_.now, entry.options.value_or(std::string{}));
      key.expires_at = entry.expires_at.value_or(std::nullopt);
      if (!named.insert(key.blob).second) return fail("key {} is there twice", key.fingerprint);
      const auto there = std::ranges::find(*known, key.blob, &store::Key::blob);
      const auto put = there == known->end() ? add_key(user, key) : change_key(user, *there, entry);
      if (!put) return put;
    }
    if (unnamed_ == Unnamed::stay) return {};
    for (const auto& key : *known) {
      if (named.contains(key.blob)) continue;
      if (auto removed = keys_.remove(user.id, key.fingerprint); !removed) return std::unexpected(removed.error());
      record(Change::Kind::remove, "key", fmt::format("{} {}", user.name, key.fingerprint));
    }
    return {};
  }

  Result<> add_key(const User& user, const store::Key& key) {
    record(Change::Kind::add, "key", fmt::format("{} {}", user.name, key.fingerprint));
    return keys_.add(user.id, key);
  }

  Result<> change_key(const User& user, store::Key& key, const KeyEntry& entry) {
    Differences differences;
    const auto comment = entry.key.comment.empty() ? std::nullopt : std::optional(entry.key.comment);
    differences.set("comment", key.comment, comment, plain);
    differences.set("options", key.options, entry.options, plain);
    differences.set("expires", key.expires_at, entry.expires_at, moment);
    if (differences.empty()) return {};
    record(Change::Kind::change, "key", fmt::format("{} {}", user.name, key.fingerprint), differences.text());
    return keys_.update(key);
  }

  Result<> put_backends(const Directory& document) {
    if (!document.backends) return {};
    // First without the way there: it may lead through one that comes later.
    for (const auto& entry : *document.backends) {
      if (auto put = put_backend(entry); !put) return fail("backend {}: {}", entry.name, put.error().text);
    }
    for (const auto& entry : *document.backends) {
      if (auto put = put_way(entry); !put) return fail("backend {}: {}", entry.name, put.error().text);
    }
    return {};
  }

  Result<> put_backend(const BackendEntry& entry) {
    const auto found = known_backends_.find(entry.name);
    const bool is_new = found == known_backends_.end();
    if (is_new && (!entry.address || !entry.login)) return fail("it is new, so it needs address and login");
    Backend backend = is_new ? Backend{} : found->second;
    Differences differences;
    Endpoint address{backend.host, backend.port};
    const auto before = address;
    differences.set("address", address, entry.address, [](const Endpoint& at) { return at.text(); });
    backend.host = address.host;
    backend.port = address.port;
    differences.set("login", backend.login, entry.login, plain);
    differences.set("route", backend.route, entry.route, [](store::RouteKind route) { return text_of(route); });
    differences.set("capacity", backend.capacity, entry.capacity, count);
    if (is_new) {
      backend.name = entry.name;
      backend.created_at = context_.now;
      const auto id = backends_.add(backend);
      if (!id) return std::unexpected(id.error());
      backend.id = *id;
      record(Change::Kind::add, "backend", backend.name);
    } else if (!differences.empty()) {
      if (auto updated = backends_.update(backend); !updated) return updated;
    }
    const auto owner = HostKeyOwner::of_backend(backend.id);
    if (!is_new && address != before) {
      if (auto forgotten = host_keys_.forget_learned(owner); !forgotten) return std::unexpected(forgotten.error());
    }
    if (auto put = put_host_key(owner, entry.host_key, differences); !put) return put;
    const auto state = backend.state;
    differences.set("state", backend.state, entry.state, [](store::BackendState one) { return text_of(one); });
    if (backend.state != state) {
      if (auto set = backends_.set_state(backend.id, backend.state); !set) return set;
    }
    if (!is_new && !differences.empty()) {
      record(Change::Kind::change, "backend", backend.name, differences.text());
    }
    known_backends_.insert_or_assign(backend.name, backend);
    return {};
  }

  Result<> put_way(const BackendEntry& entry) {
    if (!entry.via) return {};
    auto& backend = known_backends_.at(entry.name);
    const bool is_new = changed_here("backend", entry.name);
    auto before = backend.via ? std::optional(backend.via_name) : std::nullopt;
    Differences differences;
    differences.set("via", before, entry.via, name_or_none);
    if (differences.empty()) return {};
    backend.via = std::nullopt;
    backend.via_name = entry.via->value_or(std::string{});
    if (*entry.via) {
      const auto way = known_backends_.find(**entry.via);
      if (way == known_backends_.end()) return fail("there is no backend {}", **entry.via);
      backend.via = way->second.id;
    }
    if (!is_new) record(Change::Kind::change, "backend", backend.name, differences.text());
    return backends_.update(backend);
  }

  [[nodiscard]] bool changed_here(std::string_view what, std::string_view name) const {
    return std::ranges::any_of(changes_, [&](const Change& change) {
      return change.kind == Change::Kind::add && change.what == what && change.name == name;
    });
  }

  Result<> put_host_key(const HostKeyOwner& owner, const Given<std::optional<transport::PublicKey>>& wanted,
                        Differences& differences) {
    if (!wanted) return {};
    auto pinned = pinned_key(context_, owner);
    if (!pinned) return std::unexpected(std::move(pinned.error()));
    if (*pinned == *wanted) return {};
    differences.set("host key", *pinned, wanted, fingerprint_or_none);
    if (*wanted) return host_keys_.pin(owner, (*wanted)->blob, context_.now);
    if (auto forgotten = host_keys_.forget(owner); !forgotten) return std::unexpected(forgotten.error());
    return {};
  }

  Result<> put_containers(const Directory& document) {
    if (!document.containers) return {};
    if (auto parked = park_those_that_move(*document.containers); !parked) return parked;
    std::set<std::string> named;
    std::map<std::string, std::string> defaults;
    for (const auto& entry : *document.containers) {
      if (!named.insert(entry.full_name()).second) return fail("container {} is there twice", entry.full_name());
      if (entry.is_default.value_or(false)) {
        const auto [other, is_first] = defaults.emplace(entry.owner, entry.name);
        if (!is_first) return fail("user {} has two defaults: {} and {}", entry.owner, other->second, entry.name);
      }
      if (auto put = put_container(entry); !put) return fail("container {}: {}", entry.full_name(), put.error().text);
    }
    return {};
  }

  // Two containers may change places: whoever moves leaves first.
  Result<> park_those_that_move(const std::vector<ContainerEntry>& entries) {
    for (const auto& entry : entries) {
      const auto found = known_containers_.find(entry.full_name());
      if (found == known_containers_.end() || !moves(found->second, entry)) continue;
      auto parked = found->second;
      parked.address = fmt::format("moving {}", parked.id);
      if (auto updated = containers_.update(parked); !updated) return updated;
    }
    return {};
  }

  static bool moves(const Container& container, const ContainerEntry& entry) {
    return (entry.backend && *entry.backend != container.backend_name) ||
           (entry.address && *entry.address != Endpoint{container.address, container.port});
  }

  Result<> put_container(const ContainerEntry& entry) {
    const auto found = known_containers_.find(entry.full_name());
    const bool is_new = found == known_containers_.end();
    if (is_new && (!entry.backend || !entry.address)) return fail("it is new, so it needs backend and address");
    Container container = is_new ? Container{} : found->second;
    const bool is_moved = !is_new && moves(container, entry);
    Differences differences;
    Endpoint address{container.address, container.port};
    differences.set("backend", container.backend_name, entry.backend, plain);
    differences.set("address", address, entry.address, [](const Endpoint& at) { return at.text(); });
    differences.set("login", container.login, entry.login, plain);
    differences.set("default", container.is_default, entry.is_default, yes_or_no);
    container.address = address.host;
    container.port = address.port;
    const auto backend = known_backends_.find(container.backend_name);
    if (backend == known_backends_.end()) return fail("there is no backend {}", container.backend_name);
    container.backend = backend->second.id;
    if (is_new) {
      if (auto added = add_container(container, entry); !added) return added;
    } else if (!differences.empty()) {
      if (auto updated = containers_.update(container); !updated) return updated;
    }
    const auto owner = HostKeyOwner::of_container(container.id);
    if (is_moved) {
      if (auto forgotten = host_keys_.forget_learned(owner); !forgotten) return std::unexpected(forgotten.error());
    }
    if (auto put = put_host_key(owner, entry.host_key, differences); !put) return put;
    if (!is_new && !differences.empty()) {
      record(Change::Kind::change, "container", container.full_name(), differences.text());
    }
    known_containers_.insert_or_assign(container.full_name(), container);
    return {};
  }

  Result<> add_container(Container& container, const ContainerEntry& entry) {
    const auto user = known_users_.find(entry.owner);
    if (user == known_users_.end()) return fail("there is no user {}", entry.owner);
    container.name = entry.name;
    container.owner = user->second.id;
    container.owner_name = entry.owner;
    container.created_at = context_.now;
    if (container.login.empty()) container.login = entry.owner;
    const auto id = containers_.add(container);
    if (!id) return std::unexpected(id.error());
    container.id = *id;
    record(Change::Kind::add, "container", container.full_name(),
           fmt::format("{} on backend {}", Endpoint{container.address, container.port}.text(), container.backend_name));
    return {};
  }

  Result<> put_shares(const Directory& document) {
    if (!document.containers) return {};
    const auto all = shares_.all();
    if (!all) return std::unexpected(all.error());
    std::map<std::string, std::map<std::string, Seconds>> known;
    for (const auto& share : *all) known[share.container][share.user] = share.expires_at;
    for (const auto& entry : *document.containers) {
      if (!entry.shares) continue;
      if (auto put = put_shares_of(entry, known[entry.full_name()]); !put) {
        return fail("container {}: {}", entry.full_name(), put.error().text);
      }
    }
    return {};
  }

  Result<> put_shares_of(const ContainerEntry& entry, const std::map<std::string, Seconds>& known) {
    const auto& container = known_containers_.at(entry.full_name());
    std::set<std::string> named;
    for (const auto& share : *entry.shares) {
      const auto user = known_users_.find(share.user);
      if (user == known_users_.end()) return fail("there is no user {} to share it with", share.user);
      if (share.user == entry.owner) return fail("it is {}'s own, and cannot be shared with her", share.user);
      if (!named.insert(share.user).second) return fail("it is shared with {} twice", share.user);
      const auto there = known.find(share.user);
      if (there != known.end() && there->second == share.expires_at) continue;
      const auto name = fmt::format("{} {}", container.full_name(), share.user);
      if (there == known.end()) {
        record(Change::Kind::add, "share", name);
      } else {
        record(Change::Kind::change, "share", name,
               fmt::format("expires {} -> {}", moment(there->second), moment(share.expires_at)));
      }
      if (auto added = shares_.add(container.id, user->second.id, share.expires_at); !added) return added;
    }
    if (unnamed_ == Unnamed::stay) return {};
    for (const auto& [name, end] : known) {
      if (named.contains(name)) continue;
      if (auto removed = shares_.remove(container.id, known_users_.at(name).id); !removed) {
        return std::unexpected(removed.error());
      }
      record(Change::Kind::remove, "share", fmt::format("{} {}", container.full_name(), name));
    }
    return {};
  }

  // --- what it does not name

  // Those in `known` that no entry names.
  template <typename Known, typename Entry, typename Name>
  std::vector<std::string> unnamed(const std::map<std::string, Known>& known, const Given<std::vector<Entry>>& entries,
                                   Name name) const {
    std::vector<std::string> left;
    if (unnamed_ == Unnamed::stay || !entries) return left;
    std::set<std::string> named;
    for (const auto& entry : *entries) named.insert(std::invoke(name, entry));
    for (const auto& [one, value] : known) {
      if (!named.contains(one)) left.push_back(one);
    }
    return left;
  }

  Result<> remove_containers(const Directory& document) {
    for (const auto& name : unnamed(known_containers_, document.containers, &ContainerEntry::full_name)) {
      if (auto removed = containers_.remove(known_containers_.at(name).id); !removed) return removed;
      known_containers_.erase(name);
      record(Change::Kind::remove, "container", name);
    }
    return {};
  }

  Result<> remove_backends(const Directory& document) {
    auto left = unnamed(known_backends_, document.backends, &BackendEntry::name);
    // Farthest first: one that is the way to another goes after that one.
    while (!left.empty()) {
      const auto before = left.size();
      for (const auto& name : std::vector(left)) {
        const auto id = known_backends_.at(name).id;
        const auto behind = backends_.behind(id);
        if (!behind) return std::unexpected(behind.error());
        if (!behind->empty()) continue;
        const auto there = containers_.count_on_backend(id);
        if (!there) return std::unexpected(there.error());
        if (*there > 0) return fail("backend {} would go, but there are still containers on it", name);
        if (auto removed = backends_.remove(id); !removed) return removed;
        known_backends_.erase(name);
        std::erase(left, name);
        record(Change::Kind::remove, "backend", name);
      }
      if (left.size() == before) return fail("backend {} would go, but is the way to another one", left.front());
    }
    return {};
  }

  Result<> remove_users(const Directory& document) {
    for (const auto& name : unnamed(known_users_, document.users, &UserEntry::name)) {
      const auto id = known_users_.at(name).id;
      const auto owned = containers_.of_owner(id);
      if (!owned) return std::unexpected(owned.error());
      if (!owned->empty()) return fail("user {} would go, but still owns {}", name, some_of(names_of(*owned)));
      if (auto removed = users_.remove(id); !removed) return removed;
      known_users_.erase(name);
      record(Change::Kind::remove, "user", name);
    }
    return {};
  }

  Result<> keep_an_admin(const Directory& /*document*/) {
    if (had_admin_ && !has_admin()) return fail("no administrator would be left");
    return {};
  }

  Context& context_;
  Unnamed unnamed_;
  store::Users users_;
  store::Keys keys_;
  store::Backends backends_;
  store::Containers containers_;
  store::Shares shares_;
  store::HostKeys host_keys_;

  std::map<std::string, User> known_users_;
  std::map<std::string, Backend> known_backends_;
  std::map<std::string, Container> known_containers_;
  bool had_admin_ = false;
  std::vector<Change> changes_;
};

}  // namespace

std::string_view text_of(Change::Kind kind) {
  switch (kind) {
    case Change::Kind::add: return "add";
    case Change::Kind::change: return "change";
    case Change::Kind::remove: break;
  }
  return "remove";
}

Result<std::vector<Change>> apply(Context& context, const Directory& document, Unnamed unnamed) {
  return Application(context, unnamed).run(document);
}

}  // namespace bastion::admin
