#include "bastion/transport/engine.h"

#include <fmt/format.h>
#include <libssh/server.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "bastion/base/contained.h"
#include "bastion/base/printable.h"
#include "bastion/transport/message_numbers.h"

namespace bastion::transport {
namespace {

// What is added to a packet whose size is not known yet: a cipher block, at most.
constexpr std::size_t kSmallest = 16;
// Connection messages taken in the middle of one key exchange; their answers wait in memory until it is over. A window
// of 2 MiB is used up by much fewer packets.
constexpr unsigned kStrays = 1024;

// libssh names the socket it writes to and nothing else; sessions belong to one thread each. What is sealed (see
// seal()) does not come this way.
thread_local std::unordered_map<const void*, Engine::Delegate*> outputs;

}  // namespace

// Stands in for libssh's ssh_socket_write(); see libssh_private.h. The name is the linker's.
// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" int __wrap_ssh_socket_write(void* socket, const void* data, std::uint32_t size);
extern "C" int __wrap_ssh_socket_write(void* socket, const void* data, std::uint32_t size) {
  if (const auto found = outputs.find(socket); found != outputs.end()) {
    const bool taken =
        contained("a transport", [&] { found->second->on_output({static_cast<const std::uint8_t*>(data), size}); });
    if (!taken) return SSH_ERROR;
  }
  return SSH_OK;
}
// NOLINTEND(bugprone-reserved-identifier)

Engine::Engine(Delegate& delegate) : delegate_(delegate), session_(ssh_new()) {
  if (!session_) throw std::bad_alloc();
  ssh_set_blocking(session_.get(), 0);
  ssh_options_set(session_.get(), SSH_OPTIONS_COMPRESSION, "no");

  static std::array<ssh_packet_callback, kConnectionMessages> connection_table = [] {
    std::array<ssh_packet_callback, kConnectionMessages> table{};
    table.fill(&Engine::on_connection);
    return table;
  }();
  static std::array<ssh_packet_callback, 1> userauth_table{&Engine::on_userauth};
  static std::array<ssh_packet_callback, 1> answers_table{&Engine::on_answers};
  static std::array<ssh_packet_callback, 1> banner_table{&Engine::on_banner};
  static std::array<ssh_packet_callback, 1> kexinit_table{&Engine::on_kexinit};
  static std::array<ssh_packet_callback, 1> kexdh_init_table{&Engine::on_kexdh_init};
  static std::array<ssh_packet_callback, 1> newkeys_table{&Engine::on_newkeys};
  static std::array<ssh_packet_callback, 1> disconnect_table{&Engine::on_disconnect};
  connection_handlers_ = {kFirstConnectionMessage, kConnectionMessages, connection_table.data(), this};
  userauth_handlers_ = {kUserauthRequest, 1, userauth_table.data(), this};
  answers_handlers_ = {kUserauthInfoResponse, 1, answers_table.data(), this};
  banner_handlers_ = {kUserauthBanner, 1, banner_table.data(), this};
  kexinit_handlers_ = {kKexinit, 1, kexinit_table.data(), this};
  kexdh_init_handlers_ = {kKexdhInit, 1, kexdh_init_table.data(), this};
  newkeys_handlers_ = {kNewkeys, 1, newkeys_table.data(), this};
  disconnect_handlers_ = {kDisconnect, 1, disconnect_table.data(), this};
  bastion_ssh_set_handlers(session_.get(), &disconnect_handlers_);
  bastion_ssh_set_handlers(session_.get(), &kexinit_handlers_);
  bastion_ssh_set_handlers(session_.get(), &kexdh_init_handlers_);
  bastion_ssh_set_handlers(session_.get(), &newkeys_handlers_);
  bastion_ssh_set_handlers(session_.get(), &connection_handlers_);
  bastion_ssh_set_handlers(session_.get(), &userauth_handlers_);
  bastion_ssh_set_handlers(session_.get(), &answers_handlers_);
  bastion_ssh_set_handlers(session_.get(), &banner_handlers_);
}

Engine::~Engine() { leave_thread(); }

void Engine::leave_thread() { outputs.erase(socket_); }

void Engine::listen_to_output() {
  socket_ = bastion_ssh_socket(session_.get());
  outputs[socket_] = &delegate_;
}

// From inside libssh, which is C: what is thrown waits until that has returned.
template <typename Call>
void Engine::call(Call call) noexcept {
  try {
    call(delegate_);
  } catch (...) {
    thrown_ = std::current_exception();
  }
}

int Engine::on_connection(ssh_session session, std::uint8_t /*type*/, ssh_buffer packet, void* engine) {
  std::size_t size = 0;
  auto& self = *static_cast<Engine*>(engine);
  auto* const bytes = bastion_ssh_connection_message(session, packet, self.packet_, &size);
  self.call([&](Delegate& delegate) { delegate.on_connection_message({bytes, size}); });
  return SSH_PACKET_USED;
}

int Engine::on_userauth(ssh_session /*session*/, std::uint8_t /*type*/, ssh_buffer packet, void* engine) {
  std::size_t size = 0;
  const auto* bytes = bastion_ssh_packet(packet, &size);
  bool taken = true;
  static_cast<Engine*>(engine)->call([&](Delegate& delegate) { taken = delegate.on_userauth_request({bytes, size}); });
  return taken ? SSH_PACKET_USED : SSH_PACKET_NOT_USED;
}

int Engine::on_answers(ssh_session /*session*/, std::uint8_t /*type*/, ssh_buffer packet, void* engine) {
  std::size_t size = 0;
  const auto* bytes = bastion_ssh_packet(packet, &size);
  bool taken = true;
  static_cast<Engine*>(engine)->call([&](Delegate& delegate) { taken = delegate.on_userauth_answers({bytes, size}); });
  return taken ? SSH_PACKET_USED : SSH_PACKET_NOT_USED;
}

int Engine::on_banner(ssh_session /*session*/, std::uint8_t /*type*/, ssh_buffer packet, void* engine) {
  std::size_t size = 0;
  const auto* bytes = bastion_ssh_packet(packet, &size);
  bool taken = true;
  static_cast<Engine*>(engine)->call([&](Delegate& delegate) { taken = delegate.on_userauth_banner({bytes, size}); });
  return taken ? SSH_PACKET_USED : SSH_PACKET_NOT_USED;
}

int Engine::on_kexinit(ssh_session session, std::uint8_t /*type*/, ssh_buffer /*packet*/, void* engine) {
  if (bastion_ssh_may_be_asked_for_keys(session)) ++static_cast<Engine*>(engine)->rekeys_by_peer_;
  return SSH_PACKET_NOT_USED;
}

int Engine::on_kexdh_init(ssh_session session, std::uint8_t /*type*/, ssh_buffer /*packet*/, void* engine) {
  const char* const algorithm = bastion_ssh_signature_wanted(session);
  if (algorithm == nullptr) return SSH_PACKET_NOT_USED;
  bool may_sign = true;
  static_cast<Engine*>(engine)->call([&](Delegate& delegate) { may_sign = delegate.on_signature_wanted(algorithm); });
  return may_sign ? SSH_PACKET_NOT_USED : SSH_PACKET_USED;
}

int Engine::on_newkeys(ssh_session session, std::uint8_t /*type*/, ssh_buffer /*packet*/, void* engine) {
  auto& self = *static_cast<Engine*>(engine);
  const std::uint8_t* signature = nullptr;
  const auto size = bastion_ssh_host_signature(session, &signature);
  if (self.host_signature_.empty()) {
    self.call([&](Delegate&) { self.host_signature_.assign(signature, signature + size); });
  }
  return SSH_PACKET_NOT_USED;
}

int Engine::on_disconnect(ssh_session /*session*/, std::uint8_t /*type*/, ssh_buffer /*packet*/, void* engine) {
  static_cast<Engine*>(engine)->peer_disconnected_ = true;
  return SSH_PACKET_NOT_USED;
}

void Engine::receive(MutableBytes bytes) {
  if (received_.has_prepared(bytes)) {
    received_.commit(bytes.size());
    return handle_received();
  }
  // Only what makes the waiting packet whole is put behind it; what follows is handled where it is.
  while (!received_.empty() && !bytes.empty()) {
    const auto piece = bytes.first(std::min(missing(), bytes.size()));
    received_.append(piece);
    bytes = bytes.subspan(piece.size());
    handle_received();
  }
  while (!failed() && !bytes.empty()) {
    const auto taken = handle_packet(bytes);
    bytes = bytes.subspan(taken);
    after_packet();
    if (taken == 0) break;
  }
  if (!failed()) received_.append(bytes);
}

void Engine::handle_received() {
  while (!failed() && !received_.empty()) {
    const auto taken = handle_packet(received_.front());
    received_.take(taken);
    after_packet();
    if (taken == 0) break;
  }
  if (failed()) received_.clear();
  received_.settle();
}

// The packet at the front; returns its size, or 0 when it is not whole.
std::size_t Engine::handle_packet(MutableBytes bytes) {
  if (!rekeying()) strays_ = kStrays;
  packet_ = bytes.data();
  const bool awaits_version = bastion_ssh_awaits_version(session_.get());
  const auto taken = bastion_ssh_receive(session_.get(), bytes.data(), bytes.size(), &strays_);
  failed_at_version_ |= awaits_version && failed();
  return std::min(taken, bytes.size());
}

void Engine::after_packet() {
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  delegate_.on_step();
}

std::size_t Engine::missing() const {
  const auto packet = bastion_ssh_packet_size(session_.get());
  return packet > received_.size() ? packet - received_.size() : kSmallest;
}

void Engine::send(Bytes head, Bytes body) {
  if (failed() || seal(head, body)) return;
  const auto sent = bastion_ssh_send(session_.get(), head.data(), head.size(), body.data(), body.size());
  if (sent == BASTION_SSH_QUEUED) queued_ += head.size() + body.size() + BASTION_SSH_QUEUED_OVERHEAD;
}

// Where it can be, a message is encrypted in the place it will be sent from. False: nothing was done.
bool Engine::seal(Bytes head, Bytes body) {
  if (head.empty() || head.front() < kFirstConnectionMessage) return false;
  const auto size = bastion_ssh_sealed_size(session_.get(), head.size() + body.size());
  if (size == 0) return false;
  const auto room = delegate_.prepare_output(size);
  if (room.empty()) return false;
  if (bastion_ssh_seal(session_.get(), room.data(), size, head.data(), head.size(), body.data(), body.size())) {
    delegate_.commit_output(size);
  }
  return true;
}

bool Engine::failed() const { return bastion_ssh_failed(session_.get()); }

bool Engine::rekeying() const { return bastion_ssh_rekeying(session_.get()); }

std::string_view Engine::key_exchange() const {
  const char* const name = ssh_get_kex_algo(session_.get());
  return name == nullptr ? "" : name;
}

bool Engine::queues_more_than(std::size_t limit) {
  if (queued_ <= limit) return false;
  queued_ = bastion_ssh_queued(session_.get());
  return queued_ > limit;
}

std::optional<std::string> Engine::unmatched() const {
  constexpr std::size_t kMost = 1024;
  const char* offered = nullptr;
  const char* const kind = bastion_ssh_unmatched(session_.get(), &offered);
  if (kind == nullptr) return std::nullopt;
  return fmt::format("no {} in common; it offers {}", kind, printable_on_one_line(offered, kMost));
}

Error Engine::error() const { return Error{ssh_get_error(session_.get())}; }

}  // namespace bastion::transport
