// libssh as a machine that turns bytes into bytes: key exchange, ciphers, packets, authentication, and no I/O at all.
// One engine is one SSH transport in either role. Private to bastion/transport.
#pragma once

#include <array>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bastion/base/byte_queue.h"
#include "bastion/base/bytes.h"
#include "bastion/base/result.h"
#include "bastion/transport/libssh_private.h"

namespace bastion::transport {

class Engine {
 public:
  // Calls come from inside receive() and send(); the engine must not be destroyed from inside them.
  class Delegate {
   public:
    // Encrypted bytes for the stream below.
    virtual void on_output(Bytes bytes) = 0;
    // Room in that stream for so many bytes, and that they are there: as ByteStream has it.
    virtual MutableBytes prepare_output(std::size_t size) = 0;
    virtual void commit_output(std::size_t size) = 0;
    // A connection-protocol message (numbers 80 to 100), whole; it may be changed in place.
    virtual void on_connection_message(MutableBytes packet) = 0;
    // A KEXDH_INIT, before the host key signs for it by this algorithm: whether it may. Otherwise libssh does not see
    // the message. The server role only.
    virtual bool on_signature_wanted(std::string_view algorithm) = 0;
    // A USERAUTH_REQUEST, before libssh judges it: whether it is taken, so that libssh does not. The server role only.
    virtual bool on_userauth_request(Bytes packet) = 0;
    // A USERAUTH_INFO_RESPONSE (RFC 4256), the same way, where one is expected (bastion_ssh_expect_answers()). The
    // server role only.
    virtual bool on_userauth_answers(Bytes packet) = 0;
    // A USERAUTH_BANNER, the same way. The client role only.
    virtual bool on_userauth_banner(Bytes packet) = 0;
    // libssh has handled one packet of its own: see what that changed.
    virtual void on_step() = 0;

   protected:
    ~Delegate() = default;
  };

  explicit Engine(Delegate& delegate);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  [[nodiscard]] ssh_session session() const { return session_.get(); }
  // Call once libssh has made the socket it will use: after ssh_bind_accept_fd() or before ssh_connect().
  void listen_to_output();
  // On the way to another thread, which is to listen again: what libssh writes is found by thread.
  void leave_thread();

  // Where the next bytes may be put for receive(), so that they need not be copied when a packet is not whole yet.
  [[nodiscard]] MutableBytes space(std::size_t size) { return received_.prepare(size); }
  void receive(MutableBytes bytes);
  void send(Bytes head, Bytes body);
  [[nodiscard]] bool failed() const;
  [[nodiscard]] bool rekeying() const;
  // Whether more than this waits for the end of a key exchange, in bytes of memory.
  [[nodiscard]] bool queues_more_than(std::size_t limit);
  // How many key exchanges the peer has begun behind the first one.
  [[nodiscard]] unsigned rekeys_by_peer() const { return rekeys_by_peer_; }
  // The method of the last one that is over, by its name.
  [[nodiscard]] std::string_view key_exchange() const;
  // The peer said SSH_MSG_DISCONNECT.
  [[nodiscard]] bool peer_disconnected() const { return peer_disconnected_; }
  // What there is not in common, where that is why it failed: a kind of algorithm, and what the peer has of it.
  [[nodiscard]] std::optional<std::string> unmatched() const;
  // It failed because the first line that came is no version of SSH, or of none that we speak.
  [[nodiscard]] bool failed_at_version() const { return failed_at_version_; }
  // The client role, behind the first key exchange: the host key's signature over its hash (RFC 4253 section 8).
  [[nodiscard]] Bytes host_signature() const { return host_signature_; }
  // Why it failed, in libssh's words: for the log, not for users.
  [[nodiscard]] Error error() const;

 private:
  struct FreeSession {
    void operator()(ssh_session session) const { ssh_free(session); }
  };

  static int on_connection(ssh_session session, std::uint8_t type, ssh_buffer packet, void* engine);
  static int on_userauth(ssh_session session, std::uint8_t type, ssh_buffer packet, void* engine);
  static int on_answers(ssh_session session, std::uint8_t type, ssh_buffer packet, void* engine);
  static int on_banner(ssh_session session, std::uint8_t type, ssh_buffer packet, void* engine);
  static int on_kexinit(ssh_session session, std::uint8_t type, ssh_buffer packet, void* engine);
  static int on_kexdh_init(ssh_session session, std::uint8_t type, ssh_buffer packet, void* engine);
  static int on_newkeys(ssh_session session, std::uint8_t type, ssh_buffer packet, void* engine);
  static int on_disconnect(ssh_session session, std::uint8_t type, ssh_buffer packet, void* engine);
  template <typename Call>
  void call(Call call) noexcept;
  bool seal(Bytes head, Bytes body);
  [[nodiscard]] std::size_t missing() const;
  void handle_received();
  std::size_t handle_packet(MutableBytes bytes);
  void after_packet();

  Delegate& delegate_;
  std::unique_ptr<ssh_session_struct, FreeSession> session_;
  void* socket_ = nullptr;
  ssh_packet_callbacks_struct connection_handlers_{};
  ssh_packet_callbacks_struct userauth_handlers_{};
  ssh_packet_callbacks_struct answers_handlers_{};
  ssh_packet_callbacks_struct banner_handlers_{};
  ssh_packet_callbacks_struct kexinit_handlers_{};
  ssh_packet_callbacks_struct kexdh_init_handlers_{};
  ssh_packet_callbacks_struct newkeys_handlers_{};
  ssh_packet_callbacks_struct disconnect_handlers_{};
  unsigned rekeys_by_peer_ = 0;
  bool peer_disconnected_ = false;
  bool failed_at_version_ = false;
  unsigned strays_ = 0;             // how many more messages are taken in this key exchange
  ByteQueue received_;              // what is not handled yet: most often the front of a packet that is not whole
  std::uint8_t* packet_ = nullptr;  // the one that is handled, as it was received
  std::size_t queued_ = 0;          // bytes of memory that were queued, and may have left since
  ByteVector host_signature_;
  std::exception_ptr thrown_;
};

}  // namespace bastion::transport
