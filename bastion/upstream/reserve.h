// Whether a backend far away is to have a hop in reserve (wants_spare) now: while logins come to it, and not for ever
// where it cannot be had. Pure; times are the caller's.
#pragma once

#include <chrono>
#include <optional>

namespace bastion::upstream {

class Reserve {
 public:
  // Nobody comes any more, or the backend is out of service, or gone.
  static constexpr std::chrono::minutes kAfterLogin{10};
  // Between two dials that fail and that nobody has asked for: an sshd that counts them is not to lock us out.
  static constexpr std::chrono::minutes kAfterFailure{5};

  // A login asks for a hop.
  void asked(std::chrono::milliseconds now) {
    asked_at_ = now;
    failed_at_.reset();
  }
  // The reserve could not be had.
  void failed(std::chrono::milliseconds now) { failed_at_ = now; }

  [[nodiscard]] bool is_worth_it(std::chrono::milliseconds now) const {
    return asked_at_ && now - *asked_at_ < kAfterLogin;
  }
  [[nodiscard]] bool may_be_dialled(std::chrono::milliseconds now) const {
    return is_worth_it(now) && (!failed_at_ || now - *failed_at_ >= kAfterFailure);
  }

 private:
  std::optional<std::chrono::milliseconds> asked_at_;
  std::optional<std::chrono::milliseconds> failed_at_;  // since then nobody has asked
};

}  // namespace bastion::upstream
