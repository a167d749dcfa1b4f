// Somebody who has logged in, and does something about themselves: the small world, and who is who in it.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "bastion/access/readmission.h"
#include "bastion/transport/keys.h"
#include "bastion/transport/user_certificate.h"
#include "tests/support/admin_world.h"

namespace bastion::test {

// Alice, who came with her only key, owns web and db; bob owns web.
struct OwnWorld : AdminWorld {
  static constexpr std::string_view kFrom = "192.0.2.1";
  access::Identity who{};

  OwnWorld() {
    furnished();
    done("container add db --owner alice --backend be1 --address 10.0.3.101");
    context.me = "container,key,session,share,totp";
    context.session = "s1";
    come("alice");
    session("s1", "alice");
    session("s2", "alice");
    session("s3", "bob");
  }

  // With the first key of theirs, if they have one.
  void come(std::string_view name) {
    const auto user = must(users.get(name));
    who = {.user = user.id, .name = user.name, .role = user.role};
    const auto theirs = must(keys.of_user(user.id));
    if (!theirs.empty()) come_with(theirs.front());
    context.actor = user.name;
    context.from_host = kFrom;
    context.role = store::Role::user;
    context.self = [this]() -> Result<access::Identity> {
      auto now = access::readmission({users, keys, cas, revocations, second_factors, passwords, sign_ons}, who,
                                     {std::string(kFrom), context.now}, {});
      return now ? Result<access::Identity>(*std::move(now)) : fail("{}", sentence_of(now.error()));
    };
  }
  void come_with(const store::Key& key) {
    who.credential = access::KeyCredential{.key = key.id, .fingerprint = key.fingerprint};
  }
  // With a certificate of a CA that is trusted for everybody, which permits all that it can.
  void come_with_certificate() {
    const auto ca = must(transport::parse_public_key(kOtherKey)).key;
    as_admin("ca add corp KEY2");
    transport::UserCertificate certificate{
        .key = must(transport::parse_public_key(kAliceKey)).key,
        .principals = {who.name},
        .valid_before = ~std::uint64_t{0},
        .extensions = {"permit-pty", "permit-port-forwarding", "permit-agent-forwarding", "permit-X11-forwarding",
                       "permit-user-rc"},
        .ca = ca};
    who.credential = access::CertificateCredential{
        .certificate = std::make_shared<transport::UserCertificate>(std::move(certificate)),
        .ca = "corp",
        .fingerprint = "SHA256:x"};
  }
  void session(std::string id, std::string user) {
    session::LiveSession one;
    one.id = std::move(id);
    one.user = std::move(user);
    if (!context.snapshot.sessions) context.snapshot.sessions.emplace();
    context.snapshot.sessions->push_back(std::move(one));
  }
  // What an administrator does meanwhile.
  std::string as_admin(std::string_view line) {
    const auto role = std::exchange(context.role, store::Role::admin);
    auto said = done(line);
    context.role = role;
    return said;
  }
  // What nobody who reads that about everybody is; the rows of the world are read by an administrator.
  std::string is_refused(std::string_view line) {
    const auto before = as_admin("export");
    const auto outcome = type(line);
    CAPTURE(line);
    CHECK(outcome.status == admin::Status::refused);
    CHECK(outcome.out.empty());
    const auto row = must(audit.latest(1)).front();
    CHECK(row.outcome == "refused");
    CHECK(row.actor == who.name);
    CHECK(as_admin("export") == before);
    return outcome.err;
  }
};

}  // namespace bastion::test
