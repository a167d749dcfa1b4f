// A command on a backend, as a byte stream: its standard input and output, in a session channel of the hop. What it
// says on standard error, or before SSH begins, and how it ends, is in the text with which the stream is lost.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bastion/base/byte_stream.h"
#include "bastion/connection/local_channel.h"
#include "bastion/loop/timer.h"
#include "bastion/upstream/before_version.h"

namespace bastion::upstream {

class CommandStream final : public ByteStream, private ByteStream::Reader, private connection::LocalChannel::Session {
 public:
  // How long its end of file waits for how it has ended, which comes behind it as a rule.
  static constexpr std::chrono::seconds kEndAfterEof{1};
  // Of what it says, so much is kept; and so much of that is shown.
  static constexpr std::size_t kKept = BeforeVersion::kKept;
  static constexpr std::size_t kShown = 300;

  // Starts the command. `session` is open, and closed with the stream: the command reads an end of file. What does not
  // begin to speak SSH `within` that time is lost. `failed` is called when it ends before that with a status that is no
  // success, and before the stream is lost.
  CommandStream(loop::Loop& loop, std::unique_ptr<connection::LocalChannel> session, std::string command,
                std::string backend, std::chrono::seconds within, std::function<void()> failed = {});
  ~CommandStream() override;

  void read_to(ByteStream::Reader* reader) override;
  [[nodiscard]] MutableBytes prepare(std::size_t size) override { return session_->prepare(size); }
  void commit(std::size_t size) override { session_->commit(size); }
  [[nodiscard]] std::size_t backlog() const override { return session_->backlog(); }
  void end() override { session_->end(); }
  void pause() override { session_->pause(); }
  void resume() override { session_->resume(); }

 private:
  [[nodiscard]] MutableBytes space(std::size_t size) override;
  void on_bytes(MutableBytes bytes) override;
  void on_drained() override;
  void on_eof() override;
  void on_lost(const Error& why) override;
  void on_error_bytes(Bytes bytes) override;
  void on_started(bool granted) override;
  void on_request(const connection::ChannelRequest& request) override;

  void on_bytes_before_version(Bytes bytes);
  void on_end_of_output();
  // `it ended with status 127; it said: …`
  [[nodiscard]] std::string account_of(std::string_view what) const;
  [[nodiscard]] std::string how_it_ended(const Error& why) const;
  void lose(std::string_view what);

  std::string command_;
  std::string backend_;
  std::function<void()> failed_;
  ByteStream::Reader* reader_ = nullptr;
  std::optional<BeforeVersion> before_ = BeforeVersion{};  // nothing: SSH has begun
  std::string said_before_;
  std::string errors_;  // the end of what it said on standard error
  std::optional<std::uint32_t> status_;
  std::string signal_;
  bool lost_ = false;
  loop::Timer deadline_;
  loop::Timer after_eof_;
  std::unique_ptr<connection::LocalChannel> session_;
};

}  // namespace bastion::upstream
