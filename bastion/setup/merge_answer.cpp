#include "bastion/setup/merge_answer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "bastion/admin/manifest/some_of.h"
#include "bastion/transport/keys.h"

namespace bastion::setup {
namespace {

std::string about_host_keys(const ChangedKeys& keys) {
  const auto& before = keys.before.host_keys;
  const auto& after = keys.after.host_keys;
  if (before.empty() || after.empty() || std::ranges::is_permutation(before, after)) return {};
  std::string text =
      "Host keys: this bastion presents the fleet's now. Who has been here before, and has not learned them, is warned "
      "by ssh. Tell them these fingerprints, and to type `ssh-keygen -R HOST` for each name that they reach it by "
      "([HOST]:PORT where the port is not 22):\n";
  for (const auto& key : after) text += fmt::format("  {} {}\n", transport::fingerprint(key.blob), key.type);
  return text;
}

std::string about_identity(const ChangedKeys& keys) {
  if (keys.before.identity.empty() || keys.after.identity.empty()) return {};
  if (keys.before.identity == keys.after.identity) return {};
  auto text = fmt::format(
      "Identity: the bastions of the fleet log in with this key, which backends and containers of this one do not "
      "know. "
      "Put it into authorized_keys there, beside the old one:\n  {}\n",
      transport::to_line(keys.after.identity.front(), "bastion"));
  if (keys.old_identity == OldIdentity::no_room) {
    return text +
           "  The fleet changes its identity itself, so this bastion's own is not tried any more: they are reached "
           "when "
           "they have the new one.\n";
  }
  return text +
         "  Until they have it, this bastion reaches them with its own, which it tries after it, and the others do "
         "not. "
         "`bastion admin identity show` names what has not taken it yet; when there is nothing left: `bastion identity "
         "rotate --finish`.\n";
}

std::string about_ca(const std::vector<std::string>& machines) {
  if (machines.empty()) return {};
  return fmt::format(
      "CA: {} trusted this bastion's own, and has to trust the fleet's before it lets anybody in: `bastion admin "
      "identity show --ca` prints the line.\n",
      admin::some_of(machines));
}

}  // namespace

std::string in_the_way(const std::vector<admin::Collision>& collisions, const admin::Resolutions& suggested) {
  return fmt::format(
      "nothing was changed: these are here and in the fleet under one name, and differ\n\n{}\n"
      "Say what becomes of each. NEW is what the one here is to be called in the fleet. `--keep fleet` leaves out the "
      "one here, and what belongs to it belongs to the fleet's; `--keep mine` makes the fleet's as the one here; "
      "`--keep "
      "both` of a user adds the keys that are here to those that the fleet has.\n"
      "This changes nothing that the fleet has:\n\n  bastion join --merge{}\n\n"
      "With --dry-run it says what it would do.",
      text_of(collisions), as_typed(suggested));
}

std::string lines_of(const std::vector<admin::Change>& changes) {
  std::string text;
  for (const auto& change : changes) {
    text += fmt::format("{} {} {}{}{}\n", admin::text_of(change.kind), change.what, change.name,
                        change.detail.empty() ? "" : ": ", change.detail);
  }
  return text;
}

std::string about_people(const admin::MergePlan& plan, const admin::Resolutions& resolutions) {
  std::vector<std::string> administrators;
  std::vector<std::string> operators;
  for (const auto& user : *plan.wanted.document.users) {
    if (user.role == store::Role::admin) administrators.push_back(user.name);
    if (user.role == store::Role::operator_) operators.push_back(user.name);
  }
  std::string text;
  if (!administrators.empty()) {
    text += fmt::format("Administrators of the whole fleet by this: {}.\n", admin::some_of(administrators));
  }
  if (!operators.empty()) text += fmt::format("Operators of the whole fleet by this: {}.\n", admin::some_of(operators));
  for (const auto& [what, name] : resolutions.renamed) {
    constexpr std::string_view kUser = "user:";
    if (!what.starts_with(kUser)) continue;
    text += fmt::format("{} of this bastion logs in as {} from now on: tell them.\n", what.substr(kUser.size()), name);
  }
  return text;
}

std::string about_codes(const std::vector<std::string>& left_behind) {
  if (left_behind.empty()) return {};
  return fmt::format(
      "The one-time codes of {} stay behind: there is no identity/seal here or in the fleet's keys. "
      "`totp enroll` gives new ones.\n",
      fmt::join(left_behind, ", "));
}

std::string about_keys(const ChangedKeys& keys) {
  return about_host_keys(keys) + about_identity(keys) + about_ca(keys.trust_the_ca);
}

}  // namespace bastion::setup
