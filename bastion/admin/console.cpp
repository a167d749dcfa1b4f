#include "bastion/admin/console.h"

#include <fmt/format.h>

#include <tuple>
#include <utility>

#include "bastion/admin/candidates.h"
#include "bastion/admin/commands/completion.h"
#include "bastion/admin/grammar/answer.h"
#include "bastion/admin/grammar/confirmation.h"
#include "bastion/admin/grammar/words.h"
#include "bastion/base/printable.h"
#include "bastion/base/text_width.h"
#include "bastion/loop/loop.h"

namespace bastion::admin {
namespace {

using Door = session::AdminEndpoint::Door;

constexpr std::size_t kMostAhead = 64 * 1024;
constexpr std::size_t kMostShown = 100;
constexpr std::size_t kMostQuoted = 60;
constexpr std::string_view kNoPagerOption = "--no-pager";
// So many of them, and the end of a paste does not come any more.
constexpr int kMostPauses = 20;

std::string listed(std::vector<std::string> candidates, std::size_t columns) {
  const auto count = candidates.size();
  if (count <= kMostShown) return side_by_side(candidates, columns);
  candidates.resize(kMostShown);
  return side_by_side(candidates, columns) + fmt::format("and {} more\n", count - kMostShown);
}

std::string quoted(const std::string& line) {
  const auto text = printable(line);
  const auto beginning = fitting(text, kMostQuoted);
  return beginning.size() < text.size() ? fmt::format("{}…", beginning) : text;
}

std::string not_run(const LineEditor::Dropped& dropped) {
  const auto more = dropped.lines - 1;
  if (more == 0) return fmt::format("Not run: {}\n", quoted(dropped.first));
  return fmt::format("Not run: {}, and {} more line{}\n", quoted(dropped.first), more, more == 1 ? "" : "s");
}

}  // namespace

Console::Console(session::AdminEndpoint::Client client, const Site& site,
                 std::unique_ptr<connection::LocalSession> session, std::function<void()> on_over,
                 std::chrono::milliseconds pause)
    : AdminSession(client, site, std::move(session), std::move(on_over)),
      loop_(client.loop),
      pause_(pause),
      ask_(fmt::format("{}@bastion> ", client.identity.name)),
      editor_(ask_, this->session().start().terminal->columns),
      quiet_(client.loop, [this] { on_quiet(); }) {}

Console::~Console() = default;

void Console::begin() {
  session().on_resize([this] {
    editor_.resize(screen().columns);
    if (pager_) pager_->resize(screen());
    if (exiting() || !has_room()) return;
    if (pager_) return print_raw(pager_->draw());
    if (!waits()) print(unasked_ ? unasked_->questions.draw() : editor_.draw());
  });
  if (knows_sequences()) print_raw("\x1b[?2004h");  // pasted text stands between brackets (xterm)
  print(fmt::format("{}: help lists them, Tab completes, exit leaves.\n",
                    door() == Door::own ? "Your own commands" : "The commands of the bastion"));
  prompt();
}

void Console::on_exit() {
  give_back_screen();
  if (knows_sequences()) print_raw("\x1b[?2004l");
}

void Console::give_back_screen() {
  if (!pager_) return;
  pager_.reset();
  print_raw(Pager::leave());
}

ScreenSize Console::screen() {
  const auto& terminal = *session().start().terminal;
  return {.columns = terminal.columns, .rows = terminal.rows};
}

bool Console::knows_sequences() { return knows_colours(session().start().terminal->type); }

void Console::prompt() {
  running_ = Running::nothing;
  editor_.ask(unconfirmed_ ? unconfirmed_->question : ask_);
  editor_.clear();
  print(editor_.draw());
}

void Console::go_on(bool failed) {
  const bool is_line = ahead_.find_first_of("\r\n") != std::string::npos;
  const bool is_typed = unconfirmed_ ? !ahead_.empty() : failed && is_line;
  if (is_typed || too_much_ || ((failed || unconfirmed_) && editor_.in_paste())) return drop_ahead();
  prompt();
  type({});
}

void Console::drop_ahead(LineEditor::Dropped before) {
  dropped_ = std::move(before);
  dropped_->add(editor_.drop(std::exchange(ahead_, {})));
  pauses_ = 0;
  too_much_ = false;
  input_ended_ ? on_quiet() : quiet_.start(pause_);
}

void Console::on_quiet() {
  if (exiting()) return;
  if (editor_.in_paste() && !input_ended_ && ++pauses_ < kMostPauses) return quiet_.start(pause_);
  if (editor_.in_paste()) dropped_->add(editor_.drop({&kInterrupt, 1}));
  const auto dropped = *std::exchange(dropped_, std::nullopt);
  if (dropped.lines > 0) print(not_run(dropped));
  prompt();
  type({});
}

void Console::on_input(std::string_view text) {
  if (dropped_) {
    dropped_->add(editor_.drop(text));
    return quiet_.start(pause_);
  }
  if (watch_) {
    if (editor_.drop(text).asks_to_leave) stop_watching();
    return;
  }
  if (pager_) return page(text);
  if (const auto at = text.rfind(kInterrupt); at != std::string_view::npos && executor().busy()) {
    return interrupt(text.substr(0, at + 1), text.substr(at + 1));
  }
  type(text);
}

void Console::type(std::string_view keys) {
  too_much_ = too_much_ || ahead_.size() + keys.size() > kMostAhead;
  if (!too_much_) ahead_ += keys;
  while (!exiting() && !waits() && !ahead_.empty()) {
    std::string_view rest = ahead_;
    if (unasked_) {
      on_hidden(rest);
      continue;
    }
    const auto event = editor_.type(rest);
    ahead_.erase(0, ahead_.size() - rest.size());
    on_event(event);
  }
  if (input_ended_) end();
}

void Console::on_hidden(std::string_view& keys) {
  const auto printed = unasked_->questions.type(keys);
  ahead_.erase(0, ahead_.size() - keys.size());
  print(printed);
  using State = HiddenQuestions::State;
  if (unasked_->questions.state() == State::asking) return;
  auto [words, questions] = *std::exchange(unasked_, std::nullopt);
  if (questions.state() == State::given_up) {
    print(kNothingChanged);
    return go_on(false);
  }
  CommandExecutor::Job job{.words = words, .input = StandardInput(StandardInput::Kind::key)};
  job.words.emplace_back(kStandardInput);
  job.input.add(questions.answers());
  executor().set_format(format());
  running_ = Running::changing;
  executor().run(std::move(job), [this, words](const Outcome& outcome) { on_outcome(words, outcome); });
}

void Console::on_room() {
  if (pager_) return print_raw(pager_->draw());
  type({});
}

// What only reads is given up, and what has changed nothing yet; a change that has begun happens whether or not anybody
// waits for it, and so does the row in the audit that says no.
void Console::interrupt(std::string_view up_to_it, std::string_view behind_it) {
  std::ignore = editor_.drop(std::exchange(ahead_, {}).append(up_to_it));
  too_much_ = false;
  if (running_ == Running::declining) return print("^C\n");
  if (!executor().give_up()) return print("^C\nThis changes something, and runs to its end.\n");
  if (running_ == Running::names) print(editor_.draw());
  print("^C\n");
  prompt();
  type(behind_it);
}

void Console::print_or_page(std::string text) {
  const bool can = may_page_ && ahead_.empty() && !editor_.in_paste() && !input_ended_ && knows_sequences();
  if (!can || !Pager::is_needed(text, screen())) return print(text);
  pager_.emplace(std::move(text), screen());
  print_raw(std::string(Pager::enter()) + pager_->draw());
}

void Console::page(std::string_view keys) {
  if (pager_->type(keys)) {
    if (has_room()) print_raw(pager_->draw());
    return;
  }
  give_back_screen();
  ahead_ = keys;
  drop_ahead();
}

void Console::on_input_end() {
  input_ended_ = true;
  type({});
}

// What was typed before is done first, but a watch would never end. A question that nobody has answered was answered
// with no.
void Console::end() {
  if (exiting()) return;
  if (watch_ || pager_) return exit(0);
  unasked_.reset();
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
    return go_on(true);
  }
  if (words->empty()) return prompt();
  const auto first = words->front();
  if (first == "exit" || first == "quit" || first == "logout") return exit(0);
  may_page_ = std::erase(*words, kNoPagerOption) == 0;
  run(meant(*std::move(words)));
}

void Console::answer(const std::string& reply) {
  auto words = std::exchange(unconfirmed_, std::nullopt)->words;
  if (is_yes(reply)) {
    words.emplace_back(kYesOption);
    return run(std::move(words));
  }
  print(kNothingChanged);
  const bool goes_on = is_no(reply);
  if (!goes_on) print(not_run({.first = reply, .lines = 1}));
  decline(std::move(words), goes_on);
}

void Console::run(Words words) {
  if (is_watched(words) || is_followed(words) || is_streamed(words)) return watch(std::move(words));
  if (auto prompts = asked_at_terminal(words); !prompts.empty()) {
    unasked_.emplace(std::move(words), HiddenQuestions(std::move(prompts), screen().columns));
    return print(unasked_->questions.draw());
  }
  executor().set_format(format());
  running_ = only_reads(words) ? Running::reading : Running::changing;
  executor().run({.words = words, .can_be_asked = true},
                 [this, words](const Outcome& outcome) { on_outcome(words, outcome); });
}

// A no is a refusal, and is written down as one. What is neither yes nor no was meant as a command.
void Console::decline(Words words, bool goes_on) {
  running_ = Running::declining;
  executor().run({.words = std::move(words)}, [this, goes_on](const Outcome&) {
    if (!exiting()) go_on(!goes_on);
  });
}

void Console::on_outcome(const Words& words, const Outcome& outcome) {
  if (exiting()) return;
  running_ = Running::nothing;
  if (!outcome.question.empty()) unconfirmed_.emplace(words, outcome.question);
  print_or_page(outcome.out + outcome.err);
  if (!pager_) go_on(outcome.status != Status::done);
}

void Console::watch(Words words) {
  const bool in_place = is_watched(words);
  const bool in_parts = is_streamed(words);
  before_watch_ = editor_.drop(std::exchange(ahead_, {}));
  print(in_place ? "\x1b[2J" : "Ctrl-C leaves.\n");
  executor().set_format(format());
  watch_ = std::make_unique<Watch>(
      loop_, executor(), std::move(words),
      Watch::Viewer{.show = [this, in_place, in_parts](
                                const Outcome& outcome) { in_parts ? show_part(outcome) : show(outcome, in_place); },
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

// A terminal that a recording was played on has its carriage returns.
void Console::show_part(const Outcome& outcome) {
  if (exiting()) return;
  print_raw(outcome.out);
  print(outcome.err);
  executor().set_format(format());
  if (!outcome.streaming) stop_watching();
}

void Console::stop_watching() {
  loop_.defer_delete(std::exchange(watch_, nullptr));
  executor().forget();
  print("\n");
  drop_ahead(std::exchange(before_watch_, {}));
}

void Console::complete() {
  const std::string line{editor_.before_cursor()};
  running_ = Running::names;
  executor().names(line, [this, line](const Names& names, store::Role role) {
    if (exiting()) return;
    running_ = Running::nothing;
    const auto completion = door() == Door::own ? complete_own(line, names) : admin::complete(line, names, role);
    editor_.insert(completion.insert);
    if (completion.insert.empty() && completion.candidates.size() > 1) {
      print(editor_.draw() + "\n" + listed(completion.candidates, screen().columns));
    }
    print(editor_.draw());
    type({});
  });
}

}  // namespace bastion::admin
