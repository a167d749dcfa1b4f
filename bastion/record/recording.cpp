#include "bastion/record/recording.h"

#include <fmt/format.h>

#include <string_view>
#include <tuple>
#include <utility>

#include "bastion/base/match.h"
#include "bastion/record/file_line.h"

namespace bastion::record {
namespace {

using connection::ChannelRequest;
using connection::SessionStart;
using connection::Side;

// What a stranger may have us keep of a command.
constexpr std::size_t kLongestCommand = 4096;
constexpr std::size_t kLongestTerm = 64;

std::string command_of(const SessionStart& start) {
  switch (start.kind) {
    case SessionStart::Kind::shell: return {};
    case SessionStart::Kind::command: return start.words.substr(0, kLongestCommand);
    case SessionStart::Kind::subsystem: return "subsystem " + start.words.substr(0, kLongestCommand);
  }
  return {};
}

}  // namespace

bool is_recorded(RecordPolicy policy, bool has_terminal) {
  return policy == RecordPolicy::all || (policy == RecordPolicy::terminals && has_terminal);
}

Recording::Recording(Recorder& recorder, Plan plan, std::function<std::int64_t()> now)
    : recorder_(recorder), plan_(std::move(plan)), now_(std::move(now)) {}

void Recording::on_message(Side from, const connection::Message& message) {
  std::visit(Match{[&](const connection::ChannelData& data) {
                     on_data(from, data.data, from == Side::user ? Stream::input : Stream::output);
                   },
                   [&](const connection::ChannelExtendedData& data) {
                     on_data(from, data.data, from == Side::user ? Stream::input : Stream::errors);
                   },
                   [&](const ChannelRequest& request) { on_request(from, request); }, [](const auto& /*other*/) {}},
             message);
}

void Recording::on_end() {
  if (files_) files_->end();
  files_.reset();
  track_.reset();
}

void Recording::on_request(Side from, const ChannelRequest& request) {
  if (from == Side::container) {
    if (!track_ || !connection::tells_end(request)) return;
    const auto status = connection::parse_exit_status(request);
    track_->mark(status ? fmt::format("exit status {}", *status)
                        : fmt::format("signal {}", connection::parse_exit_signal(request)));
    return;
  }
  if (request.type == "pty-req") {
    terminal_ = connection::parse_terminal(request).value_or(connection::Terminal{});
    return;
  }
  if (const auto size = connection::parse_window_change(request)) {
    if (track_) track_->resize(size->columns, size->rows);
    if (terminal_) std::tie(terminal_->columns, terminal_->rows) = std::pair(size->columns, size->rows);
    return;
  }
  if (const auto start = connection::parse_start(request)) on_start(*start);
}

// A session may ask for another start when one was not granted, and for any number of them that will not be: it stays
// one recording, in which whatever was recorded of one of them is.
void Recording::on_start(const SessionStart& start) {
  const auto command = plan_.forced ? plan_.forced->substr(0, kLongestCommand) : command_of(start);
  // Of commands that run without a terminal it is known that they ran: what they carry may be anything, and a lot.
  shows_output_ |= terminal_.has_value() || start.kind == SessionStart::Kind::shell;
  if (track_) {
    track_->mark("asked for another start: " + (command.empty() ? "a shell" : command));
  } else if (is_recorded(plan_.policy, terminal_.has_value())) {
    begin(command);
  }
  if (track_) follow_files(start);
}

void Recording::begin(const std::string& command) {
  plan_.subject.number = plan_.number();
  Header header{.at = now_(), .command = command, .terminal = {}, .subject = plan_.subject};
  if (terminal_) {
    header.width = terminal_->columns;
    header.height = terminal_->rows;
    header.terminal = terminal_->type.substr(0, kLongestTerm);
  }
  track_ = recorder_.begin(header);
}

// Whoever is there to speak it is read to the end: a start that is not granted does not begin anew in the middle.
void Recording::follow_files(const SessionStart& start) {
  const auto runs = plan_.forced ? SessionStart{.kind = SessionStart::Kind::command, .words = *plan_.forced} : start;
  if (files_ || !plan_.speaks_sftp || !plan_.speaks_sftp(runs)) return;
  files_ = std::make_unique<sftp::OperationReader>(
      [this](const sftp::Operation& operation) { track_->mark(file_line(operation)); });
}

void Recording::read_files(Side from, Bytes data) {
  if (!files_ || files_->is_lost()) return;
  files_->read(from, data);
  if (files_->is_lost()) track_->mark("sftp: what follows is no SFTP, or none that is read here");
}

void Recording::on_data(Side from, Bytes data, Stream stream) {
  if (!track_) return;
  if (stream != Stream::errors) read_files(from, data);
  if (!shows_output_ || (stream == Stream::input && !plan_.input)) return;
  track_->hear(stream, text_of(data));
}

}  // namespace bastion::record
