// `authorized_keys_command`, as AuthorizedKeysCommand in sshd_config(5): a program that prints keys of a user, and its
// arguments. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"

namespace bastion {

struct KeyCommand {
  std::vector<std::string> words{};  // none: there is no such program

  [[nodiscard]] bool is_set() const { return !words.empty(); }
  // Whether its arguments say which key was shown: then it is asked about each one by itself.
  [[nodiscard]] bool names_the_key() const;

  bool operator==(const KeyCommand&) const = default;
};

// Words with spaces between them, the first one an absolute path. In the others %u stands for the user's name here, %f
// for the fingerprint of the key that was shown, %t for its type, %k for it in base64, and %% for a percent sign; where
// there is no other word, the name is the only argument. Empty: there is none. The error says what would be right.
[[nodiscard]] Result<KeyCommand> parse_key_command(std::string_view text);

// What the tokens stand for.
struct KeyQuestion {
  std::string user;
  std::string fingerprint{};
  std::string type{};
  std::string base64{};
};
[[nodiscard]] std::vector<std::string> expanded(const KeyCommand& command, const KeyQuestion& question);

}  // namespace bastion
