// One end of an SSH transport that keeps no rule of the connection protocol: it says what a behaviour tells it to say,
// and notices what becomes of it. The same for a client (in front of the bastion) and a container (behind it).
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "bastion/base/byte_stream.h"
#include "bastion/base/task.h"
#include "bastion/connection/message.h"
#include "bastion/loop/loop.h"
#include "bastion/transport/session.h"

namespace bastion::hostile {

enum class Role : std::uint8_t { client, container };

// A message as it came. The views of `message` are into `packet`.
struct Heard {
  ByteVector packet;
  connection::Message message;
};

class Peer final : public transport::Session::Delegate {
 public:
  // What this end promises when a channel is opened.
  struct Terms {
    std::uint32_t window = 2 * 1024 * 1024;
    std::uint32_t max_packet = 32 * 1024;
  };

  // `stream` is the one below `session`; both outlive the peer.
  Peer(loop::Loop& loop, transport::Session& session, ByteStream& stream, Role role);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  [[nodiscard]] Role role() const { return role_; }

  void say(const connection::Message& message);
  // Any message at all, its number first.
  void say_bytes(Bytes message);
  // Bytes that are no packet.
  void spoil(Bytes bytes) { stream_.write(bytes); }
  void stop_listening();
  // Listens to nothing for a while: the other end has much to say at once afterwards.
  Task<> rest();

  // The next message; nothing when the connection is over.
  Task<std::optional<Heard>> hear();
  // The next message of this kind; others are dropped.
  template <typename Kind>
  Task<std::optional<Heard>> hear_of() {
    while (true) {
      auto heard = co_await hear();
      if (!heard || std::holds_alternative<Kind>(heard->message)) co_return heard;
    }
  }

  // A session channel with a running command on it, by the bastion's number: opened as a client does, or confirmed as
  // a container does. Nothing when the connection is over.
  Task<std::optional<std::uint32_t>> session_running(Terms terms, std::string command);
  // Waits until everything said so far has been dealt with: its answer to a last question came, or it hung up.
  Task<> settled();
  // Does `once` again and again, until nobody takes more, the connection is over, or very much was said.
  Task<> flood(std::function<void()> once);

  // How it ended up, in two words for the story: `cut off`, `held up` (nobody takes more), `heard out`.
  [[nodiscard]] std::string_view outcome() const;
  // Why it was cut off, in the transport's words.
  [[nodiscard]] const std::string& farewell() const { return farewell_; }

 private:
  void on_message(MutableBytes packet) override;
  void on_drained() override;
  void on_lost(const transport::Loss& loss) override;
  Task<std::optional<std::uint32_t>> open_session(Terms terms, std::string command);
  Task<std::optional<std::uint32_t>> confirm_session(Terms terms);
  Task<bool> taken();
  void wake();

  loop::Loop& loop_;
  transport::Session& session_;
  ByteStream& stream_;
  Role role_;
  std::deque<std::optional<Heard>> heard_;
  Event<bool>* waiting_ = nullptr;  // for the next message, or for room
  std::uint64_t said_ = 0;
  std::uint64_t answers_owed_ = 0;
  bool listening_ = true;
  bool over_ = false;
  bool held_up_ = false;
  std::string farewell_;
};

}  // namespace bastion::hostile
