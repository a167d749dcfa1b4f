#include "bastion/admin/manifest/merge_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "bastion/access/policy_options.h"
#include "bastion/access/principals.h"
#include "bastion/base/name.h"
#include "bastion/base/user_name.h"
#include "bastion/transport/keys.h"

namespace bastion::admin {
namespace {

using Machine = std::tuple<std::string, std::string, std::uint16_t>;  // backend, address, port

template <typename Entry, typename Name>
std::map<std::string, const Entry*> by_name(const Given<std::vector<Entry>>& entries, Name name) {
  std::map<std::string, const Entry*> found;
  if (!entries) return found;
  for (const auto& entry : *entries) found.emplace(std::invoke(name, entry), &entry);
  return found;
}

std::string name_of(const store::HostCa& ca) { return named("host-ca", transport::fingerprint(ca.blob)); }
std::string name_of(const store::Ca& ca) { return named("ca", transport::fingerprint(ca.blob)); }
std::string name_of(const store::Ban& ban) { return named("ban", ban.network); }

void append(SameName& found, SameName more) {
  found.insert(found.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// A command is a place as an address is.
Machine machine_of(const ContainerEntry& entry) {
  if (entry.address) return {entry.backend.value_or(""), entry.address->host, entry.address->port};
  return {entry.backend.value_or(""), entry.command.value_or(""), 0};
}

std::string place_text(const ContainerEntry& entry) {
  return entry.address ? entry.address->text() : fmt::format("\"{}\"", entry.command.value_or(""));
}

class Planner {
 public:
  Planner(const WholeDirectory& here, const WholeDirectory& fleet, const Resolutions& resolutions)
      : here_(here),
        fleet_(fleet),
        resolutions_(resolutions),
        fleet_users_(by_name(fleet.document.users, &UserEntry::name)),
        fleet_groups_(by_name(fleet.document.groups, &GroupEntry::name)),
        fleet_backends_(by_name(fleet.document.backends, &BackendEntry::name)),
        fleet_containers_(by_name(fleet.document.containers, &ContainerEntry::full_name)) {
    for (const auto& [name, container] : fleet_containers_) {
      fleet_places_.emplace(std::pair(machine_of(*container), container->account.value_or("")), name);
      fleet_machines_.emplace(machine_of(*container), name);
      if (container->is_default.value_or(false)) fleet_defaults_.emplace(container->owner, name);
    }
    plan_.wanted.document = {.users = std::vector<UserEntry>{},
                             .groups = std::vector<GroupEntry>{},
                             .backends = std::vector<BackendEntry>{},
                             .containers = std::vector<ContainerEntry>{}};
  }

  Result<MergePlan> plan() {
    if (auto mapped = name_all(); !mapped) return std::unexpected(mapped.error());
    if (auto used = resolutions_are_about_something(); !used) return std::unexpected(used.error());
    for (const auto& user : *here_.document.users) put(user);
    for (const auto& group : *here_.document.groups) put(group);
    for (const auto& backend : *here_.document.backends) put(backend);
    for (const auto& container : *here_.document.containers) put(container);
    put_all(here_.host_cas, fleet_.host_cas, plan_.wanted.host_cas);
    for (const auto& ca : here_.cas) put(ca);
    put_revocations();
    put_all(here_.bans, fleet_.bans, plan_.wanted.bans);
    return std::move(plan_);
  }

 private:
  std::string renamed(const std::string& what, const std::string& name) const {
    const auto found = resolutions_.renamed.find(what);
    return found == resolutions_.renamed.end() ? name : found->second;
  }
  std::optional<Kept> kept(const std::string& what) const {
    const auto found = resolutions_.kept.find(what);
    return found == resolutions_.kept.end() ? std::nullopt : std::optional(found->second);
  }

  Result<> name(const std::string& what, std::string there) {
    names_here_.insert(what);
    const auto [other, is_first] = named_there_.emplace(what.substr(0, what.find(':') + 1) + there, what);
    if (!is_first) return fail("{} and {} would both be {} in the fleet", other->second, what, there);
    names_.emplace(what, std::move(there));
    return {};
  }

  // What everything here is called in the fleet.
  Result<> name_all() {
    for (const auto& user : *here_.document.users) {
      const auto what = named("user", user.name);
      names_here_.insert(named("default", user.name));
      if (auto given = name(what, renamed(what, user.name)); !given) return given;
    }
    for (const auto& group : *here_.document.groups) {
      const auto what = named("group", group.name);
      if (auto given = name(what, renamed(what, group.name)); !given) return given;
    }
    for (const auto& backend : *here_.document.backends) {
      const auto what = named("backend", backend.name);
      if (auto given = name(what, renamed(what, backend.name)); !given) return given;
    }
    for (const auto& container : *here_.document.containers) {
      const auto what = named("container", container.full_name());
      const auto there = fmt::format("{}/{}", user_there(container.owner), renamed(what, container.name));
      if (auto given = name(what, there); !given) return given;
    }
    for (const auto& ca : here_.host_cas) names_here_.insert(name_of(ca));
    for (const auto& ca : here_.cas) names_here_.insert(name_of(ca));
    for (const auto& ban : here_.bans) names_here_.insert(name_of(ban));
    return {};
  }

  Result<> resolutions_are_about_something() const {
    const auto is_here = [&](const std::string& what) { return names_here_.contains(what); };
    for (const auto& [what, name] : resolutions_.renamed) {
      if (!is_here(what)) return fail("--rename {}={}: there is no {} on this bastion", what, name, what);
    }
    for (const auto& [what, side] : resolutions_.kept) {
      if (!is_here(what)) return fail("--keep {} {}: there is no {} on this bastion", text_of(side), what, what);
    }
    return {};
  }

  const std::string& user_there(const std::string& name) const { return names_.at(named("user", name)); }
  std::string group_there(const std::string& name) const { return names_.at(named("group", name)); }
  std::string backend_there(const std::string& name) const { return names_.at(named("backend", name)); }

  // Whether it collides; what was said of it decides, and otherwise it is one more collision.
  enum class Verdict : std::uint8_t { same, stays, mine, both, collides };
  Verdict decide(const std::string& what, SameName differences, Collision how) {
    if (differences.empty()) return Verdict::same;
    const auto said = kept(what);
    if (said == Kept::fleet) return Verdict::stays;
    if (said == Kept::mine && how.can_keep_mine) return Verdict::mine;
    if (said == Kept::both) return Verdict::both;
    how.what = what;
    how.differences = std::move(differences);
    plan_.collisions.push_back(std::move(how));
    return Verdict::collides;
  }

  void put(const UserEntry& here) {
    const auto what = named("user", here.name);
    auto entry = here;
    entry.name = names_.at(what);
    if (entry.name != here.name) name_principals(entry, here.name);
    const auto there = fleet_users_.find(entry.name);
    if (there == fleet_users_.end()) {
      plan_.wanted.document.users->push_back(std::move(entry));
      return;
    }
    const auto verdict = decide(what, differences_of(entry, *there->second),
                                {.what = {}, .differences = {}, .can_be_renamed = true, .can_keep_both = true});
    if (verdict == Verdict::collides) open_users_.insert(here.name);
    if (verdict == Verdict::both) plan_.wanted.document.users->push_back(keys_beside(entry, *there->second));
    if (verdict != Verdict::mine) return;
    plan_.replaced.insert(named("user", entry.name));
    plan_.wanted.document.users->push_back(std::move(entry));
  }

  // Certificates of a CA that is trusted for a user alone name the user as here, unless its line says otherwise.
  static void name_principals(UserEntry& entry, const std::string& name_here) {
    for (auto& key : *entry.keys) {
      const auto options = access::parse_key_options(key.options.value_or(std::string{}));
      if (!options || !options->is_ca || !options->principals.empty()) continue;
      key.options = fmt::format("{},principals=\"{}\"", *key.options, name_here);
    }
  }

  // Only the keys that the fleet does not have.
  static UserEntry keys_beside(const UserEntry& here, const UserEntry& fleet) {
    UserEntry entry{.name = here.name, .keys = std::vector<KeyEntry>{}};
    for (const auto& key : *here.keys) {
      const auto is_it = [&](const KeyEntry& one) { return one.key.key.blob == key.key.key.blob; };
      if (std::ranges::none_of(*fleet.keys, is_it)) entry.keys->push_back(key);
    }
    return entry;
  }

  // Whoever is in it gets what is shared with it there: one of that name with other members is another group.
  void put(const GroupEntry& here) {
    const auto what = named("group", here.name);
    auto entry = here;
    entry.name = names_.at(what);
    for (auto& member : *entry.members) member = user_there(member);
    const auto there = fleet_groups_.find(entry.name);
    const bool is_new = there == fleet_groups_.end();
    const auto verdict = decide(what, is_new ? SameName{} : differences_of(entry, *there->second),
                                {.what = {}, .differences = {}, .can_be_renamed = true});
    if (!is_new && verdict != Verdict::mine) return;
    if (!is_new) plan_.replaced.insert(named("group", entry.name));
    plan_.wanted.document.groups->push_back(std::move(entry));
  }

  void put(const BackendEntry& here) {
    const auto what = named("backend", here.name);
    auto entry = here;
    entry.name = names_.at(what);
    if (entry.via && *entry.via) entry.via = std::optional(backend_there(**entry.via));
    for (auto& group : *entry.groups) group = group_there(group);
    const auto& known = here_.backends.at(here.name);
    const auto there = fleet_backends_.find(entry.name);
    if (there == fleet_backends_.end()) {
      plan_.wanted.backends.emplace(entry.name, known);
      plan_.wanted.document.backends->push_back(std::move(entry));
      return;
    }
    const auto& known_there = fleet_.backends.at(entry.name);
    auto differences = differences_of(entry, *there->second);
    if (entry.address == there->second->address) append(differences, differences_of(known, known_there));
    const auto verdict = decide(what, std::move(differences), {.what = {}, .differences = {}, .can_be_renamed = true});
    if (verdict == Verdict::collides) open_backends_.insert(entry.name);
    if (verdict == Verdict::same && known_there.keys.empty()) plan_.wanted.backends.emplace(entry.name, known);
    if (verdict != Verdict::mine) return;
    plan_.replaced.insert(named("backend", entry.name));
    plan_.wanted.backends.emplace(entry.name, known);
    plan_.wanted.document.backends->push_back(std::move(entry));
  }

  // As it is to be in the fleet. A backend of which nobody has said yet whether it is the fleet's is another one.
  ContainerEntry mapped(const ContainerEntry& here) const {
    auto entry = here;
    const auto& full_name = names_.at(named("container", here.full_name()));
    entry.owner = user_there(here.owner);
    entry.name = full_name.substr(full_name.find('/') + 1);
    entry.backend = backend_there(*here.backend);
    if (open_backends_.contains(*entry.backend)) *entry.backend += " (the one here)";
    for (auto& share : *entry.shares) {
      if (share.is_with_group()) {
        share.group = group_there(share.group);
      } else {
        share.user = user_there(share.user);
      }
    }
    return entry;
  }

  void put(const ContainerEntry& here) {
    const auto what = named("container", here.full_name());
    auto entry = mapped(here);
    const auto full_name = entry.full_name();
    const auto& known = here_.containers.at(here.full_name());
    const auto there = fleet_containers_.find(full_name);
    const bool is_new = there == fleet_containers_.end();
    auto differences = is_new ? SameName{} : differences_of(entry, *there->second);
    auto in_the_way = what_is_in_its_place(entry);
    const bool has_no_place = !in_the_way.empty();
    append(differences, std::move(in_the_way));
    append(differences, known_otherwise(entry, known));
    const auto verdict =
        decide(what, std::move(differences),
               {.what = {}, .differences = {}, .can_be_renamed = !has_no_place, .can_keep_mine = !has_no_place});
    const bool is_there_alike = verdict == Verdict::same && !is_new;
    if (is_there_alike && fleet_.containers.at(full_name).keys.empty()) {
      plan_.wanted.containers.emplace(full_name, known);
    }
    const bool is_put = verdict == Verdict::mine || (verdict == Verdict::same && is_new);
    if (is_put || is_there_alike) decide_default(here, entry, is_put);
    if (!is_put) return;
    if (verdict == Verdict::mine) plan_.replaced.insert(named("container", full_name));
    plan_.wanted.containers.emplace(full_name, known);
    plan_.wanted.document.containers->push_back(std::move(entry));
  }

  // Another container of the fleet, which is the same account in the same machine.
  SameName what_is_in_its_place(const ContainerEntry& entry) const {
    const auto there = fleet_places_.find(std::pair(machine_of(entry), entry.account.value_or("")));
    if (there == fleet_places_.end() || there->second == entry.full_name()) return {};
    return {{fmt::format("{}@{} on backend {}", *entry.account, place_text(entry), *entry.backend), entry.full_name(),
             there->second}};
  }

  SameName known_otherwise(const ContainerEntry& entry, const KnownHost& known) const {
    const auto there = fleet_machines_.find(machine_of(entry));
    return there == fleet_machines_.end() ? SameName{} : differences_of(known, fleet_.containers.at(there->second));
  }

  // An owner has one default. That the fleet's is no more is only said by an administrator.
  void decide_default(const ContainerEntry& here, ContainerEntry& entry, bool is_put) {
    const auto full_name = entry.full_name();
    const auto there = fleet_defaults_.find(entry.owner);
    const bool is_fleets = there != fleet_defaults_.end() && there->second == full_name;
    if (!here.is_default.value_or(false)) {
      if (is_fleets) entry.is_default = std::nullopt;
      return;
    }
    if (is_fleets) return;
    SameName differences;
    if (there != fleet_defaults_.end() && !open_users_.contains(here.owner)) {
      differences.push_back({"default", full_name, there->second});
    }
    const auto verdict = decide(named("default", here.owner), std::move(differences), {});
    entry.is_default = verdict == Verdict::same || verdict == Verdict::mine;
    if (is_put || !*entry.is_default) return;
    plan_.wanted.document.containers->push_back({.owner = entry.owner, .name = entry.name, .is_default = true});
  }

  template <typename One>
  void put_all(const std::vector<One>& here, const std::vector<One>& fleet, std::vector<One>& wanted) {
    std::map<std::string, const One*> known;
    for (const auto& one : fleet) known.emplace(name_of(one), &one);
    for (const auto& one : here) {
      const auto there = known.find(name_of(one));
      const bool is_known = there != known.end();
      if (is_known && decide(there->first, differences_of(one, *there->second), {}) != Verdict::mine) continue;
      wanted.push_back(one);
    }
  }

  // Whoever it certifies would be let in as users of the fleet, who need not be those of here: only an administrator
  // says so. Its rules name users as they are called there.
  void put(const store::Ca& here) {
    auto ca = here;
    ca.principals = principals_there(here.principals);
    const auto there = std::ranges::find(fleet_.cas, here.blob, &store::Ca::blob);
    const auto namesake = std::ranges::find(fleet_.cas, here.name, &store::Ca::name);
    const bool is_name_taken = namesake != fleet_.cas.end() && namesake->blob != here.blob;
    auto differences =
        there == fleet_.cas.end() ? SameName{{"principals", ca.principals, "none"}} : differences_of(ca, *there);
    if (there == fleet_.cas.end() && !ca.roles.empty()) differences.push_back({"roles", ca.roles, "none"});
    if (is_name_taken)
      differences.push_back(
          {"CA called " + here.name, transport::fingerprint(here.blob), transport::fingerprint(namesake->blob)});
    const auto how = Collision{.what = {}, .differences = {}, .can_keep_mine = !is_name_taken};
    if (decide(name_of(here), std::move(differences), how) == Verdict::mine) plan_.wanted.cas.push_back(std::move(ca));
  }

  std::string principals_there(const std::string& here) const {
    const auto rules = access::parse_principals(here);
    if (!rules) return here;
    std::vector<std::string> texts;
    for (auto rule : *rules) {
      const auto user = names_.find(named("user", rule.user));
      if (user != names_.end()) rule.user = user->second;
      texts.push_back(access::text_of(rule));
    }
    return fmt::format("{}", fmt::join(texts, ","));
  }

  // What either side has revoked is.
  void put_revocations() {
    for (const auto& one : here_.revocations) {
      const bool is_there = std::ranges::any_of(fleet_.revocations, [&](const store::Revocation& other) {
        return one.kind == other.kind && one.ca == other.ca && one.value == other.value;
      });
      if (!is_there) plan_.wanted.revocations.push_back(one);
    }
  }

  const WholeDirectory& here_;
  const WholeDirectory& fleet_;
  const Resolutions& resolutions_;
  std::map<std::string, const UserEntry*> fleet_users_;
  std::map<std::string, const GroupEntry*> fleet_groups_;
  std::map<std::string, const BackendEntry*> fleet_backends_;
  std::map<std::string, const ContainerEntry*> fleet_containers_;
  std::map<std::pair<Machine, std::string>, std::string> fleet_places_;  // with the account
  std::map<Machine, std::string> fleet_machines_;                        // one of the containers in each
  std::map<std::string, std::string> fleet_defaults_;                    // by owner
  std::map<std::string, std::string> names_;                             // there, by KIND:NAME here
  std::map<std::string, std::string> named_there_;                       // and the other way round
  std::set<std::string> names_here_;
  std::set<std::string> open_users_;     // by their names here
  std::set<std::string> open_backends_;  // by their names there
  MergePlan plan_;
};

// Whole characters are cut off.
std::string cut_to_fit(std::string_view name, std::string_view behind, std::size_t most) {
  auto kept = name.substr(0, most - std::min(most - 1, behind.size() + 1));
  while (kept.size() < name.size() && !kept.empty() && (static_cast<unsigned char>(name[kept.size()]) & 0xc0) == 0x80) {
    kept.remove_suffix(1);
  }
  return fmt::format("{}-{}", kept, behind);
}

bool is_container(const Collision& one) { return one.what.starts_with("container:"); }

std::string ways_out(const Collision& one) {
  std::vector<std::string> ways;
  if (one.can_be_renamed) ways.push_back(fmt::format("--rename {}=NEW", one.what));
  ways.push_back("--keep fleet " + one.what);
  if (one.can_keep_mine) ways.push_back("--keep mine " + one.what);
  if (one.can_keep_both) ways.push_back("--keep both " + one.what);
  return fmt::format("{}", fmt::join(ways, ", "));
}

}  // namespace

Result<MergePlan> plan_merge(const WholeDirectory& here, const WholeDirectory& fleet, const Resolutions& resolutions) {
  return Planner(here, fleet, resolutions).plan();
}

// First who and what there is, because a container is another one when its owner or its backend is.
Result<Resolutions> suggest(const WholeDirectory& here, const WholeDirectory& fleet, Resolutions resolutions,
                            std::string_view node) {
  while (true) {
    const auto plan = plan_merge(here, fleet, resolutions);
    if (!plan) return std::unexpected(plan.error());
    if (plan->collisions.empty()) return resolutions;
    const auto before = resolutions;
    const bool has_others = std::ranges::any_of(
        plan->collisions, [](const Collision& one) { return one.can_be_renamed && !is_container(one); });
    for (const auto& one : plan->collisions) {
      if (has_others && (is_container(one) || !one.can_be_renamed)) continue;
      if (!one.can_be_renamed) {
        resolutions.kept[one.what] = Kept::fleet;
        continue;
      }
      const auto most = one.what.starts_with("user:") ? kMaxUserNameSize : kMaxNameSize;
      auto& name = resolutions.renamed[one.what];
      name = name.empty() ? cut_to_fit(one.what.substr(one.what.find_last_of(":/") + 1), node, most)
                          : cut_to_fit(name, "2", most);
    }
    if (resolutions == before) return resolutions;
  }
}

std::string text_of(const std::vector<Collision>& collisions) {
  std::string text;
  for (const auto& one : collisions) {
    text += one.what + "\n";
    for (const auto& [what, here, fleet] : one.differences) {
      text += fmt::format("  {}: {} here, {} in the fleet\n", what, here, fleet);
    }
    text += fmt::format("  {}\n", ways_out(one));
  }
  return text;
}

}  // namespace bastion::admin
