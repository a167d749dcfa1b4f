#include "bastion/connection/remote_command.h"

#include <algorithm>
#include <utility>

namespace bastion::connection {
namespace {

// Enough for what a program says when it gives up, which is the last thing it says.
constexpr std::size_t kLongestError = 4096;

}  // namespace

RemoteCommand::RemoteCommand(std::unique_ptr<LocalChannel> session, std::string command, std::size_t longest)
    : longest_(longest), session_(std::move(session)) {
  session_->read_to(this);
  session_->start({.kind = SessionStart::Kind::command, .words = std::move(command)}, *this);
  session_->end();
}

RemoteCommand::~RemoteCommand() { session_->read_to(nullptr); }

void RemoteCommand::on_bytes(MutableBytes bytes) {
  if (over_.is_set()) return;
  if (bytes.size() > longest_ - outcome_.out.size()) {
    return over_.set(fail("it prints more than {} MiB", longest_ / (1024 * 1024)));
  }
  outcome_.out += text_of(bytes);
}

void RemoteCommand::on_error_bytes(Bytes bytes) {
  outcome_.err += text_of(bytes.last(std::min(bytes.size(), kLongestError)));
  if (outcome_.err.size() > kLongestError) outcome_.err.erase(0, outcome_.err.size() - kLongestError);
}

void RemoteCommand::on_started(bool granted) {
  if (!granted) over_.set(fail("no command may be run there"));
}

void RemoteCommand::on_request(const ChannelRequest& request) {
  if (ended_) return;
  outcome_.status = parse_exit_status(request);
  ended_ = outcome_.status || request.type == "exit-signal";
}

void RemoteCommand::on_lost(const Error& why) {
  if (ended_) return over_.set({});
  over_.set(fail("nobody has said how it ended: {}", why.text));
}

}  // namespace bastion::connection
