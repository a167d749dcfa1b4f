// What `-` in the place of a KEY, a FILE or a DIR stands for: one text, put together as it arrives. A command that
// names it runs after its end. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"

namespace bastion::admin {

inline constexpr std::string_view kStandardInput = "-";

class StandardInput {
 public:
  // What it is read as decides how long it may be.
  enum class Kind : std::uint8_t { key, document };

  explicit StandardInput(Kind kind) : kind_(kind) {}
  // There is none to be read; `why` is what a command that wants it is told.
  [[nodiscard]] static StandardInput none(Error why);
  // Another use is made of it: whoever gives one command after the other gives them there.
  [[nodiscard]] static StandardInput taken_by_commands();

  // False once it is too long: no more of it is wanted, and it is an error from then on.
  bool add(std::string_view text);
  [[nodiscard]] std::size_t size() const { return size_; }
  // All that was added, in one piece. It may be large: not on the thread of a loop.
  [[nodiscard]] Result<std::string> text() const;

 private:
  Kind kind_;
  std::size_t size_ = 0;
  std::vector<std::string> pieces_;  // none is ever moved to make room for more
  std::optional<Error> none_;
};

}  // namespace bastion::admin
