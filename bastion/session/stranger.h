// One accepted connection until it has authenticated, or has gone. Whoever has authenticated is handed on to a Session,
// on another thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bastion/access/identity.h"
#include "bastion/access/target.h"
#include "bastion/auth/attempt.h"
#include "bastion/auth/external_keys.h"
#include "bastion/auth/tried.h"
#include "bastion/base/byte_stream.h"
#include "bastion/base/reason.h"
#include "bastion/base/task.h"
#include "bastion/loop/timer.h"
#include "bastion/session/code_checks.h"
#include "bastion/session/invitations.h"
#include "bastion/session/new_accounts.h"
#include "bastion/session/observer.h"
#include "bastion/session/offence.h"
#include "bastion/session/password_checks.h"
#include "bastion/session/path.h"
#include "bastion/session/sign_ons.h"
#include "bastion/transport/server_session.h"

namespace bastion::access {
class Lookup;
}

namespace bastion::session {

// Somebody who has authenticated, on the way to a session.
struct Admission {
  Arrival arrival;
  access::Identity identity;
  access::Target target;
  std::unique_ptr<transport::ServerSession> user;  // off its stream
  std::vector<ByteVector> early;                   // messages that came together with the proof
  std::optional<transport::Loss> loss;             // so did the end
  std::optional<End> refused = std::nullopt;       // they are told why, and nothing else
};

// Why nobody could say whether somebody may come in, where that is the store.
[[nodiscard]] inline End unreadable(const Error& why) { return {Reason::database_unreadable, {}, why.text}; }

class Stranger final : private transport::Session::Delegate {
 public:
  // The names are those of bastion.toml (docs/CONFIG.md).
  struct Settings {
    std::chrono::seconds login_grace;
    std::chrono::seconds version_grace;
    int max_auth_tries = 0;
    std::chrono::milliseconds denials_wait{0};            // longer than they take anyway
    std::shared_ptr<const std::string> banner = nullptr;  // lines that end with `\r\n`
  };
  // What it needs of the thread that runs it; all of it outlives the stranger.
  struct Place {
    loop::Loop& loop;
    access::Lookup& lookup;
    const Observers& observers;
    transport::ServerProfile& profile;
    CodeChecks& codes;
    PasswordChecks& passwords;
    Invitations& invitations;
    auth::ExternalKeys* external_keys;  // nullptr: nobody is asked for more than the directory has
    Settings settings;                  // those it began with
    // It has sent its version line; it was denied.
    std::function<void(Stranger&)> on_version_line;
    std::function<void(Stranger&)> on_denied;
    // Its client wants a host key of RSA to sign: whether one does.
    std::function<bool(Stranger&)> may_sign_with_rsa;
    // It has authenticated: take its admission, but not from inside this call.
    std::function<void(Stranger&)> on_admitted;
    // Nothing more will come of it: defer_delete() it.
    std::function<void(Stranger&)> on_over;
    SignOns* sign_ons = nullptr;          // nobody signs on here
    NewAccounts* new_accounts = nullptr;  // no CA makes one here
  };

  Stranger(const Place& place, Arrival arrival, std::unique_ptr<ByteStream> stream);
  ~Stranger();
  Stranger(const Stranger&) = delete;
  Stranger& operator=(const Stranger&) = delete;

  void start();
  // Ends it without a word, if it is a stranger still.
  void finish(End end);

  [[nodiscard]] const Arrival& arrival() const { return arrival_; }
  // What is held against its source, once it is over.
  [[nodiscard]] std::optional<Offence> offence() const { return offence_; }
  [[nodiscard]] Reason ended() const { return ended_; }
  // One has.
  [[nodiscard]] bool signed_with_rsa() const { return signed_with_rsa_; }
  [[nodiscard]] bool admitted() const { return identity_.has_value(); }
  // Once, of one that is admitted: it is over then. The stream is what it was made with.
  [[nodiscard]] std::pair<Admission, std::unique_ptr<ByteStream>> leave();

 private:
  void on_message(MutableBytes packet) override;
  void on_drained() override {}
  void on_version_line() override;
  void on_lost(const transport::Loss& loss) override;

  Task<std::expected<access::Identity, End>> authenticate();
  // Who it is, with all that was proven before for the same name; nothing where it brings nobody further.
  [[nodiscard]] std::optional<access::Identity> whom_it_lets_in(const access::Target& target, auth::Attempt& attempt);
  // The same of somebody who has no account yet, and shows a certificate that gives them one (newcomer.cpp).
  Task<std::optional<access::Identity>> whom_a_ca_gives_an_account(const std::string& user, auth::Attempt& attempt);
  // The same by a key that is nowhere in the directory, and that a program prints (printed.cpp).
  Task<std::optional<access::Identity>> whom_printed_keys_let_in(const std::string& user, auth::Attempt& attempt);
  // Of somebody who was found: with all that was proven before, and nothing where it brings nobody further.
  [[nodiscard]] std::optional<access::Identity> further(Result<std::optional<access::Identity>> identity,
                                                        auth::Attempt& attempt);
  // The same of somebody who has the word of an invitation, which is used up by it (invited.cpp). Then they are told
  // so, and no more.
  Task<std::optional<access::Identity>> whom_invitation_lets_in(const std::string& word, auth::Attempt& attempt);
  void tell_of_invitation(const std::string& word, auth::Attempt& attempt);
  // The same by what is typed: somebody is asked whose account needs that next, or the account of a name that nobody
  // has would.
  Task<std::optional<access::Identity>> whom_typing_lets_in(const std::optional<access::Target>& target,
                                                            auth::Attempt& attempt);
  Task<std::optional<access::Identity>> whom_a_code_lets_in(auth::Attempt& attempt);
  Task<std::optional<access::Identity>> whom_a_password_lets_in(const std::optional<access::Target>& target,
                                                                auth::Attempt& attempt);
  // What is to be typed for this request; nothing where the account needs nothing of the kind now.
  [[nodiscard]] std::optional<Factor> typed_for(const std::optional<access::Target>& target,
                                                const auth::Attempt& attempt) const;
  Task<std::optional<access::Identity>> whom_the_issuer_lets_in(const access::Target& target, auth::Attempt& attempt);
  // They would be let in now: as they are now, whatever has become of them while they thought about an answer.
  [[nodiscard]] std::optional<access::Identity> as_they_are_now(access::Identity identity);
  [[nodiscard]] std::vector<Factor> next_for(const std::optional<access::Target>& target) const;
  // That something is needed which the account has not got.
  void tell_what_is_missing(auth::Attempt& attempt);
  void begin_anew_for(const std::string& user);
  // What can go on now, as a name-list: what the account needs, or a name that nobody has would.
  [[nodiscard]] std::string can_continue(const std::optional<access::Target>& target) const;
  Task<> denial_is_due();
  [[nodiscard]] std::optional<Offence> offence_of(Reason end) const;
  void end_phase(Phase phase);
  [[nodiscard]] bool may_sign(std::string_view algorithm);
  void note_denied(const auth::Attempt& attempt);
  void admit(access::Identity identity);
  template <typename... Asked, typename... Told>
  void observe(void (Observer::*event)(const Arrival&, Asked...), const Told&... told) const {
    for (auto* const observer : place_.observers) (observer->*event)(arrival_, told...);
  }

  Place place_;
  Arrival arrival_;
  std::chrono::microseconds phase_began_{0};  // by Loop::instant()
  std::chrono::microseconds came_{0};         // so too: what is to be answered
  bool is_abandoned_ = false;                 // the last attempt, by its client
  bool is_answered_ = false;                  // the last attempt, and neither granted nor denied
  access::Target target_;
  std::optional<access::Identity> identity_;
  std::string account_;                     // as it was sent, whom the attempts so far were for
  std::optional<access::Identity> so_far_;  // what was proven for it, and is not enough
  std::optional<End> undecided_;            // why nobody could say whether the last attempt was right
  std::optional<End> in_place_of_a_session_;
  bool is_told_of_invitation_ = false;
  auth::Tried tried_;
  std::vector<ByteVector> early_;
  std::optional<transport::Loss> loss_;
  std::optional<Offence> offence_;
  Reason ended_ = Reason::internal;
  bool speaks_another_ = false;  // no algorithm of ours
  bool signed_with_rsa_ = false;
  bool over_ = false;
  std::unique_ptr<transport::ServerSession> user_;
  loop::Timer grace_;
  loop::Timer version_grace_;
  Task<std::expected<access::Identity, End>> authentication_;
};

}  // namespace bastion::session
