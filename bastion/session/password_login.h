// One request of somebody who logs in with a password, by the method of that name or by keyboard-interactive: it is
// asked for, looked at, and changed where it has to be.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "bastion/access/lookup.h"
#include "bastion/access/target.h"
#include "bastion/auth/attempt.h"
#include "bastion/base/reason.h"
#include "bastion/base/task.h"
#include "bastion/session/password_checks.h"
#include "bastion/session/path.h"

namespace bastion::session {

class PasswordLogin {
 public:
  // All of it outlives this.
  struct Place {
    loop::Loop& loop;
    access::Lookup& lookup;
    PasswordChecks& checks;
    const Arrival& arrival;
  };
  struct Outcome {
    // Whom it lets in, with what was shown before. Nothing: it is to be denied, unless one of the others says more.
    std::optional<access::Identity> identity = std::nullopt;
    std::optional<End> undecided = std::nullopt;  // nobody could say whether it was right
    bool is_abandoned = false;                    // by its client
    bool is_answered = false;                     // the client was asked for a new password, and comes again
    std::optional<std::chrono::microseconds> answered_at = std::nullopt;  // by Loop::instant(): what was asked last
  };

  // Somebody whose account needs a password next, or the account of a name that nobody has would. Where there is no
  // such account a password is looked at all the same, which takes as long. `attempt` and `so_far` outlive this.
  PasswordLogin(const Place& place, const std::optional<access::Target>& target,
                const std::optional<access::Identity>& so_far, auth::Attempt& attempt);

  // Once.
  [[nodiscard]] Task<Outcome> run();

 private:
  // How often somebody is asked for a new one before the request is denied.
  static constexpr int kMostTries = 3;

  [[nodiscard]] Task<std::optional<transport::Answers>> ask(transport::Questions questions);
  [[nodiscard]] Task<std::optional<std::string>> typed();
  [[nodiscard]] Task<bool> is_right(const std::string& text);
  [[nodiscard]] Task<bool> is_changed(const std::string& before);
  [[nodiscard]] Task<bool> is_changed_by_request(const std::string& before);
  [[nodiscard]] Task<bool> is_changed_by_answers(const std::string& before);
  [[nodiscard]] Task<bool> store(const std::string& next);
  void settle();

  Place place_;
  const std::optional<access::Target>& target_;
  const std::optional<access::Identity>& so_far_;
  auth::Attempt& attempt_;
  std::optional<access::Lookup::ByPassword> found_;
  Outcome outcome_;
};

}  // namespace bastion::session
