// An sshd, tied to a stream in memory, that lets everybody in and begins a key exchange whenever it has said so much.
#pragma once

#include <libssh/server.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bastion/base/byte_stream.h"
#include "bastion/transport/engine.h"
#include "bastion/transport/keys.h"
#include "bastion/transport/server_profile.h"

namespace bastion::test {

class RekeyingPeer final : private transport::Engine::Delegate, private ByteStream::Reader {
 public:
  RekeyingPeer(std::unique_ptr<ByteStream> stream, const std::vector<transport::KeyPair>& host_keys,
               const std::string& key_exchange, std::uint64_t rekey_after)
      : stream_(std::move(stream)), profile_(host_keys, key_exchange, "publickey") {
    profile_.accept(engine_.session());
    ssh_options_set(engine_.session(), SSH_OPTIONS_REKEY_DATA, &rekey_after);
    engine_.listen_to_output();
    stream_->read_to(this);
    ssh_handle_key_exchange(engine_.session());
  }

  void send(Bytes message) { engine_.send(message, {}); }
  // How often it has begun a key exchange.
  [[nodiscard]] int rekeys() const { return rekeys_; }
  [[nodiscard]] bool rekeying() const { return engine_.rekeying(); }

 private:
  void on_bytes(MutableBytes bytes) override { engine_.receive(bytes); }
  void on_drained() override {}
  void on_eof() override {}
  void on_lost(const Error& /*why*/) override {}
  void on_output(Bytes bytes) override {
    stream_->write(bytes);
    if (engine_.rekeying() && !std::exchange(was_rekeying_, true)) ++rekeys_;
    was_rekeying_ = engine_.rekeying();
  }
  MutableBytes prepare_output(std::size_t /*size*/) override { return {}; }  // libssh is to decide when keys are due
  void commit_output(std::size_t /*size*/) override {}
  void on_connection_message(MutableBytes /*packet*/) override {}
  bool on_signature_wanted(std::string_view /*algorithm*/) override { return true; }
  bool on_userauth_request(Bytes /*packet*/) override { return false; }
  bool on_userauth_answers(Bytes /*packet*/) override { return false; }
  bool on_userauth_banner(Bytes /*packet*/) override { return false; }
  void on_step() override {
    was_rekeying_ = engine_.rekeying();
    while (auto* message = bastion_ssh_next_message(engine_.session())) {
      if (ssh_message_type(message) == SSH_REQUEST_SERVICE) ssh_message_service_reply_success(message);
      if (ssh_message_type(message) == SSH_REQUEST_AUTH) ssh_message_auth_reply_success(message, 0);
      ssh_message_free(message);
    }
  }

  std::unique_ptr<ByteStream> stream_;
  transport::ServerProfile profile_;
  transport::Engine engine_{*this};
  int rekeys_ = 0;
  bool was_rekeying_ = false;
};

}  // namespace bastion::test
