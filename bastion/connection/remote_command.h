// A command that the bastion itself has run at the other end of a hop: in a session of its own there (RFC 4254 section
// 6.5), without a terminal and with nothing on standard input.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "bastion/base/task.h"
#include "bastion/connection/local_channel.h"

namespace bastion::connection {

class RemoteCommand final : private ByteStream::Reader, private LocalChannel::Session {
 public:
  struct Outcome {
    std::string out;
    std::string err;                                     // the end of it
    std::optional<std::uint32_t> status = std::nullopt;  // nothing: a signal has ended it
  };

  // `session` is open. More than `longest` bytes of output are an error.
  RemoteCommand(std::unique_ptr<LocalChannel> session, std::string command, std::size_t longest);
  // Hangs up on what still runs. Not from inside over(): defer_delete() it.
  ~RemoteCommand();
  RemoteCommand(const RemoteCommand&) = delete;
  RemoteCommand& operator=(const RemoteCommand&) = delete;

  // The error is why nothing can be said of it: it was not begun, or nobody has said how it ended.
  [[nodiscard]] Event<Result<>>& over() { return over_; }
  // Once it is over. Where that is an error, it is whatever came until then.
  [[nodiscard]] Outcome take() { return std::move(outcome_); }

 private:
  void on_bytes(MutableBytes bytes) override;
  void on_drained() override {}
  void on_eof() override {}
  void on_lost(const Error& why) override;
  void on_error_bytes(Bytes bytes) override;
  void on_started(bool granted) override;
  void on_request(const ChannelRequest& request) override;

  std::size_t longest_;
  Outcome outcome_;
  bool ended_ = false;  // it has been said how
  Event<Result<>> over_;
  std::unique_ptr<LocalChannel> session_;
};

}  // namespace bastion::connection
