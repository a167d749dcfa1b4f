// What is asked at a terminal and not shown as it is typed, one question after the other. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/line_editor.h"

namespace bastion::admin {

class HiddenQuestions {
 public:
  enum class State : std::uint8_t { asking, answered, given_up };

  // There is one at least.
  HiddenQuestions(std::vector<std::string> prompts, std::uint32_t columns);

  // Takes keys up to the end of the last answer; they are removed from `keys`. Returns what to print.
  [[nodiscard]] std::string type(std::string_view& keys);
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] std::string draw() const { return editor_.draw(); }
  // A line for each.
  [[nodiscard]] const std::string& answers() const { return answers_; }

 private:
  std::vector<std::string> prompts_;
  std::size_t at_ = 0;
  LineEditor editor_;
  std::string answers_;
  State state_ = State::asking;
};

}  // namespace bastion::admin
