#include "bastion/admin/one_command.h"

#include <utility>

#include "bastion/admin/grammar/confirmation.h"
#include "bastion/admin/grammar/words.h"
#include "bastion/loop/loop.h"

namespace bastion::admin {
namespace {

constexpr std::uint32_t kInterruptedStatus = 130;
constexpr std::size_t kSlice = 64 * 1024;
constexpr std::string_view kEndless = "standard input is a terminal here, which has no end: leave out -t";

}  // namespace

OneCommand::OneCommand(const session::AdminEndpoint::Client& client, const Site& site,
                       std::unique_ptr<connection::LocalSession> session, const std::string& line,
                       std::function<void()> on_over)
    : AdminSession(client, site, std::move(session), std::move(on_over)),
      loop_(client.loop),
      words_(command_words(line)) {}

void OneCommand::begin() {
  if (!words_) {
    print_error(words_.error().text + "\n");
    return exit(static_cast<std::uint32_t>(Status::usage));
  }
  words_ = meant(*std::move(words_));
  executor().set_format(format());
  if (has_terminal() && is_screen(*words_)) return begin_screen();
  if ((has_terminal() && is_watched(*words_)) || is_followed(*words_) || is_streamed(*words_)) return watch();
  if (auto prompts = asked_at_terminal(*words_); has_terminal() && !prompts.empty()) {
    hidden_.emplace(std::move(prompts), session().start().terminal->columns);
    return print(hidden_->draw());
  }
  const auto input = reads_input(*words_);
  if (!input) return run({.words = *words_, .can_be_asked = has_terminal()});
  if (has_terminal()) return run({.words = *words_, .input = StandardInput::none({std::string(kEndless)})});
  input_.emplace(*input);
}

void OneCommand::on_input(std::string_view text) {
  if (top_) {
    if (!top_->type(text)) exit(static_cast<std::uint32_t>(Status::done));
    return;
  }
  if (question_) return on_reply(text);
  if (hidden_) return on_hidden(text);
  if (has_terminal() && text.contains(kInterrupt)) return exit(kInterruptedStatus);
  if (input_ && !input_->add(text)) run_with_input();
  if (!input_) typed_before_ = true;
}

void OneCommand::on_hidden(std::string_view keys) {
  print(hidden_->type(keys));
  if (hidden_->state() == HiddenQuestions::State::asking) return;
  const auto questions = *std::exchange(hidden_, std::nullopt);
  if (questions.state() == HiddenQuestions::State::given_up) return exit(kInterruptedStatus);
  CommandExecutor::Job job{.words = *words_, .input = StandardInput(StandardInput::Kind::key)};
  job.words.emplace_back(kStandardInput);
  job.input.add(questions.answers());
  run(std::move(job));
}

void OneCommand::on_input_end() {
  if (hidden_) return exit(kInterruptedStatus);
  if (top_) return exit(static_cast<std::uint32_t>(Status::done));
  if (question_) {
    question_.reset();
    decline();
  }
  if (input_) run_with_input();
}

void OneCommand::run_with_input() {
  auto input = *std::exchange(input_, std::nullopt);
  run({.words = *words_, .input = std::move(input)});
}

void OneCommand::run(CommandExecutor::Job job) {
  const bool can_be_asked = job.can_be_asked;
  executor().run(std::move(job), [this, can_be_asked](Outcome outcome) {
    if (exiting()) return;
    showing_ = Showing{.outcome = std::move(outcome), .can_be_asked = can_be_asked};
    show_more();
  });
}

// A whole directory is not written at once: as long as that took, nobody else on this loop could be served.
void OneCommand::show_more() {
  if (!showing_ || exiting()) return;
  const std::string_view out = showing_->outcome.out;
  while (has_room() && showing_->printed < out.size()) {
    const auto slice = out.substr(showing_->printed, kSlice);
    showing_->printed += slice.size();
    print(slice);
  }
  if (showing_->printed < out.size()) return;
  const auto shown = *std::exchange(showing_, std::nullopt);
  print_error(shown.outcome.err);
  if (shown.can_be_asked && !shown.outcome.question.empty()) return ask(shown.outcome.question);
  exit(static_cast<std::uint32_t>(shown.outcome.status));
}

void OneCommand::ask(const std::string& question) {
  if (typed_before_) print(kTypedBefore);
  question_.emplace(question, session().start().terminal->columns);
  print(question_->draw());
}

void OneCommand::on_reply(std::string_view keys) {
  while (!keys.empty() && question_) {
    const auto event = question_->type(keys);
    print(question_->draw());
    if (event == LineEditor::Event::none || event == LineEditor::Event::completion) continue;
    const bool yes = event == LineEditor::Event::entered && is_yes(question_->line());
    question_.reset();
    print("\n");
    if (yes) words_->emplace_back(kYesOption);
    if (!yes) print(kNothingChanged);
    yes ? run({.words = *words_}) : decline();
  }
}

// A no is a refusal, and is written down as one.
void OneCommand::decline() {
  executor().run({.words = *words_}, [this](const Outcome& outcome) {
    if (!exiting()) exit(static_cast<std::uint32_t>(outcome.status));
  });
}

void OneCommand::watch() {
  const bool in_place = is_watched(*words_);
  if (in_place) print_raw("\x1b[2J");
  watch_ = std::make_unique<Watch>(
      loop_, executor(), *words_,
      Watch::Viewer{.show = [this, in_place](const Outcome& outcome) { show(outcome, in_place); },
                    .has_room = [this] { return has_room(); }});
  watch_->start();
}

// Pasted text is told apart from keys.
void OneCommand::begin_screen() {
  if (!knows_colours(session().start().terminal->type)) {
    print_error(Top::kNoScreen);
    return exit(static_cast<std::uint32_t>(Status::refused));
  }
  session().on_resize([this] {
    if (top_ && !exiting()) top_->resize(screen_size());
  });
  print_raw("\x1b[?2004h");
  top_ = std::make_unique<Top>(loop_, executor(), look(), screen_size(),
                               Top::Viewer{.write = [this](std::string_view text) { print_raw(text); },
                                           .has_room = [this] { return has_room() && !exiting(); },
                                           .on_over = [this](const Outcome& outcome) { end_screen(outcome); }});
  top_->start();
}

void OneCommand::end_screen(const Outcome& outcome) {
  give_back_screen();
  print(outcome.out);
  print_error(outcome.err);
  exit(static_cast<std::uint32_t>(outcome.status));
}

void OneCommand::give_back_screen() {
  if (!top_) return;
  executor().forget();
  loop_.defer_delete(std::exchange(top_, nullptr));
  print_raw(std::string("\x1b[?2004l") + std::string(ScreenDifferences::leave()));
}

void OneCommand::show(const Outcome& outcome, bool in_place) {
  if (exiting()) return;
  executor().set_format(format());
  if (outcome.status != Status::done) {
    print_error(outcome.err);
    return exit(static_cast<std::uint32_t>(outcome.status));
  }
  if (is_streamed(*words_)) {
    print_raw(outcome.out);
    print_error(outcome.err);
    if (!outcome.streaming) exit(static_cast<std::uint32_t>(outcome.status));
    return;
  }
  if (!in_place) {
    print(outcome.out);
    return print_error(outcome.err);
  }
  print_raw(redrawn(outcome.out + outcome.err + "\nCtrl-C leaves.\n", session().start().terminal->rows));
}

}  // namespace bastion::admin
