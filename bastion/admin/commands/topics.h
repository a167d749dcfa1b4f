// What the first words of commands are about: the first thing that somebody reads who asks for help.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "store/users.h"

namespace bastion::admin {

struct Topic {
  std::string_view word;   // with which its commands begin
  std::string_view about;  // a line, without a full stop
};

struct Chapter {
  std::string_view title;
  std::span<const Topic> topics;
};

// Each first word of a command once.
[[nodiscard]] std::span<const Chapter> chapters();
// Those with a command that somebody of the role may give, and how to ask for more.
[[nodiscard]] std::string contents(store::Role role);

}  // namespace bastion::admin
