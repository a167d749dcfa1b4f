#include "bastion/transport/session.h"

#include <utility>

#include "bastion/base/wire_format.h"

namespace bastion::transport {
namespace {

constexpr std::uint8_t kDisconnect = 1;
constexpr std::uint32_t kByApplication = 11;

}  // namespace

Session::Session(std::unique_ptr<Wire> wire) : wire_(std::move(wire)), engine_(*this) { wire_->read_to(this); }

Session::~Session() { wire_->read_to(nullptr); }

void Session::send(Bytes head, Bytes body) {
  if (!over_) engine_.send(head, body);
}

bool Session::congested() const { return wire_->backlog() > Wire::kHighWater || engine_.rekeying(); }

void Session::pause() {
  if (!std::exchange(paused_, true)) wire_->pause();
}

void Session::resume() {
  if (std::exchange(paused_, false)) wire_->resume();
}

void Session::disconnect(std::string_view text) {
  if (over_) return;
  WireWriter message;
  message.u8(kDisconnect).u32(kByApplication).string(text).string(std::string_view{});
  engine_.send(message.view(), {});
  over_ = true;
}

void Session::on_bytes(MutableBytes bytes) {
  heard_ += bytes.size();
  if (over_) return;
  const bool was_rekeying = engine_.rekeying();
  engine_.receive(bytes);
  look_for_failure();
  if (!over_ && was_rekeying && !engine_.rekeying() && owner_ != nullptr) owner_->on_drained();
}

void Session::look_for_failure() {
  if (over_ || !engine_.failed()) return;
  lose({engine_.peer_disconnected() ? Loss::Kind::peer_left : Loss::Kind::broke_protocol, engine_.error().text});
}

void Session::on_drained() {
  if (!over_ && owner_ != nullptr) owner_->on_drained();
}

void Session::on_lost(const Error& why) { lose({Loss::Kind::stream_ended, why.text}); }

void Session::lose(const Loss& loss) {
  if (std::exchange(over_, true)) return;
  on_role_lost(loss);
  if (owner_ != nullptr) owner_->on_lost(loss);
}

void Session::on_output(Bytes bytes) { wire_->write(bytes); }

void Session::on_connection_message(MutableBytes packet) {
  if (!over_ && owner_ != nullptr) owner_->on_message(packet);
}

}  // namespace bastion::transport
