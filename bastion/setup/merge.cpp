#include "bastion/setup/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "bastion/admin/manifest/merge.h"
#include "bastion/admin/manifest/merge_plan.h"
#include "bastion/admin/manifest/old_identity.h"
#include "bastion/admin/manifest/whole_directory.h"
#include "bastion/base/clock.h"
#include "bastion/base/sealing_key.h"
#include "bastion/config/config.h"
#include "bastion/fleet/directory.h"
#include "bastion/setup/brought_proofs.h"
#include "bastion/setup/joined.h"
#include "bastion/setup/key_places.h"
#include "bastion/setup/merge_answer.h"
#include "bastion/setup/new_state.h"
#include "bastion/setup/own_keys.h"
#include "bastion/setup/previous_state.h"
#include "store/database.h"
#include "store/fleet/replica.h"
#include "store/fleet/take_over.h"
#include "store/keys.h"
#include "store/users.h"

namespace bastion::setup {
namespace {

using store::Database;
using store::fleet::Replica;

// When a key was used last, by its user's name in the fleet and its fingerprint.
using KeyUses = std::map<std::pair<std::string, std::string>, std::int64_t>;

class Merger {
 public:
  Merger(const config::Config& config, const MergeTerms& terms, admin::Resolutions resolutions, Database& here)
      : config_(config),
        is_dry_run_(terms.is_dry_run),
        resolutions_(std::move(resolutions)),
        state_(config.state_dir),
        previous_(state_),
        database_(here) {}

  Result<std::string> run(store::fleet::CommonKeys& table, store::fleet::Nodes& nodes, const ReadJoinKey& read_key) {
    if (auto is_free = check_name_is_free(nodes, config_.fleet->node); !is_free) {
      return std::unexpected(is_free.error());
    }
    if (auto free = previous_.must_be_free(); !free) return std::unexpected(free.error());
    if (auto read = read_here(); !read) return std::unexpected(read.error());
    auto made = NewState::begin(config_.state_dir);
    if (!made) return std::unexpected(made.error());
    const auto looked = (*made)->fill({}, [&](Database& fleet) { return look(fleet); });
    if (!looked) return std::unexpected(looked.error());
    if (is_dry_run_) return dry_answer();
    const auto files = open_common_keys(table, read_key());
    if (!files) return std::unexpected(files.error());
    const auto keys = beside_own_identity(*files, state_);
    if (!keys) return std::unexpected(keys.error());
    keys_.before = own_keys_in(state_);
    keys_.old_identity = keys->old_identity;
    const auto readmitted = readmit(nodes, config_.fleet->node);
    if (!readmitted) return std::unexpected(readmitted.error());
    const auto put = (*made)->fill(keys->files, [&](Database& fleet) { return put_into(fleet, (*made)->state()); });
    if (!put) return std::unexpected(put.error());
    if (auto done = become_a_copy((*made)->state()); !done) return std::unexpected(done.error());
    return *readmitted + answer(*put, *files);
  }

 private:
  Result<> read_here() {
    auto here = admin::read_whole_directory(database_, now_);
    if (!here) return std::unexpected(std::move(here.error()));
    here_ = *std::move(here);
    auto asking = admin::asking_for_certificates(database_);
    if (!asking) return std::unexpected(std::move(asking.error()));
    keys_.trust_the_ca = *std::move(asking);
    auto proofs = read_proofs(database_);
    if (!proofs) return std::unexpected(std::move(proofs.error()));
    proofs_ = *std::move(proofs);
    return {};
  }

  // The plan for the fleet as this copy has it; the error says what collides.
  Result<> plan(Database& fleet) {
    const auto there = admin::read_whole_directory(fleet, now_);
    if (!there) return std::unexpected(there.error());
    auto planned = admin::plan_merge(here_, *there, resolutions_);
    if (!planned) return std::unexpected(std::move(planned.error()));
    if (!planned->collisions.empty()) {
      const auto suggested = admin::suggest(here_, *there, resolutions_, config_.fleet->node);
      if (!suggested) return std::unexpected(suggested.error());
      return std::unexpected(Error{in_the_way(planned->collisions, *suggested)});
    }
    plan_ = *std::move(planned);
    return {};
  }

  // Who is in the fleet only by this merge.
  Result<std::set<std::string>> not_there_yet(Database& fleet) const {
    store::Users users(fleet);
    std::set<std::string> names;
    for (const auto& [name_here, _] : proofs_) {
      const auto user = users.find(name_there(name_here));
      if (!user) return std::unexpected(user.error());
      if (!*user) names.insert(name_there(name_here));
    }
    return names;
  }

  Result<> merge_planned(Database& fleet, const Seals& seals) {
    if (auto planned = plan(fleet); !planned) return planned;
    auto new_there = not_there_yet(fleet);
    if (!new_there) return std::unexpected(std::move(new_there.error()));
    auto merged = admin::merge(fleet, plan_, now_);
    if (!merged) return fail("nothing was changed: {}", merged.error().text);
    changes_ = *std::move(merged);
    const Receivers receivers{
        .name_there = [this](const std::string& user) { return name_there(user); },
        .new_there = *std::move(new_there),
        .is_replaced = [this](const auto& name) { return plan_.replaced.contains(admin::named("user", name)); }};
    codes_left_behind_.clear();
    auto brought = bring_proofs(fleet, proofs_, receivers, seals, codes_left_behind_);
    if (!brought) return std::unexpected(std::move(brought.error()));
    std::ranges::move(*brought, std::back_inserter(changes_));
    return {};
  }

  std::optional<SealingKey> sealing_key_here() const {
    const auto place = KeyPlaces(state_).sealing_key();
    auto key = place.is_credential ? SealingKey::load_credential(place.path) : SealingKey::load(place.path);
    return key ? std::optional(*std::move(key)) : std::nullopt;
  }

  // It is tried, and taken back: what does not fit is said before the fleet is asked for anything.
  Result<> look(Database& fleet) {
    if (auto caught = fleet::replica_of(*config_.fleet)->catch_up(fleet); !caught) return caught;
    std::optional<Error> wrong;
    const Seals seals{.before = sealing_key_here(), .after = sealing_key_here()};
    const auto tried = fleet.change_here([&]() -> Result<> {
      const auto merged = merge_planned(fleet, seals);
      if (!merged) wrong = merged.error();
      return fail("tried");
    });
    return wrong ? std::unexpected(*wrong) : Result<>{};
  }

  // On what the fleet has by now, again and again where others change it meanwhile.
  Result<> put_into(Database& fleet, const config::StateDir& made) {
    const auto replica = fleet::replica_of(*config_.fleet);
    Seals seals{.before = sealing_key_here()};
    if (auto key = SealingKey::load(made.sealing_key())) seals.after = *std::move(key);
    return fleet.change_by(*replica, [&] { return merge_planned(fleet, seals); });
  }

  std::string name_there(const std::string& user) const {
    const auto renamed = resolutions_.renamed.find(admin::named("user", user));
    return renamed == resolutions_.renamed.end() ? user : renamed->second;
  }

  Result<KeyUses> read_key_uses() {
    KeyUses uses;
    const auto users = store::Users(database_).all();
    if (!users) return std::unexpected(users.error());
    store::Keys keys(database_);
    for (const auto& user : *users) {
      const auto theirs = keys.of_user(user.id);
      if (!theirs) return std::unexpected(theirs.error());
      for (const auto& key : *theirs) {
        if (key.last_used_at) uses.emplace(std::pair(name_there(user.name), key.fingerprint), *key.last_used_at);
      }
    }
    return uses;
  }

  Result<> write_key_uses(const KeyUses& uses) {
    store::Users users(database_);
    store::Keys keys(database_);
    for (const auto& [whose, at] : uses) {
      const auto user = users.find(whose.first);
      if (!user) return std::unexpected(user.error());
      if (!*user) continue;
      const auto theirs = keys.of_user((*user)->id);
      if (!theirs) return std::unexpected(theirs.error());
      const auto key = std::ranges::find(*theirs, whose.second, &store::Key::fingerprint);
      if (key == theirs->end()) continue;
      if (auto marked = keys.mark_used(key->id, at); !marked) return marked;
    }
    return {};
  }

  Result<> become_a_copy(const config::StateDir& made) {
    const auto uses = read_key_uses();
    if (!uses) return std::unexpected(uses.error());
    const auto done = [&]() -> Result<> {
      if (auto exchanged = previous_.exchange_keys(made); !exchanged) return exchanged;
      auto fleet = Database::open(made.database(), Database::Access::change);
      if (!fleet) return std::unexpected(std::move(fleet.error()));
      return store::fleet::take_over(database_, *fleet, [&]() -> Result<> {
        if (auto written = write_key_uses(*uses); !written) return written;
        return note_membership(database_, config_.fleet->node, "join", "merged" + as_typed(resolutions_));
      });
    }();
    using Joined = PreviousState::Joined;
    const auto settled = previous_.settle(done ? Joined::yes : Joined::no);
    if (!done) {
      return fail("the fleet has what was here, and this bastion has not joined it yet: run it again. {}",
                  done.error().text);
    }
    return settled;
  }

  std::string dry_answer() const {
    return fmt::format("{}{}{}With --dry-run nothing was changed, and no join key asked for.\n", lines_of(changes_),
                       changes_.empty() ? "Everything that is here is in the fleet.\n" : "",
                       about_people(plan_, resolutions_));
  }

  std::string answer(const store::Inventory& inventory, const std::vector<fleet::KeyFile>& files) {
    keys_.after = own_keys_in(state_);
    return fmt::format(
        "{}{} is one of the fleet now, and has brought along what was here. The fleet has {} users, {} backends, {} "
        "containers.\n{}{}{}{}"
        "{}: the state directory as it was.\n"
        "Sessions and audit of this bastion are kept, and carried to the fleet's records.\n"
        "Start it: `systemctl start bastion`, or `bastion serve`.\n",
        lines_of(changes_), config_.fleet->node, inventory.users, inventory.backends, inventory.containers,
        about_people(plan_, resolutions_), about_codes(codes_left_behind_), about_keys(keys_),
        about_missing_keys(files), previous_.folder().string());
  }

  const config::Config& config_;
  bool is_dry_run_;
  admin::Resolutions resolutions_;
  config::StateDir state_;
  PreviousState previous_;
  Database& database_;
  std::int64_t now_ = unix_now();
  admin::WholeDirectory here_;
  admin::MergePlan plan_;
  std::vector<admin::Change> changes_;
  Proofs proofs_;
  std::vector<std::string> codes_left_behind_;
  ChangedKeys keys_;
};

}  // namespace

Result<std::string> merge(const config::Config& config, const MergeTerms& terms, store::fleet::CommonKeys& table,
                          store::fleet::Nodes& nodes, const ReadJoinKey& read_key) {
  auto resolutions = admin::parse_resolutions(terms.renames, terms.keeps);
  if (!resolutions) return std::unexpected(std::move(resolutions.error()));
  auto database = Database::open(config.database(), Database::Access::change);
  if (!database) return std::unexpected(std::move(database.error()));
  return Merger(config, terms, *std::move(resolutions), *database).run(table, nodes, read_key);
}

}  // namespace bastion::setup
