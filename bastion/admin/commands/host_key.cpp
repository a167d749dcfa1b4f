#include "bastion/admin/commands/host_key.h"

#include <fmt/format.h>

#include <utility>

#include "bastion/admin/grammar/tables.h"
#include "bastion/admin/manifest/some_of.h"
#include "bastion/transport/keys.h"
#include "store/host_cas.h"

namespace bastion::admin {
namespace {

Cell refused_cell(const std::optional<store::RefusedHostKey>& key) {
  if (!key) return nullptr;
  return fmt::format("{} (presented {})", transport::fingerprint(key->blob),
                     timestamp_cell(key->seen_at).get<std::string>());
}

// Those on record, and behind them the one that a certificate vouched for.
Cell known_cell(const std::vector<store::HostKey>& known, const std::optional<store::HostCas::Certified>& certified) {
  auto cell = host_keys_cell(known);
  if (!certified) return cell;
  return fmt::format("{}{} (certified by CA {})", cell.is_null() ? "" : cell.get<std::string>() + ", ",
                     transport::fingerprint(certified->key), transport::fingerprint(certified->ca));
}

}  // namespace

bool is_fingerprint_of(std::string_view given, Bytes blob) {
  const auto text = transport::fingerprint(blob);
  return text == given || text.substr(text.find(':') + 1) == given;
}

Result<> pin_given(Context& context, const Arguments& arguments, const store::HostKeyOwner& owner) {
  for (const auto& given : arguments.keys("--host-key")) {
    if (auto pinned = store::HostKeys(context.database).pin(owner, given.named.key.blob, context.now); !pinned) {
      return pinned;
    }
  }
  return {};
}

Result<> pin_given_too(Context& context, const Arguments& arguments, const store::HostKeyOwner& owner) {
  for (const auto& given : arguments.keys("--host-key")) {
    auto pinned = store::HostKeys(context.database).pin_too(owner, given.named.key.blob, context.now);
    if (!pinned) return pinned;
  }
  return {};
}

Result<ShownHostKeys> shown_host_keys(Context& context, const store::HostKeyOwner& owner) {
  store::HostKeys host_keys(context.database);
  const auto known = host_keys.of(owner);
  if (!known) return std::unexpected(known.error());
  const auto refused = host_keys.refused(owner);
  if (!refused) return std::unexpected(refused.error());
  const auto copies = host_keys.copies_of(owner);
  if (!copies) return std::unexpected(copies.error());
  store::HostCas host_cas(context.database);
  const auto certified = host_cas.certified(owner);
  if (!certified) return std::unexpected(certified.error());
  const auto alias = host_cas.alias_of(owner);
  if (!alias) return std::unexpected(alias.error());
  ShownHostKeys shown{.host_key = known_cell(*known, *certified),
                      .refused_host_key = refused_cell(*refused),
                      .alias = alias->empty() ? Cell(nullptr) : Cell(*alias),
                      .note = {}};
  if (!copies->empty()) {
    shown.note = fmt::format("warning: its host key is that of {} too: a copy needs host keys of its own, and accounts",
                             some_of(*copies));
  }
  return shown;
}

Result<Answer> forget_host_key(Context& context, const store::HostKeyOwner& owner, std::string_view whose,
                               std::string subject) {
  const auto forgotten = store::HostKeys(context.database).forget(owner);
  if (!forgotten) return std::unexpected(forgotten.error());
  if (!*forgotten) return fail("no host key of {} is known", whose);
  return Answer{Sentence{fmt::format("the host key of {} is forgotten; the next one it presents is remembered", whose)},
                std::move(subject)};
}

}  // namespace bastion::admin
