// A client of one thread that writes before it reads: what it has to say goes out with a blocking write(2), from inside
// the call that handles what came. JSch, sshj, Go's x/crypto/ssh and Paramiko are built like that. Against a server
// that stops reading because it is not read, such a client hangs for ever.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "bastion/base/byte_stream.h"
#include "bastion/base/bytes.h"
#include "bastion/base/result.h"
#include "bastion/base/task.h"
#include "bastion/connection/message.h"
#include "bastion/loop/descriptor.h"
#include "bastion/transport/client_session.h"

namespace bastion::hostile {

class BlockingStream final : public ByteStream {
 public:
  // `socket` is connected and blocks.
  explicit BlockingStream(loop::Descriptor socket) : socket_(std::move(socket)) {}

  void read_to(Reader* reader) override { reader_ = reader; }
  [[nodiscard]] MutableBytes prepare(std::size_t size) override;
  void commit(std::size_t size) override;
  [[nodiscard]] std::size_t backlog() const override { return 0; }
  void end() override;
  void pause() override {}
  void resume() override {}

  // Waits for more and hands it on; false when there is no more.
  bool read_once();

 private:
  loop::Descriptor socket_;
  ByteVector unsent_;
  Reader* reader_ = nullptr;
};

class BlockingClient final : public transport::Session::Delegate {
 public:
  struct Plan {
    enum class Kind : std::uint8_t { command, subsystem, forward };
    Kind kind = Kind::command;
    std::string what{};          // the command, the subsystem's words, or HOST:PORT of a direct-tcpip channel
    std::uint32_t channels = 1;  // all at once
    std::size_t bytes = 0;       // that each of them sends
    std::string text{};          // again and again, until that much is sent
  };
  // Over all channels: what was received, and how many have said that they succeeded. Forwards say nothing.
  struct Outcome {
    std::size_t received = 0;
    std::uint32_t succeeded = 0;
  };

  BlockingClient(loop::Descriptor socket, const std::string& account, Plan plan);
  ~BlockingClient();

  // Logs in and carries the plan out. An error is why the connection ended early.
  Result<Outcome> run(const transport::KeyPair& key);

 private:
  struct Channel {
    std::uint32_t peer = 0;    // what the server calls it
    std::uint32_t window = 0;  // bytes we may still send
    std::uint32_t used = 0;    // received since we last made room
    std::size_t unsent = 0;
    bool said_eof = false;
  };

  void on_message(MutableBytes packet) override;
  void on_drained() override {}
  void on_lost(const transport::Loss& loss) override;
  Task<Result<>> log_in(const transport::KeyPair& key);
  void open_all();
  void start(Channel& channel);
  void receive(Channel& channel, std::size_t size);
  void send_more(Channel& channel);
  void on_request(const connection::ChannelRequest& request);
  void say(const connection::Message& message) { session_.send(connection::encode(message)); }

  Plan plan_;
  std::string block_;  // one packet's worth of the text
  BlockingStream* stream_;
  transport::ClientSession session_;
  std::map<std::uint32_t, Channel> channels_;
  Outcome outcome_;
  std::string why_lost_;
};

}  // namespace bastion::hostile
