// One attempt to authenticate: a request, what it claims by the table of methods, and its answer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "bastion/access/identity.h"
#include "bastion/auth/methods.h"
#include "bastion/auth/tried.h"
#include "bastion/base/result.h"
#include "bastion/transport/auth_request.h"

namespace bastion::access {
class Lookup;
struct PrintedKeys;
}  // namespace bastion::access

namespace bastion::auth {

class Attempt {
 public:
  explicit Attempt(transport::AuthRequest request);

  [[nodiscard]] const std::string& user() const { return request_.user(); }
  // "none": what would do? The first question of every client (RFC 4252 section 5.2).
  [[nodiscard]] bool is_none() const;
  // What it tells of whoever sent it, for when it is denied: without the word of an invitation.
  [[nodiscard]] Try as_try() const;
  // Nothing when it cannot let anybody in, however it is meant.
  [[nodiscard]] const std::optional<Claim>& claim() const { return claim_; }
  // The key that it shows by itself, in no certificate; nullptr: it shows none.
  [[nodiscard]] const PublicKey* key() const;
  // The same of a certificate.
  [[nodiscard]] const transport::UserCertificate* certificate() const;
  // The key or the certificate that it shows, if it does.
  [[nodiscard]] std::optional<PublicKey> shown() const;
  // Whether it only asks if what it shows would do, and proves nothing yet.
  [[nodiscard]] bool is_question() const;
  // Whether it asks to be asked: what it claims comes with the answers.
  [[nodiscard]] bool is_interactive() const;
  [[nodiscard]] Task<transport::Reply> ask(transport::Questions questions) {
    return request_.ask(std::move(questions));
  }
  // Nothing: it claims no password.
  [[nodiscard]] const PasswordClaim* password() const;
  // What was typed, as the answer to a question or as a password, is right.
  void typed_rightly() { proven_ = is_typed(); }
  // The user of this name, from this address, where what it claims would let them in; whether that is true is another
  // question. An error: the store cannot tell.
  [[nodiscard]] Result<std::optional<access::Identity>> identity(access::Lookup& lookup, std::string_view user,
                                                                 std::string_view from_host) const;
  // The same by what was printed for that user, and no row of the store has.
  [[nodiscard]] Result<std::optional<access::Identity>> identity(access::Lookup& lookup, std::string_view user,
                                                                 std::string_view from_host,
                                                                 const access::PrintedKeys& printed) const;
  // Whether it was signed as these options want it; as a question it is.
  [[nodiscard]] bool satisfies(const access::Policy& policy) const;
  // Whether what it claims is true. To find out costs time that others wait for, so ask first whether it would let
  // anybody in.
  [[nodiscard]] bool proven();
  // Whether it is true as far as it goes: proven, or, of a question, nothing that would have to be looked at before it
  // is told yes; the CA's signature in a certificate has to. Costs as much.
  [[nodiscard]] bool holds();

  // A question is told yes; one that is proven is the end of authentication. Anything else is denied.
  void grant();
  // It is proven and right, and the account needs more: `methods`, as a name-list, are those by which.
  void grant_in_part(std::string_view methods);
  // The password is right, and to be changed: the client asks for another, and tries with both (RFC 4252 section 8).
  void ask_for_change(std::string_view prompt) { request_.ask_for_change(prompt); }
  // A line for the user, before the answer.
  void say(std::string_view text) { request_.say(text); }
  // Nothing is said: the client has begun another one.
  void abandon() { request_.abandon(); }
  void deny(std::string_view methods) { request_.deny(methods); }
  void deny() { request_.deny(); }

 private:
  [[nodiscard]] bool vouched_for() const;
  [[nodiscard]] bool signed_as_required();
  [[nodiscard]] bool is_typed() const { return is_interactive() || password() != nullptr; }
  [[nodiscard]] bool is_proven();

  transport::AuthRequest request_;
  std::optional<Claim> claim_;
  std::optional<bool> proven_;
};

}  // namespace bastion::auth
