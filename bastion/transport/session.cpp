#include "bastion/transport/session.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "bastion/base/wire_format.h"
#include "bastion/transport/algorithms.h"
#include "bastion/transport/message_numbers.h"

namespace bastion::transport {
namespace {

// A peer may ask for more than it reads: by requests, which no window bounds, and by messages libssh answers itself,
// before authentication too. Beyond this it is not read until it has read.
constexpr std::size_t kUnreadAnswers = 1024 * 1024;
// The same for what waits for the end of a key exchange: then the peer must be read, or that end never comes.
constexpr std::size_t kQueuedAnswers = 8 * 1024 * 1024;

static_assert(PacketSink::kLargestMessage == BASTION_SSH_LARGEST_MESSAGE);

}  // namespace

Session::Session(std::unique_ptr<ByteStream> stream, RekeyBudget::Cost costliest)
    : stream_(std::move(stream)), engine_(*this), costliest_(costliest) {
  stream_->read_to(this);
}

Session::~Session() {
  if (stream_) stream_->read_to(nullptr);
}

std::unique_ptr<ByteStream> Session::leave_stream() {
  stream_->read_to(nullptr);
  engine_.leave_thread();
  return std::move(stream_);
}

void Session::go_on(std::unique_ptr<ByteStream> stream) {
  stream_ = std::move(stream);
  engine_.listen_to_output();
  if (stopped_) stream_->pause();
  stream_->read_to(this);
}

void Session::send(Bytes head, Bytes body) {
  if (!over_) engine_.send(head, body);
}

bool Session::congested() const { return stream_->backlog() > ByteStream::kHighWater || engine_.rekeying(); }

void Session::pause() {
  paused_ = true;
  read_or_not();
}

void Session::resume() {
  paused_ = false;
  read_or_not();
}

void Session::hold(bool held) {
  held_ = held;
  read_or_not();
}

void Session::read_or_not() {
  const bool stop = paused_ || choked_ || held_;
  if (std::exchange(stopped_, stop) == stop) return;
  stop ? stream_->pause() : stream_->resume();
}

void Session::say_disconnect(std::string_view text, DisconnectReason reason) {
  WireWriter message;
  message.u8(kDisconnect).u32(static_cast<std::uint32_t>(reason)).string(text).string(std::string_view{});
  engine_.send(message.view(), {});
}

void Session::disconnect(std::string_view text, DisconnectReason reason) {
  if (over_) return;
  say_disconnect(text, reason);
  over_ = true;
}

void Session::reject(std::string_view text) {
  if (over_) return;
  say_disconnect(text, DisconnectReason::protocol_error);
  lose({Loss::Kind::broke_protocol, std::string(text)});
}

void Session::say_nothing() {
  WireWriter message;
  message.u8(kIgnore).string(std::string_view{});
  send(message.view());
}

MutableBytes Session::space(std::size_t size) { return over_ ? MutableBytes{} : engine_.space(size); }

void Session::on_bytes(MutableBytes bytes) {
  heard_ += bytes.size();
  if (over_) return;
  const bool was_rekeying = engine_.rekeying();
  const auto unread = stream_->backlog();
  engine_.receive(bytes);
  look_for_failure();
  limit_answers(unread);
  if (!over_ && was_rekeying && !engine_.rekeying() && delegate_ != nullptr) delegate_->on_drained();
}

void Session::on_step() {
  limit_rekeys();
  if (!over_) on_role_step();
}

void Session::limit_rekeys() {
  if (std::exchange(rekeys_by_peer_, engine_.rekeys_by_peer()) == engine_.rekeys_by_peer()) return;
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  const auto last = is_cheap(engine_.key_exchange()) ? RekeyBudget::Cost::cheap : costliest_;
  if (!rekey_budget_.take(heard_, said_, last, std::chrono::duration_cast<std::chrono::milliseconds>(now))) {
    return reject("too many key exchanges, with too little between them");
  }
  if (may_rekey_ && !may_rekey_()) reject("too many key exchanges within a minute, over all of your sessions");
}

void Session::look_for_failure() {
  if (over_ || !engine_.failed()) return;
  if (auto unmatched = engine_.unmatched()) return lose({Loss::Kind::nothing_in_common, *std::move(unmatched)});
  lose({engine_.peer_disconnected() ? Loss::Kind::peer_left : Loss::Kind::broke_protocol, engine_.error().text});
}

// `unread_before` is what the peer had not read when the message came that has been answered now.
void Session::limit_answers(std::size_t unread_before) {
  if (over_) return;
  if (engine_.queues_more_than(kQueuedAnswers)) {
    return lose({Loss::Kind::broke_protocol, "it goes on asking instead of exchanging keys"});
  }
  choked_ = stream_->backlog() > std::max(unread_before, kUnreadAnswers);
  read_or_not();
}

void Session::on_drained() {
  choked_ = false;
  read_or_not();
  if (!over_ && delegate_ != nullptr) delegate_->on_drained();
}

// SSH has no half-closed transport.
void Session::on_eof() { lose({Loss::Kind::stream_ended, "the connection was closed"}); }

void Session::on_lost(const Error& why) { lose({Loss::Kind::stream_ended, why.text}); }

void Session::lose(const Loss& loss) {
  if (std::exchange(over_, true)) return;
  on_role_lost(loss);
  if (delegate_ != nullptr) delegate_->on_lost(loss);
}

void Session::on_output(Bytes bytes) {
  said_ += bytes.size();
  stream_->write(bytes);
}

MutableBytes Session::prepare_output(std::size_t size) { return stream_->prepare(size); }

void Session::commit_output(std::size_t size) {
  said_ += size;
  stream_->commit(size);
}

bool Session::on_signature_wanted(std::string_view algorithm) { return !over_ && (!may_sign_ || may_sign_(algorithm)); }

void Session::on_connection_message(MutableBytes packet) {
  if (!over_ && delegate_ != nullptr) delegate_->on_message(packet);
}

}  // namespace bastion::transport
