#include "bastion/transport/user_certificate.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "bastion/base/printable.h"
#include "bastion/base/wire_format.h"
#include "bastion/transport/certificate.h"
#include "bastion/transport/certificate_format.h"

namespace bastion::transport {
namespace {

constexpr std::size_t kLongestOption = 64;

// The value of an option is a string that has a string in it.
std::optional<std::string> text_in(Bytes value) {
  WireReader in(value);
  std::string text(in.text());
  return in.at_end() ? std::optional(std::move(text)) : std::nullopt;
}

// PROTOCOL.certkeys: what is not understood must not be passed over.
Result<> take_option(UserCertificate& certificate, std::string_view name, Bytes value) {
  const auto take_text = [&](std::optional<std::string>& into) -> Result<> {
    auto text = text_in(value);
    if (!text || into) return fail("its option {} is malformed", name);
    into = std::move(text);
    return {};
  };
  if (name == "force-command") return take_text(certificate.force_command);
  if (name == "source-address") return take_text(certificate.source_address);
  if (name != "verify-required") {
    return fail("it has the critical option {}, which is not known", printable_on_one_line(name, kLongestOption));
  }
  certificate.verify_required = true;
  return value.empty() ? Result<>{} : fail("its option {} is malformed", name);
}

Result<> take_options(UserCertificate& certificate, Bytes options) {
  WireReader in(options);
  while (in.ok() && !in.at_end()) {
    const auto name = in.text();
    const auto value = in.string();
    if (!in.ok()) break;
    if (auto taken = take_option(certificate, name, value); !taken) return taken;
  }
  return in.ok() ? Result<>{} : fail("it is malformed");
}

std::vector<std::string> names_in(Bytes extensions) {
  std::vector<std::string> names;
  WireReader in(extensions);
  while (in.ok() && !in.at_end()) {
    names.emplace_back(in.text());
    in.string();
  }
  return names;
}

}  // namespace

bool UserCertificate::has(std::string_view extension) const {
  return std::ranges::find(extensions, extension) != extensions.end();
}

std::optional<std::int64_t> UserCertificate::expires_at() const {
  constexpr auto kLast = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return valid_before > kLast ? std::nullopt : std::optional(static_cast<std::int64_t>(valid_before));
}

Result<UserCertificate> parse_user_certificate(Bytes blob) {
  auto read = read_certificate(blob);
  if (!read) return std::unexpected(std::move(read.error()));
  if (read->kind != kUserCertificate) return fail("it is no certificate of a user");
  if (auto why = objection_to_ca(read->ca)) return std::unexpected(*std::move(why));
  UserCertificate certificate{.blob = {blob.begin(), blob.end()},
                              .key = std::move(read->key),
                              .serial = read->serial,
                              .key_id = std::move(read->key_id),
                              .principals = std::move(read->principals),
                              .valid_after = read->valid_after,
                              .valid_before = read->valid_before,
                              .extensions = names_in(read->extensions),
                              .ca = std::move(read->ca)};
  if (auto taken = take_options(certificate, read->critical_options); !taken) return std::unexpected(taken.error());
  return certificate;
}

std::optional<Error> objection_to_time(const UserCertificate& certificate, std::int64_t now) {
  return objection_to_time(certificate.valid_after, certificate.valid_before, now);
}

bool is_signed_by_its_ca(const UserCertificate& certificate) {
  const auto read = read_certificate(certificate.blob);
  return read && !objection_to_signature(*read);
}

}  // namespace bastion::transport
