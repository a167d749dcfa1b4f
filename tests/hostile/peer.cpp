#include "tests/hostile/peer.h"

#include <chrono>

#include "bastion/base/wire_format.h"
#include "bastion/loop/timer.h"

namespace bastion::hostile {
namespace {

using namespace connection;

// A flood that was swallowed to this point would be swallowed for ever.
constexpr std::uint64_t kVeryMuch = 24 * 1024 * 1024;
constexpr int kVeryOften = 100'000;
// Said ahead of what the kernel takes.
constexpr std::size_t kAhead = 256 * 1024;
// Nothing moved for so long: nobody takes more.
constexpr std::chrono::milliseconds kStill{400};
// What is not asked for yet; more is dropped, so that this end stays small too.
constexpr std::size_t kMaxUnheard = 10'000;

bool starts_command(const ChannelRequest& request) {
  return request.type == "shell" || request.type == "exec" || request.type == "subsystem";
}

}  // namespace

Peer::Peer(loop::Loop& loop, transport::Session& session, ByteStream& stream, Role role)
    : loop_(loop), session_(session), stream_(stream), role_(role) {
  session_.report_to(this);
}

Peer::~Peer() { session_.report_to(nullptr); }

void Peer::say(const Message& message) {
  if (const auto* request = std::get_if<GlobalRequest>(&message)) answers_owed_ += request->want_reply ? 1 : 0;
  say_bytes(encode(message));
}

void Peer::say_bytes(Bytes message) {
  said_ += message.size();
  session_.send(message);
}

void Peer::stop_listening() {
  listening_ = false;
  session_.pause();
}

Task<> Peer::rest() {
  Event<bool> rested;
  loop::Timer timer(loop_, [&] { rested.set(true); });
  timer.start(kStill);
  session_.pause();
  co_await rested;
  session_.resume();
}

void Peer::on_message(MutableBytes packet) {
  ByteVector copy(packet.begin(), packet.end());
  const auto message = parse(copy);
  if (!message) return;
  if (std::holds_alternative<RequestSuccess>(*message) || std::holds_alternative<RequestFailure>(*message)) {
    answers_owed_ -= answers_owed_ > 0 ? 1 : 0;
  }
  if (heard_.size() < kMaxUnheard) heard_.emplace_back(Heard{std::move(copy), *message});
  wake();
}

void Peer::on_drained() { wake(); }

void Peer::on_lost(const transport::Loss& loss) {
  over_ = true;
  farewell_ = loss.text;
  wake();
}

void Peer::wake() {
  if (auto* waiting = std::exchange(waiting_, nullptr)) waiting->set(true);
}

Task<std::optional<Heard>> Peer::hear() {
  while (heard_.empty() && !over_) {
    Event<bool> something;
    waiting_ = &something;
    co_await something;
  }
  if (heard_.empty()) co_return std::nullopt;
  auto next = std::move(heard_.front());
  heard_.pop_front();
  co_return next;
}

Task<std::optional<std::uint32_t>> Peer::session_running(Terms terms, std::string command) {
  if (role_ == Role::client) co_return co_await open_session(terms, std::move(command));
  co_return co_await confirm_session(terms);
}

Task<std::optional<std::uint32_t>> Peer::open_session(Terms terms, std::string command) {
  say(ChannelOpen{"session", 0, terms.window, terms.max_packet, {}});
  const auto heard = co_await hear_of<ChannelOpenConfirmation>();
  if (!heard) co_return std::nullopt;
  const auto number = std::get<ChannelOpenConfirmation>(heard->message).sender;
  WireWriter payload;
  payload.string(command);
  say(ChannelRequest{number, "exec", true, payload.view()});
  // What answers it depends on the terms: a container may have nothing to say through a window of 0.
  const auto granted = co_await hear_of<ChannelSuccess>();
  if (!granted) co_return std::nullopt;
  co_return number;
}

Task<std::optional<std::uint32_t>> Peer::confirm_session(Terms terms) {
  const auto heard = co_await hear_of<ChannelOpen>();
  if (!heard) co_return std::nullopt;
  const auto number = std::get<ChannelOpen>(heard->message).sender;
  say(ChannelOpenConfirmation{number, 0, terms.window, terms.max_packet, {}});
  while (true) {
    const auto next = co_await hear_of<ChannelRequest>();
    if (!next) co_return std::nullopt;
    const auto& request = std::get<ChannelRequest>(next->message);
    if (request.want_reply) say(ChannelSuccess{number});
    if (starts_command(request)) co_return number;
  }
}

Task<> Peer::settled() {
  if (!listening_) co_return;
  say(GlobalRequest{"keepalive@openssh.com", true, {}});
  while (answers_owed_ > 0 && !over_) {
    const auto next = co_await hear();
    if (!next) co_return;
  }
}

// True: there is room again, or it is over anyway. False: nothing moves.
Task<bool> Peer::taken() {
  Event<bool> moved;
  auto before = session_.backlog();
  loop::Timer timeout(loop_, [&] {
    if (session_.backlog() == before) {
      waiting_ = nullptr;
      return moved.set(false);
    }
    before = session_.backlog();
    timeout.start(kStill);
  });
  timeout.start(kStill);
  waiting_ = &moved;
  co_return co_await moved;
}

Task<> Peer::flood(std::function<void()> once) {
  int times = 0;
  const auto enough = [&] { return over_ || said_ > kVeryMuch || times > kVeryOften; };
  while (!enough()) {
    for (; !enough() && session_.backlog() <= ByteStream::kHighWater + kAhead; ++times) once();
    heard_.clear();
    if (session_.backlog() <= ByteStream::kHighWater) continue;
    const bool moves = co_await taken();
    if (!moves) {
      held_up_ = true;
      co_return;
    }
  }
}

std::string_view Peer::outcome() const {
  if (over_) return "cut off";
  return held_up_ ? "held up" : "heard out";
}

}  // namespace bastion::hostile
