#include "bastion/admin/hidden_questions.h"

#include <utility>

namespace bastion::admin {

HiddenQuestions::HiddenQuestions(std::vector<std::string> prompts, std::uint32_t columns)
    : prompts_(std::move(prompts)), editor_(prompts_.front(), columns) {
  editor_.hide();
}

std::string HiddenQuestions::type(std::string_view& keys) {
  std::string printed;
  while (state_ == State::asking && !keys.empty()) {
    switch (editor_.type(keys)) {
      case LineEditor::Event::entered:
        printed += "\n";
        answers_ += editor_.line() + "\n";
        editor_.clear();
        if (++at_ == prompts_.size()) {
          state_ = State::answered;
        } else {
          editor_.ask(prompts_[at_]);
          printed += editor_.draw();
        }
        break;
      case LineEditor::Event::interrupted:
      case LineEditor::Event::left:
        printed += "\n";
        state_ = State::given_up;
        break;
      case LineEditor::Event::none:
      case LineEditor::Event::completion:
      case LineEditor::Event::redraw: break;
    }
  }
  return printed;
}

}  // namespace bastion::admin
