#include "bastion/admin/one_command.h"

#include <utility>

#include "bastion/admin/words.h"

namespace bastion::admin {
namespace {

constexpr std::size_t kLongestInput = 64 * 1024;  // far more than any key
constexpr std::uint32_t kInterruptedStatus = 130;
constexpr char kInterrupt = 0x03;

}  // namespace

OneCommand::OneCommand(login::AdminDoor::Visitor visitor, const Site& site,
                       std::unique_ptr<connection::LocalSession> session, const std::string& line,
                       std::function<void()> on_over)
    : SessionVisit(visitor, site, std::move(session), std::move(on_over)),
      loop_(visitor.loop),
      words_(command_words(line)) {}

void OneCommand::begin() {
  if (!words_) {
    print_error(words_.error().text + "\n");
    return exit(static_cast<std::uint32_t>(Status::usage));
  }
  if (has_terminal()) desk().on_paper({.columns = session().start().terminal->columns, .coloured = true});
  if (has_terminal() && is_watched(*words_)) return watch();
  if (reads_input(*words_)) {
    input_.emplace();
  } else {
    run(std::nullopt);
  }
}

void OneCommand::on_input(std::string_view text) {
  if (has_terminal() && text.contains(kInterrupt)) return exit(kInterruptedStatus);
  if (!input_) return;
  *input_ += text;
  if (input_->size() <= kLongestInput) return;
  print_error("standard input: this is too long to be a key\n");
  exit(static_cast<std::uint32_t>(Status::refused));
}

void OneCommand::on_input_end() {
  if (input_) run(std::exchange(input_, std::nullopt));
}

void OneCommand::run(std::optional<std::string> input) {
  desk().run(*words_, std::move(input), [this](const Outcome& outcome) {
    if (exiting()) return;
    print(outcome.out);
    print_error(outcome.err);
    exit(static_cast<std::uint32_t>(outcome.status));
  });
}

void OneCommand::watch() {
  print_raw("\x1b[2J");
  watch_ = std::make_unique<Watch>(loop_, desk(), *words_, [this](const Outcome& outcome) {
    if (exiting()) return;
    const auto& terminal = *session().start().terminal;
    desk().on_paper({.columns = terminal.columns, .coloured = true});
    if (outcome.status != Status::done) {
      print_error(outcome.err);
      return exit(static_cast<std::uint32_t>(outcome.status));
    }
    if (has_room()) print_raw(redrawn(outcome.out + "\nCtrl-C leaves.\n", terminal.rows));
  });
  watch_->start();
}

}  // namespace bastion::admin
