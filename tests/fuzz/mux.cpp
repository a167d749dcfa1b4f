// A hop's channels against a backend that says anything: we keep to its windows and to ours, answer what is asked and
// nothing else, lose no byte and make up none, and a lost transport ends every channel once.
#include "bastion/connection/mux.h"

#include <array>
#include <vector>

#include "bastion/base/wire_format.h"
#include "bastion/connection/remote_command.h"
#include "tests/fuzz/counted_bytes.h"
#include "tests/fuzz/hop_peer.h"
#include "tests/fuzz/script.h"

namespace bastion::connection {
namespace {

using fuzz::require;

enum class Move : std::uint8_t { open, say, send, write, pause, resume, drop, congest, drain, ping, end };
constexpr std::uint8_t kMoves = 11;
constexpr std::size_t kMaxChannels = 6;
constexpr std::size_t kLongestOutput = 100'000;

class Conversation {
 public:
  ~Conversation() {
    mux_.lost(Error{"the transport is gone"});
    channels_.clear();
    require(mux_.holders() == 0, "nothing is left");
  }

  // False: the backend broke the protocol, and its transport is ended.
  bool play(const fuzz::Step& step) {
    switch (static_cast<Move>(step.what % kMoves)) {
      case Move::open: open(step.number(0) % 2 == 1); return true;
      case Move::say: return say(ByteVector(step.details.begin(), step.details.end()));
      case Move::send: return send(step);
      default: break;
    }
    if (step.what % kMoves == static_cast<std::uint8_t>(Move::ping)) mux_.ping();
    if (step.what % kMoves == static_cast<std::uint8_t>(Move::congest)) peer_.congest(true);
    if (step.what % kMoves == static_cast<std::uint8_t>(Move::drain)) drain();
    if (!channels_.empty()) touch(step, step.number(0) % channels_.size());
    return true;
  }

 private:
  struct Held {
    std::unique_ptr<fuzz::CountedReader> reader;
    std::unique_ptr<LocalChannel> channel;  // gone once there is a command
    bool is_session = false;
    std::unique_ptr<RemoteCommand> command = nullptr;
  };

  void open(bool session) {
    if (channels_.size() == kMaxChannels) return;
    auto channel = session ? mux_.open_session() : mux_.open_direct_tcpip("10.0.3.100", 22);
    auto& held = channels_.emplace_back(std::make_unique<fuzz::CountedReader>(), std::move(channel), session);
    held.channel->read_to(held.reader.get());
    sent_.push_back(0);
  }

  void touch(const fuzz::Step& step, std::size_t which) {
    auto& held = channels_[which];
    if (held.is_session) return touch_session(step, which);
    switch (static_cast<Move>(step.what % kMoves)) {
      case Move::write: held.channel->write(ByteVector(1 + step.number(1) * step.number(2), 'w')); break;
      case Move::end: held.channel->end(); break;
      case Move::pause: held.channel->pause(); break;
      case Move::resume: held.channel->resume(); break;
      case Move::drop: channels_.erase(channels_.begin() + static_cast<std::ptrdiff_t>(which)); break;
      default: break;
    }
  }

  // What may be written there is a command.
  void touch_session(const fuzz::Step& step, std::size_t which) {
    auto& held = channels_[which];
    const auto move = static_cast<Move>(step.what % kMoves);
    if (move == Move::drop) channels_.erase(channels_.begin() + static_cast<std::ptrdiff_t>(which));
    if (move != Move::write || held.command || !held.channel->peer_number()) return;
    held.command = std::make_unique<RemoteCommand>(std::move(held.channel), "incus list", kLongestOutput);
  }

  void drain() {
    peer_.congest(false);
    mux_.drained();
  }

  bool say(ByteVector packet) {
    const auto message = parse(packet);
    if (message) {
      if (std::holds_alternative<ChannelData>(*message)) return true;  // send() does that, with bytes that are counted
      peer_.says(*message);
    }
    return mux_.receive(packet).has_value();
  }

  // Much data in few bytes of input.
  bool send(const fuzz::Step& step) {
    if (sent_.empty()) return true;
    const auto to = step.number(0) % sent_.size();
    auto next = sent_[to];
    const auto data = fuzz::counted_bytes(next, 1 + step.number(1) * step.number(2));
    const Message message = ChannelData{static_cast<std::uint32_t>(to), data};
    peer_.says(message);
    auto packet = encode(message);
    const bool is_heard = peer_.has_confirmed(message);
    if (!mux_.receive(packet)) return false;
    if (is_heard) sent_[to] = next;
    return true;
  }

  HopPeer peer_;
  Mux mux_{peer_};
  std::vector<Held> channels_;
  std::vector<std::uint64_t> sent_;  // by our number
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Conversation conversation;
  fuzz::Script script({data, size});
  while (const auto step = script.next()) {
    if (!conversation.play(*step)) break;
  }
  return 0;
}

}  // namespace bastion::connection
