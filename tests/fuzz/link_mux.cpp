// A link against a machine that says anything: it has one forward at a time or none, channels are opened while it has
// one and to what it has asked for, its other wishes are refused in order, and its channels are as those of a hop
// (mux.cpp).
#include "bastion/connection/link_mux.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "tests/fuzz/counted_bytes.h"
#include "tests/fuzz/hop_peer.h"
#include "tests/fuzz/script.h"

namespace bastion::connection {
namespace {

using fuzz::require;

enum class Move : std::uint8_t { open, say, send, write, pause, resume, drop, congest, drain, ping, end };
constexpr std::uint8_t kMoves = 11;
constexpr std::size_t kMaxChannels = 6;

class Conversation final : LinkMux::Delegate {
 public:
  ~Conversation() {
    mux_.lost(Error{"the transport is gone"});
    channels_.clear();
  }

  // False: the machine broke the protocol, and its transport is ended.
  bool play(const fuzz::Step& step) {
    const auto move = static_cast<Move>(step.what % kMoves);
    switch (move) {
      case Move::open: open(); return true;
      case Move::say: return say(ByteVector(step.details.begin(), step.details.end()));
      case Move::send: return send(step);
      case Move::ping: mux_.ping(); return true;
      case Move::congest: peer_.congest(true); return true;
      case Move::drain:
        peer_.congest(false);
        mux_.drained();
        return true;
      default: break;
    }
    if (!channels_.empty()) touch(move, step);
    return true;
  }

 private:
  struct Held {
    std::unique_ptr<fuzz::CountedReader> reader;
    std::unique_ptr<LocalChannel> channel;
  };

  void on_forward(bool is_there) override {
    require(is_there != std::exchange(has_forward_, is_there), "a forward comes and goes in turn");
  }
  void on_refused(std::string_view /*what*/) override {}
  std::optional<ByteVector> prove_host_keys(Bytes request) override {
    return request.empty() ? std::nullopt : std::optional(ByteVector(8, 'p'));
  }

  void open() {
    if (channels_.size() == kMaxChannels) return;
    auto channel = mux_.open();
    require((channel != nullptr) == has_forward_, "there is a channel where there is a forward");
    if (!channel) return;
    auto& held = channels_.emplace_back(std::make_unique<fuzz::CountedReader>(), std::move(channel));
    held.channel->read_to(held.reader.get());
    sent_.push_back(0);
  }

  void touch(Move move, const fuzz::Step& step) {
    const auto which = step.number(0) % channels_.size();
    auto& channel = *channels_[which].channel;
    switch (move) {
      case Move::write: channel.write(ByteVector(1 + step.number(1) * step.number(2), 'w')); break;
      case Move::end: channel.end(); break;
      case Move::pause: channel.pause(); break;
      case Move::resume: channel.resume(); break;
      case Move::drop: channels_.erase(channels_.begin() + static_cast<std::ptrdiff_t>(which)); break;
      default: break;
    }
  }

  bool say(ByteVector packet) {
    const auto message = parse(packet);
    if (message) {
      if (std::holds_alternative<ChannelData>(*message)) return true;  // send() does that, with bytes that are counted
      peer_.says(*message);
    }
    return hears(packet);
  }

  // Much data in few bytes of input.
  bool send(const fuzz::Step& step) {
    if (sent_.empty()) return true;
    const auto to = step.number(0) % sent_.size();
    auto next = sent_[to];
    const auto data = fuzz::counted_bytes(next, 1 + step.number(1) * step.number(2));
    const Message message = ChannelData{static_cast<std::uint32_t>(to), data};
    peer_.says(message);
    const bool is_heard = peer_.has_confirmed(message);
    if (!hears(encode(message))) return false;
    if (is_heard) sent_[to] = next;
    return true;
  }

  bool hears(ByteVector packet) {
    const auto received = mux_.receive(packet);
    require(mux_.has_forward() == has_forward_, "of a forward everybody hears");
    return received.has_value();
  }

  HopPeer peer_{true};
  LinkMux mux_{peer_, *this};
  bool has_forward_ = false;
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
