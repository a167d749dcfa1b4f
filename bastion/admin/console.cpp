#include "bastion/admin/console.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bastion/admin/commands/completion.h"
#include "bastion/admin/grammar/answer.h"
#include "bastion/admin/grammar/confirmation.h"
#include "bastion/admin/grammar/words.h"
#include "bastion/loop/loop.h"

namespace bastion::admin {
namespace {

constexpr std::size_t kMostAhead = 64 * 1024;
constexpr std::size_t kMostShown = 100;

std::string columns_of(const std::vector<std::string>& candidates) {
  std::string text;
  for (std::size_t i = 0; i < std::min(candidates.size(), kMostShown); ++i) {
    text += (i == 0 ? "" : "  ") + candidates[i];
  }
  if (candidates.size() > kMostShown) text += fmt::format("  and {} more", candidates.size() - kMostShown);
  return text + "\n";
}

}  // namespace

Console::Console(session::AdminEndpoint::Client client, const Site& site,
                 std::unique_ptr<connection::LocalSession> session, std::function<void()> on_over)
    : AdminSession(client, site, std::move(session), std::move(on_over)),
      loop_(client.loop),
      ask_(fmt::format("{}@bastion> ", client.identity.name)),
      editor_(ask_, this->session().start().terminal->columns) {}

Console::~Console() = default;

void Console::begin() {
  session().on_resize([this] {
    editor_.resize(session().start().terminal->columns);
    if (!exiting() && !waits()) print(editor_.draw());
  });
  print("The commands of the bastion: help lists them, Tab completes, exit leaves.\n");
  prompt();
}

void Console::prompt() {
  editor_.ask(unconfirmed_ ? unconfirmed_->question : ask_);
  editor_.clear();
  print(editor_.draw());
}

void Console::on_input(std::string_view text) {
  if (watch_) {
    if (text.find_first_of(std::string{kInterrupt, 'q'}) != std::string_view::npos) stop_watching();
    return;
  }
  type(text);
}

void Console::type(std::string_view keys) {
  if (ahead_.size() + keys.size() <= kMostAhead) ahead_ += keys;
  while (!exiting() && !waits() && !ahead_.empty()) {
    std::string_view rest = ahead_;
    const auto event = editor_.type(rest);
    ahead_.erase(0, ahead_.size() - rest.size());
    on_event(event);
  }
  if (input_ended_) end();
}

void Console::on_input_end() {
  input_ended_ = true;
  type({});
}

// What was typed before is done first, but a watch would never end. A question that nobody has answered was answered
// with no.
void Console::end() {
  if (exiting()) return;
  if (watch_) return exit(0);
  if (waits() || !ahead_.empty()) return;
  if (unconfirmed_) return decline(std::exchange(unconfirmed_, std::nullopt)->words);
  exit(0);
}

void Console::on_event(LineEditor::Event event) {
  switch (event) {
    case LineEditor::Event::none: return print(editor_.draw());
    // Keys that came together with this one are not on the screen yet.
    case LineEditor::Event::entered: print(editor_.draw() + "\n"); return on_line();
    case LineEditor::Event::interrupted:
      print(editor_.draw() + "^C\n");
      if (unconfirmed_) return decline(std::exchange(unconfirmed_, std::nullopt)->words);
      return prompt();
    case LineEditor::Event::left: print("\n"); return exit(0);
    case LineEditor::Event::completion: return complete();
    case LineEditor::Event::redraw: return print("\x1b[H\x1b[2J" + editor_.draw());
  }
}

void Console::on_line() {
  const auto line = editor_.line();
  if (unconfirmed_) return answer(line);
  editor_.remember();
  auto words = command_words(line);
  if (!words) {
    print_error(words.error().text + "\n");
    return prompt();
  }
  if (words->empty()) return prompt();
  const auto first = words->front();
  if (first == "exit" || first == "quit" || first == "logout") return exit(0);
  if (first == "help") {
    words->erase(words->begin());
    words->emplace_back("--help");
  }
  run(*std::move(words));
}

void Console::answer(const std::string& reply) {
  auto words = std::exchange(unconfirmed_, std::nullopt)->words;
  if (is_yes(reply)) {
    words.emplace_back(kYesOption);
    return run(std::move(words));
  }
  print(kNothingChanged);
  decline(std::move(words));
}

void Console::run(Words words) {
  if (is_watched(words) || is_followed(words)) return watch(std::move(words));
  executor().set_format(format());
  executor().run({.words = words, .can_be_asked = true},
                 [this, words](const Outcome& outcome) { on_outcome(words, outcome); });
}

// A no is a refusal, and is written down as one.
void Console::decline(Words words) {
  executor().run({.words = std::move(words)}, [this](const Outcome&) {
    if (exiting()) return;
    prompt();
    type({});
  });
}

void Console::on_outcome(const Words& words, const Outcome& outcome) {
  if (exiting()) return;
  print(outcome.out);
  print(outcome.err);
  if (!outcome.question.empty()) unconfirmed_.emplace(words, outcome.question);
  prompt();
  type({});
}

void Console::watch(Words words) {
  const bool in_place = is_watched(words);
  print(in_place ? "\x1b[2J" : "Ctrl-C leaves.\n");
  executor().set_format(format());
  watch_ = std::make_unique<Watch>(
      loop_, executor(), std::move(words),
      Watch::Viewer{.show = [this, in_place](const Outcome& outcome) { show(outcome, in_place); },
                    .has_room = [this] { return has_room(); }});
  watch_->start();
}

void Console::show(const Outcome& outcome, bool in_place) {
  if (exiting()) return;
  const auto text = outcome.out + outcome.err;
  if (in_place) {
    print_raw(redrawn(text + "\nCtrl-C leaves.\n", session().start().terminal->rows));
  } else {
    print(text);
  }
  executor().set_format(format());
  if (outcome.status != Status::done) stop_watching();
}

void Console::stop_watching() {
  loop_.defer_delete(std::exchange(watch_, nullptr));
  executor().forget();
  print("\n");
  prompt();
}

void Console::complete() {
  const std::string line{editor_.before_cursor()};
  executor().names(line, [this, line](const Names& names) {
    if (exiting()) return;
    const auto completion = admin::complete(line, names);
    editor_.insert(completion.insert);
    if (completion.insert.empty() && completion.candidates.size() > 1) {
      print(editor_.draw() + "\n" + columns_of(completion.candidates));
    }
    print(editor_.draw());
    type({});
  });
}

}  // namespace bastion::admin
