#include "bastion/admin/session_visit.h"

#include <utility>

namespace bastion::admin {
namespace {

std::string raw(std::string_view text) {
  std::string result;
  result.reserve(text.size() + text.size() / 32);
  for (const char c : text) {
    if (c == '\n') result += '\r';
    result += c;
  }
  return result;
}

Desk::Client client_of(session::AdminDoor::Visitor visitor) {
  return {.identity = std::move(visitor.identity), .from_host = std::move(visitor.arrival.from_host)};
}

}  // namespace

SessionVisit::SessionVisit(session::AdminDoor::Visitor visitor, const Site& site,
                           std::unique_ptr<connection::LocalSession> session, std::function<void()> on_over)
    : session_(std::move(session)), on_over_(std::move(on_over)), desk_(visitor.loop, site, client_of(visitor)) {}

SessionVisit::~SessionVisit() { session_->stream().read_to(nullptr); }

void SessionVisit::start() {
  session_->stream().read_to(this);
  begin();
  session_->stream().resume();
}

void SessionVisit::leave(const std::string& line, std::uint32_t status) {
  on_over_ = nullptr;
  print_error("\n" + line + "\n");
  exit(status);
}

void SessionVisit::print(std::string_view text) {
  session_->stream().write(has_terminal() ? bytes_of(raw(text)) : bytes_of(text));
}

// At a terminal there is one stream, as with any sshd: with two, a client may show the later one first.
void SessionVisit::print_error(std::string_view text) {
  if (has_terminal()) return print(text);
  session_->stream().write_error(bytes_of(text));
}

Paper SessionVisit::paper() const {
  const auto& start = session_->start();
  if (!start.terminal) return {};
  const auto no_colour = start.environment.find("NO_COLOR");
  const bool wanted = no_colour == start.environment.end() || no_colour->second.empty();
  return {.columns = start.terminal->columns, .coloured = wanted && knows_colours(start.terminal->type)};
}

void SessionVisit::pause_input() {
  paused_ = true;
  session_->stream().pause();
}

// Never from inside on_input(): a channel that is paused calls nobody.
void SessionVisit::resume_input() {
  if (std::exchange(paused_, false)) session_->stream().resume();
}

void SessionVisit::exit(std::uint32_t status) {
  if (std::exchange(exiting_, true)) return;
  session_->exit(status);
  resume_input();
  if (session_->stream().backlog() == 0) over();
}

void SessionVisit::on_bytes(MutableBytes bytes) {
  if (!exiting_) on_input(text_of(bytes));
}

void SessionVisit::on_eof() {
  if (!exiting_) on_input_end();
}

void SessionVisit::on_drained() { exiting_ ? over() : on_room(); }

void SessionVisit::on_lost(const Error& /*why*/) { over(); }

void SessionVisit::over() {
  if (on_over_) std::exchange(on_over_, nullptr)();
}

}  // namespace bastion::admin
