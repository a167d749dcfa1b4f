#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "bastion/access/ca_roles.h"
#include "bastion/access/principals.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/manifest/cells.h"
#include "bastion/admin/manifest/checks.h"
#include "bastion/transport/keys.h"
#include "bastion/transport/krl.h"
#include "store/cas.h"
#include "store/keys.h"
#include "store/revocations.h"

namespace bastion::admin {
namespace {

using store::Revocation;

Result<store::Ca> find_user_ca(Context& context, std::string_view name) {
  auto found = store::Cas(context.database).find(name);
  if (!found) return std::unexpected(std::move(found.error()));
  if (!*found) return fail("there is no CA {}: `ca list` shows them", name);
  return **std::move(found);
}

std::string with_hash(const std::string& fingerprint) {
  const bool has_one = fingerprint.starts_with("SHA256:") || fingerprint.starts_with("SHA1:");
  return has_one ? fingerprint : "SHA256:" + fingerprint;
}

// By its name, or, as one that only users trust has none, by its fingerprint.
Result<ByteVector> key_of_ca(Context& context, const std::string& named) {
  if (check_fingerprint(named)) {
    auto found = find_user_ca(context, named);
    if (!found) return std::unexpected(std::move(found.error()));
    return std::move(found->blob);
  }
  const auto all = store::Cas(context.database).all();
  if (!all) return std::unexpected(all.error());
  for (const auto& ca : *all) {
    if (transport::fingerprint(ca.blob) == named) return ca.blob;
  }
  auto own = store::Keys(context.database).blob_of(named);
  if (!own) return std::unexpected(std::move(own.error()));
  if (!*own) return fail("there is no CA {}: `ca list` shows them, and `key list` those that a user has", named);
  return **std::move(own);
}

// What is to be revoked, or no longer: the same words name it.
Result<Revocation> revocation_in(Context& context, const Arguments& arguments) {
  Revocation revocation{.kind = Revocation::Kind::key, .ca = {}, .value = {}, .added_at = context.now};
  const auto ca = arguments.optional("--ca");
  if (const auto fingerprint = arguments.optional("FINGERPRINT")) {
    if (ca) return fail("a key is revoked in the certificates of every CA: leave --ca out");
    revocation.value = with_hash(*fingerprint);
    return revocation;
  }
  if (!ca) return fail("say with --ca whose certificates they are");
  auto key = key_of_ca(context, *ca);
  if (!key) return std::unexpected(std::move(key.error()));
  revocation.ca = *std::move(key);
  revocation.kind = arguments.given("--serial") ? Revocation::Kind::serial : Revocation::Kind::key_id;
  if (revocation.kind == Revocation::Kind::key_id) {
    revocation.value = arguments.text("--key-id");
    return revocation;
  }
  auto serial = store::parse_serials(arguments.text("--serial"));
  if (!serial) return std::unexpected(std::move(serial.error()));
  revocation.value = *std::move(serial);
  return revocation;
}

std::string named(const Revocation& revocation, const Arguments& arguments) {
  switch (revocation.kind) {
    case Revocation::Kind::key: return fmt::format("key {}", revocation.value);
    case Revocation::Kind::serial:
      return fmt::format("certificate {} of CA {}", store::shown_value(revocation), arguments.text("--ca"));
    case Revocation::Kind::key_id: break;
  }
  return fmt::format("certificate \"{}\" of CA {}", revocation.value, arguments.text("--ca"));
}

// Of a serial that is one of several: which of these rows it stands in.
std::string advice_on(Context& context, const Revocation& revocation) {
  const auto is_by_number = [&](const Revocation& one) {
    return one.kind == revocation.kind && one.ca == revocation.ca;
  };
  const auto all = store::Revocations(context.database).all();
  if (!all || revocation.kind != Revocation::Kind::serial || std::ranges::none_of(*all, is_by_number)) return {};
  return "; numbers that were revoked together are lifted together";
}

// What a KRL has, one after the other.
Result<std::size_t> count_done(const std::vector<Revocation>& revocations, auto one) {
  std::size_t done = 0;
  for (const auto& revocation : revocations) {
    const auto is_done = one(revocation);
    if (!is_done) return std::unexpected(is_done.error());
    if (*is_done) ++done;
  }
  return done;
}

const std::vector<Revocation>& of_krl(const Arguments& arguments) {
  static const std::vector<Revocation> kNone;
  const auto& revocations = arguments.imported().directory.revocations;
  return revocations ? *revocations : kNone;
}

Result<Answer> revoke_all(Context& context, const Arguments& arguments) {
  const auto& all = of_krl(arguments);
  store::Revocations revocations(context.database);
  const auto added = count_done(all, [&](Revocation one) {
    one.added_at = context.now;
    return revocations.add(one);
  });
  if (!added) return std::unexpected(added.error());
  return Answer{Sentence{fmt::format("the KRL revokes {}; new {}", all.size(), *added)}, arguments.text("--krl")};
}

Result<Answer> lift_all(Context& context, const Arguments& arguments) {
  const auto& all = of_krl(arguments);
  store::Revocations revocations(context.database);
  const auto lifted = count_done(all, [&](const Revocation& one) { return revocations.lift(one); });
  if (!lifted) return std::unexpected(lifted.error());
  return Answer{Sentence{fmt::format("the KRL revokes {}; lifted {}", all.size(), *lifted)}, arguments.text("--krl")};
}

}  // namespace

Result<Answer> ca_add(Context& context, const Arguments& arguments) {
  const auto& name = arguments.text("NAME");
  const auto& given = arguments.keys("KEY").front();
  if (!given.options.empty()) return fail("give the key alone: \"{}\" has no place before it", given.options);
  const auto& key = given.named.key;
  auto rules = arguments.all("--principals");
  if (arguments.given("--create")) rules.emplace_back(access::kCreates);
  const auto principals = rules.empty() ? std::string(access::kByName) : fmt::format("{}", fmt::join(rules, ","));
  if (const auto parsed = access::parse_principals(principals); !parsed) return std::unexpected(parsed.error());
  store::Ca ca{.name = name,
               .blob = key.blob,
               .principals = principals,
               .comment = given.named.comment,
               .added_at = context.now};
  if (const auto roles = arguments.optional("--roles")) ca.roles = access::parse_ca_roles(*roles).value_or("");
  if (arguments.given("--create") && !access::admits(ca, store::Role::user)) {
    return fail("--create makes accounts with the role user, and --roles {} does not let them in", ca.roles);
  }
  if (auto added = store::Cas(context.database).add(ca); !added) return std::unexpected(std::move(added.error()));
  const auto roles = ca.roles.empty() ? std::string{} : fmt::format("; roles: {}", ca.roles);
  return Answer{Sentence{fmt::format("certificates of CA {} let users in; principals: {}{}", name, principals, roles)},
                fmt::format("{} {}", name, transport::fingerprint(key.blob))};
}

Result<Answer> ca_list(Context& context, const Arguments& /*arguments*/) {
  const auto all = store::Cas(context.database).all();
  if (!all) return std::unexpected(all.error());
  Table table{{"name", "fingerprint", "type", "principals", "roles", "comment", "added"},
              {},
              "no CA is trusted for users",
              {"name", "fingerprint", "principals", "roles"}};
  for (const auto& ca : *all) {
    const auto key = transport::public_key_from_blob(ca.blob);
    table.rows.push_back({ca.name, transport::fingerprint(ca.blob), key ? key->type : std::string("?"), ca.principals,
                          access::shown_roles(ca.roles), ca.comment, timestamp_cell(ca.added_at)});
  }
  return Answer{std::move(table)};
}

Result<Answer> ca_remove(Context& context, const Arguments& arguments) {
  const auto& name = arguments.text("NAME");
  const auto removed = store::Cas(context.database).remove(name);
  if (!removed) return std::unexpected(removed.error());
  if (!*removed) return fail("there is no CA {}: `ca list` shows them", name);
  return Answer{Sentence{fmt::format("certificates of CA {} let nobody in any more", name)}, name};
}

Result<Answer> revoke(Context& context, const Arguments& arguments) {
  if (arguments.given("--krl")) return revoke_all(context, arguments);
  const auto revocation = revocation_in(context, arguments);
  if (!revocation) return std::unexpected(revocation.error());
  if (revocation->kind == Revocation::Kind::key) {
    if (const auto wrong = check_fingerprint(revocation->value)) return fail("{}", *wrong);
  }
  const auto added = store::Revocations(context.database).add(*revocation);
  if (!added) return std::unexpected(added.error());
  const auto what = named(*revocation, arguments);
  return Answer{Sentence{fmt::format("{} {}", what, *added ? "is revoked" : "was revoked already")}, what};
}

Result<Answer> revoke_list(Context& context, const Arguments& /*arguments*/) {
  const auto all = store::Revocations(context.database).all();
  if (!all) return std::unexpected(all.error());
  Table table{{"what", "value", "ca", "revoked"}, {}, "nothing is revoked", {"what", "value", "ca"}};
  for (const auto& one : *all) {
    Cell ca;
    if (!one.ca.empty()) ca = one.ca_name.empty() ? transport::fingerprint(one.ca) : one.ca_name;
    if (one.ca.empty() && one.kind != Revocation::Kind::key) ca = "every";
    table.rows.push_back({text_of(one.kind), store::shown_value(one), std::move(ca), timestamp_cell(one.added_at)});
  }
  return Answer{std::move(table)};
}

Result<Answer> revoke_lift(Context& context, const Arguments& arguments) {
  if (arguments.given("--krl")) return lift_all(context, arguments);
  const auto revocation = revocation_in(context, arguments);
  if (!revocation) return std::unexpected(revocation.error());
  const auto lifted = store::Revocations(context.database).lift(*revocation);
  if (!lifted) return std::unexpected(lifted.error());
  const auto what = named(*revocation, arguments);
  if (!*lifted) return fail("{} is not revoked: `revoke list` shows what is{}", what, advice_on(context, *revocation));
  return Answer{Sentence{fmt::format("{} is not revoked any more", what)}, what};
}

Result<Imported> read_krl(const Context& /*context*/, const Arguments& arguments, const Files& files) {
  Imported imported;
  if (files.empty()) return imported;
  if (arguments.given("--ca")) return fail("a KRL says itself whose certificates they are: leave --ca out");
  const auto krl = transport::parse_krl(bytes_of(files.front().text));
  if (!krl) return fail("{}: {}", files.front().name, krl.error().text);
  auto& revocations = imported.directory.revocations.emplace();
  for (const auto& key : krl->keys) revocations.push_back({.kind = Revocation::Kind::key, .value = key});
  for (const auto& of_ca : krl->certificates) {
    for (const auto& [first, last] : of_ca.serials) {
      revocations.push_back({.kind = Revocation::Kind::serial, .ca = of_ca.ca, .value = store::serials(first, last)});
    }
    for (const auto& key_id : of_ca.key_ids) {
      revocations.push_back({.kind = Revocation::Kind::key_id, .ca = of_ca.ca, .value = key_id});
    }
  }
  return imported;
}

}  // namespace bastion::admin
