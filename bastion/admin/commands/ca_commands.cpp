#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "bastion/access/principals.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/manifest/cells.h"
#include "bastion/transport/keys.h"
#include "store/cas.h"
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
  return fingerprint.starts_with("SHA256:") ? fingerprint : "SHA256:" + fingerprint;
}

// SHA-256 in base64 without its padding. One that is not whole would revoke nothing, and nobody would know.
bool is_fingerprint(std::string_view text) {
  constexpr std::string_view kBegin = "SHA256:";
  const auto is_of_base64 = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  };
  return text.starts_with(kBegin) && text.size() == kBegin.size() + 43 &&
         std::ranges::all_of(text.substr(kBegin.size()), is_of_base64);
}

// As sshd and ssh-keygen count them.
Result<std::string> serial_of(const std::string& text) {
  std::uint64_t serial = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), serial);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return fail("\"{}\" is no serial number: ssh-keygen -L shows it", text);
  }
  return fmt::format("{}", serial);
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
  if (!ca) return fail("say with --ca NAME whose certificates they are");
  const auto found = find_user_ca(context, *ca);
  if (!found) return std::unexpected(found.error());
  revocation.ca = found->blob;
  revocation.kind = arguments.given("--serial") ? Revocation::Kind::serial : Revocation::Kind::key_id;
  if (revocation.kind == Revocation::Kind::key_id) {
    revocation.value = arguments.text("--key-id");
    return revocation;
  }
  auto serial = serial_of(arguments.text("--serial"));
  if (!serial) return std::unexpected(std::move(serial.error()));
  revocation.value = *std::move(serial);
  return revocation;
}

std::string named(const Revocation& revocation, const Arguments& arguments) {
  switch (revocation.kind) {
    case Revocation::Kind::key: return fmt::format("key {}", revocation.value);
    case Revocation::Kind::serial:
      return fmt::format("certificate {} of CA {}", revocation.value, arguments.text("--ca"));
    case Revocation::Kind::key_id: break;
  }
  return fmt::format("certificate \"{}\" of CA {}", revocation.value, arguments.text("--ca"));
}

}  // namespace

Result<Answer> ca_add(Context& context, const Arguments& arguments) {
  const auto& name = arguments.text("NAME");
  const auto& given = arguments.keys("KEY").front();
  if (!given.options.empty()) return fail("give the key alone: \"{}\" has no place before it", given.options);
  const auto& key = given.named.key;
  if (key.type.starts_with("sk-")) return fail("a CA whose key is on a security key is not supported");
  const auto& rules = arguments.all("--principals");
  const auto principals = rules.empty() ? std::string(access::kByName) : fmt::format("{}", fmt::join(rules, ","));
  if (const auto parsed = access::parse_principals(principals); !parsed) return std::unexpected(parsed.error());
  auto added = store::Cas(context.database)
                   .add({.name = name,
                         .blob = key.blob,
                         .principals = principals,
                         .comment = given.named.comment,
                         .added_at = context.now});
  if (!added) return std::unexpected(std::move(added.error()));
  return Answer{Sentence{fmt::format("certificates of CA {} let users in; principals: {}", name, principals)},
                fmt::format("{} {}", name, transport::fingerprint(key.blob))};
}

Result<Answer> ca_list(Context& context, const Arguments& /*arguments*/) {
  const auto all = store::Cas(context.database).all();
  if (!all) return std::unexpected(all.error());
  Table table{{"name", "fingerprint", "type", "principals", "comment", "added"},
              {},
              "no CA is trusted for users",
              {"name", "fingerprint", "principals"}};
  for (const auto& ca : *all) {
    const auto key = transport::public_key_from_blob(ca.blob);
    table.rows.push_back({ca.name, transport::fingerprint(ca.blob), key ? key->type : std::string("?"), ca.principals,
                          ca.comment, timestamp_cell(ca.added_at)});
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
  const auto revocation = revocation_in(context, arguments);
  if (!revocation) return std::unexpected(revocation.error());
  if (revocation->kind == Revocation::Kind::key && !is_fingerprint(revocation->value)) {
    return fail("{} is no fingerprint: ssh-keygen -lf FILE shows that of a key, and of the key in a certificate",
                revocation->value);
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
    table.rows.push_back({text_of(one.kind), one.value, std::move(ca), timestamp_cell(one.added_at)});
  }
  return Answer{std::move(table)};
}

Result<Answer> revoke_lift(Context& context, const Arguments& arguments) {
  const auto revocation = revocation_in(context, arguments);
  if (!revocation) return std::unexpected(revocation.error());
  const auto lifted = store::Revocations(context.database).lift(*revocation);
  if (!lifted) return std::unexpected(lifted.error());
  const auto what = named(*revocation, arguments);
  if (!*lifted) return fail("{} is not revoked: `revoke list` shows what is", what);
  return Answer{Sentence{fmt::format("{} is not revoked any more", what)}, what};
}

}  // namespace bastion::admin
