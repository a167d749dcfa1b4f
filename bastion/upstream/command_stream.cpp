#include "bastion/upstream/command_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bastion/base/log.h"
#include "bastion/base/printable.h"
#include "bastion/connection/session_start.h"

namespace bastion::upstream {

using connection::LocalChannel;
using connection::SessionStart;

namespace {

constexpr std::size_t kLongestSignal = 32;

}  // namespace

CommandStream::CommandStream(loop::Loop& loop, std::unique_ptr<LocalChannel> session, std::string command,
                             std::string backend, std::chrono::seconds within, std::function<void()> failed)
    : command_(std::move(command)),
      backend_(std::move(backend)),
      failed_(std::move(failed)),
      deadline_(loop, [this, within] { lose(fmt::format("has not begun to speak SSH within {} s", within.count())); }),
      after_eof_(loop, [this] { on_end_of_output(); }),
      session_(std::move(session)) {
  deadline_.start(within);
  session_->start({.kind = SessionStart::Kind::command, .words = command_}, *this);
}

CommandStream::~CommandStream() { session_->read_to(nullptr); }

void CommandStream::read_to(ByteStream::Reader* reader) {
  reader_ = reader;
  session_->read_to(reader != nullptr ? this : nullptr);
}

MutableBytes CommandStream::space(std::size_t size) {
  return before_ || lost_ || reader_ == nullptr ? MutableBytes{} : reader_->space(size);
}

void CommandStream::on_bytes(MutableBytes bytes) {
  if (lost_ || reader_ == nullptr) return;
  if (!before_) return reader_->on_bytes(bytes);
  on_bytes_before_version(bytes);
}

void CommandStream::on_bytes_before_version(Bytes bytes) {
  auto begun = before_->take(bytes);
  said_before_ = before_->said();
  if (!begun) {
    if (before_->is_too_much()) lose("prints much, and none of it is SSH");
    return;
  }
  before_.reset();
  deadline_.stop();
  if (!said_before_.empty()) {
    log::info("command says something before SSH backend={} command={:?} text={:?}", backend_, command_,
              printable_on_one_line(said_before_, kShown));
  }
  reader_->on_bytes(*begun);
}

void CommandStream::on_drained() {
  if (reader_ != nullptr && !lost_) reader_->on_drained();
}

// The status comes behind it, or before: whoever reads the end of file would not wait for that.
void CommandStream::on_eof() { after_eof_.start(kEndAfterEof); }

void CommandStream::on_end_of_output() {
  if (before_) return lose("has closed its output and goes on");
  if (reader_ != nullptr && !lost_) reader_->on_eof();
}

void CommandStream::on_lost(const Error& why) { lose(how_it_ended(why)); }

void CommandStream::on_error_bytes(Bytes bytes) {
  errors_ += text_of(bytes.last(std::min(bytes.size(), kKept)));
  if (errors_.size() > kKept) errors_.erase(0, errors_.size() - kKept);
}

void CommandStream::on_started(bool granted) {
  if (!granted) lose("is not allowed there");
}

void CommandStream::on_request(const connection::ChannelRequest& request) {
  if (const auto status = parse_exit_status(request)) status_ = status;
  if (request.type == "exit-signal") signal_ = printable_on_one_line(parse_exit_signal(request), kLongestSignal);
}

std::string CommandStream::how_it_ended(const Error& why) const {
  if (!signal_.empty()) return "was killed by SIG" + signal_;
  if (status_) return fmt::format("ended with status {}", *status_);
  return "was lost: " + why.text;
}

std::string CommandStream::account_of(std::string_view what) const {
  // Standard error, or where nothing is said there what stands in the place of SSH: some say everything on standard
  // output.
  const auto& said = errors_.find_first_not_of(" \t\r\n") != std::string::npos ? errors_ : said_before_;
  const auto end = std::string_view(said).substr(said.size() - std::min(said.size(), kShown));
  auto text = fmt::format("`{}` on backend {} {}", printable_on_one_line(command_, kShown), backend_, what);
  if (const auto line = printable_on_one_line(end, kShown); !line.empty()) text += "; it said: " + line;
  return text;
}

void CommandStream::lose(std::string_view what) {
  if (std::exchange(lost_, true)) return;
  deadline_.stop();
  after_eof_.stop();
  const auto account = account_of(what);
  if (before_) log::info("command failed why={:?}", account);
  if (before_ && failed_ && status_.value_or(0) != 0) failed_();
  if (reader_ != nullptr) std::exchange(reader_, nullptr)->on_lost(Error{account});
}

}  // namespace bastion::upstream
