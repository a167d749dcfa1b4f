#include "bastion/admin/admin_session.h"

#include <utility>

#include "bastion/admin/grammar/own.h"
#include "bastion/admin/top_look.h"

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

CommandExecutor::Client client_of(session::AdminEndpoint::Client client) {
  return {.identity = std::move(client.identity),
          .from_host = std::move(client.arrival.from_host),
          .door = client.door,
          .session = std::move(client.arrival.id)};
}

}  // namespace

AdminSession::AdminSession(session::AdminEndpoint::Client client, const Site& site,
                           std::unique_ptr<connection::LocalSession> session, std::function<void()> on_over)
    : session_(std::move(session)),
      door_(client.door),
      on_over_(std::move(on_over)),
      executor_(client.loop, site, client_of(client)) {
  executor_.on_progress([this](const std::string& line) {
    if (!exiting_) print_error(line);
  });
}

AdminSession::~AdminSession() { session_->stream().read_to(nullptr); }

void AdminSession::start() {
  session_->stream().read_to(this);
  begin();
  session_->stream().resume();
}

void AdminSession::leave(const std::string& line, std::uint32_t status) {
  on_over_ = nullptr;
  give_back_screen();
  print_error("\n" + line + "\n");
  exit(status);
}

void AdminSession::print(std::string_view text) {
  session_->stream().write(has_terminal() ? bytes_of(raw(text)) : bytes_of(text));
}

std::vector<std::string> AdminSession::meant(std::vector<std::string> words) const {
  return door_ == session::AdminEndpoint::Door::own ? own_words(std::move(words)) : words;
}

// At a terminal there is one stream, as with any sshd: with two, a client may show the later one first.
void AdminSession::print_error(std::string_view text) {
  if (has_terminal()) return print(text);
  session_->stream().write_error(bytes_of(text));
}

OutputFormat AdminSession::format() const {
  const auto& start = session_->start();
  if (!start.terminal) return {};
  const auto no_colour = start.environment.find("NO_COLOR");
  const bool wanted = no_colour == start.environment.end() || no_colour->second.empty();
  return {.columns = start.terminal->columns, .coloured = wanted && knows_colours(start.terminal->type)};
}

TopLook AdminSession::look() const {
  const auto& start = session_->start();
  return look_of(start.terminal->type, [&](std::string_view name) {
    const auto found = start.environment.find(std::string(name));
    return found == start.environment.end() ? std::string() : found->second;
  });
}

ScreenSize AdminSession::screen_size() const {
  const auto& terminal = *session_->start().terminal;
  return {.columns = terminal.columns, .rows = terminal.rows};
}

void AdminSession::pause_input() {
  paused_ = true;
  session_->stream().pause();
}

// Never from inside on_input(): a channel that is paused calls nobody.
void AdminSession::resume_input() {
  if (std::exchange(paused_, false)) session_->stream().resume();
}

void AdminSession::exit(std::uint32_t status) {
  if (std::exchange(exiting_, true)) return;
  on_exit();
  session_->exit(status);
  resume_input();
  if (session_->stream().backlog() == 0) over();
}

void AdminSession::on_bytes(MutableBytes bytes) {
  if (!exiting_) on_input(text_of(bytes));
}

void AdminSession::on_eof() {
  if (!exiting_) on_input_end();
}

void AdminSession::on_drained() { exiting_ ? over() : on_room(); }

void AdminSession::on_lost(const Error& /*why*/) { over(); }

void AdminSession::over() {
  if (on_over_) std::exchange(on_over_, nullptr)();
}

}  // namespace bastion::admin
