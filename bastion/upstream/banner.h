// What a peer has said during the authentication (SSH_MSG_USERAUTH_BANNER, RFC 4252 section 5.4), as people may read
// it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bastion::upstream {

class Banner {
 public:
  // Of all its messages together; what is beyond is left out.
  static constexpr std::size_t kMost = 16 * 1024;

  // One more message, not to be trusted. Returns it as lines for a terminal, each with its end.
  std::string take(std::string_view message);

  // All of it on one line, for the log; empty: nothing was said.
  [[nodiscard]] std::string summary() const;
  // The last message on one line, short enough to stand in a sentence: it is the one that belongs to a refusal, and
  // those before it are what everybody is shown.
  [[nodiscard]] const std::string& last() const { return last_; }

 private:
  std::string text_;
  std::string last_;
};

}  // namespace bastion::upstream
