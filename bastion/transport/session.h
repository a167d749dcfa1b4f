// One SSH transport over one stream, as the layers above see it: connection-protocol messages in and out. What differs
// between the two roles is in ServerSession and ClientSession.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "bastion/base/byte_stream.h"
#include "bastion/base/packet_sink.h"
#include "bastion/transport/engine.h"
#include "bastion/transport/rekey_budget.h"

namespace bastion::transport {

// RFC 4253 section 11.1.
enum class DisconnectReason : std::uint32_t {
  protocol_error = 2,
  by_application = 11,
};

// How a transport ended.
struct Loss {
  enum class Kind : std::uint8_t {
    peer_left,          // it said SSH_MSG_DISCONNECT
    stream_ended,       // the stream below is gone
    broke_protocol,     // what came cannot be SSH
    nothing_in_common,  // no algorithm of some kind: the text says of which, and what the peer has
  };
  Kind kind = Kind::stream_ended;
  std::string text;  // for the log; it may contain the peer's words
};

class Session : public PacketSink, private ByteStream::Reader, protected Engine::Delegate {
 public:
  // The connection layer above. It must not destroy the session from inside a call: defer_delete() it
  // (Loop::defer_delete).
  class Delegate {
   public:
    // One message, numbers 80 to 100, after authentication. It may be changed in place.
    virtual void on_message(MutableBytes packet) = 0;
    // congested() may have become false.
    virtual void on_drained() = 0;
    // The peer has sent its version line (RFC 4253 section 4.2). Of the server role only.
    virtual void on_version_line() {}
    // Called once, and nothing after it.
    virtual void on_lost(const Loss& loss) = 0;

   protected:
    ~Delegate() = default;
  };

  virtual ~Session();

  // nullptr: what still comes is dropped. The delegate must outlive the session or take itself off.
  void report_to(Delegate* delegate) { delegate_ = delegate; }

  using PacketSink::send;
  void send(Bytes head, Bytes body) override;
  // True while much is unsent or keys are being exchanged: whoever feeds this session is to stop until on_drained().
  [[nodiscard]] bool congested() const override;
  [[nodiscard]] bool rekeying() const { return engine_.rekeying(); }
  [[nodiscard]] std::size_t backlog() const { return stream_->backlog(); }
  // As the stream below has it.
  [[nodiscard]] ByteStream::Delivery delivery() const { return stream_->delivery(); }

  // Stops and goes on reading the stream. A peer that does not read its answers is not read either, whatever is said
  // here.
  void pause();
  void resume();
  [[nodiscard]] bool paused() const { return stopped_; }
  // Whether the peer is not read because it does not read itself.
  [[nodiscard]] bool choked() const { return choked_; }

  // Asked for each key exchange that the peer begins from now on: whether it may. One that may not ends the session.
  void ask_before_rekeying(std::function<bool()> may_rekey) { may_rekey_ = std::move(may_rekey); }

  // Asked from now on before a host key of ours signs for a key exchange, with the algorithm it does that by: whether
  // it may. Where it may not, nothing more is computed for that key exchange, and who was asked ends the session.
  void ask_before_signing(std::function<bool(std::string_view algorithm)> may_sign) { may_sign_ = std::move(may_sign); }

  // Says SSH_MSG_IGNORE (RFC 4253 section 11.2): a sign of life that answers nothing.
  void say_nothing();
  // Says SSH_MSG_DISCONNECT with this text. Nothing is reported any more, and nothing else is said.
  void disconnect(std::string_view text, DisconnectReason reason = DisconnectReason::by_application);

  // Off its stream, for a way to another thread: until it goes on somewhere nothing may be asked of it, but it may die.
  [[nodiscard]] std::unique_ptr<ByteStream> leave_stream();

  // Bytes read so far: a peer that makes this grow is alive.
  [[nodiscard]] std::uint64_t heard() const { return heard_; }
  // Bytes written so far.
  [[nodiscard]] std::uint64_t said() const { return said_; }

 protected:
  // `costliest` is what a key exchange costs this role that is not cheap.
  Session(std::unique_ptr<ByteStream> stream, RekeyBudget::Cost costliest);

  [[nodiscard]] Engine& engine() { return engine_; }
  [[nodiscard]] const Engine& engine() const { return engine_; }
  // Stops and goes on reading the stream for a reason of the role.
  void hold(bool held);
  // Ends the session as if the peer had broken it.
  void lose(const Loss& loss);
  // The same, and tells the peer why.
  void reject(std::string_view text);
  // What is no packet: to a peer that does not speak SSH.
  void write_raw(std::string_view text) { stream_->write(bytes_of(text)); }
  [[nodiscard]] bool over() const { return over_; }
  [[nodiscard]] Delegate* delegate() const { return delegate_; }
  // On another stream, which has the same peer at its other end.
  void go_on(std::unique_ptr<ByteStream> stream);
  // libssh has handled one packet of its own.
  virtual void on_role_step() = 0;
  // A role's own waiting is over too.
  virtual void on_role_lost(const Loss& loss) = 0;

 private:
  void say_disconnect(std::string_view text, DisconnectReason reason);
  [[nodiscard]] MutableBytes space(std::size_t size) final;
  void on_bytes(MutableBytes bytes) final;
  void on_drained() final;
  void on_eof() final;
  void on_lost(const Error& why) final;
  void on_output(Bytes bytes) final;
  MutableBytes prepare_output(std::size_t size) final;
  void commit_output(std::size_t size) final;
  void on_connection_message(MutableBytes packet) final;
  bool on_signature_wanted(std::string_view algorithm) final;
  void on_step() final;
  void limit_rekeys();
  void look_for_failure();
  void limit_answers(std::size_t unread_before);
  void read_or_not();

  std::unique_ptr<ByteStream> stream_;  // nullptr: on its way to another thread
  Engine engine_;
  Delegate* delegate_ = nullptr;
  RekeyBudget rekey_budget_;
  std::function<bool()> may_rekey_;
  std::function<bool(std::string_view)> may_sign_;
  RekeyBudget::Cost costliest_;
  unsigned rekeys_by_peer_ = 0;
  std::uint64_t heard_ = 0;
  std::uint64_t said_ = 0;
  bool paused_ = false;   // by the delegate
  bool choked_ = false;   // because of answers that are not read
  bool held_ = false;     // by the role
  bool stopped_ = false;  // the stream is not read
  bool over_ = false;
};

}  // namespace bastion::transport
