// One conversation through a relay: a user, containers that come and go, and the bastion's own channels between them,
// in any order, saying anything. Each end judges what it hears (end_of_relay.h); beyond that little memory is held,
// the user gets as many replies as she is owed, and when everything has been refused and she has closed her channels
// none is left.
#include "bastion/connection/relay.h"

#include <sanitizer/allocator_interface.h>

#include <memory>
#include <vector>

#include "tests/fuzz/end_of_relay.h"
#include "tests/fuzz/script.h"

namespace bastion::connection {
namespace {

using fuzz::require;

enum class Move : std::uint8_t {
  user_says,
  container_says,
  user_sends,
  container_sends,
  container_comes,
  container_goes,
  refuse,
  say,
  decide,
  answer_offer,
  touch_local,
  congest,
  ping,
};
constexpr std::uint8_t kMoves = 13;

// What one login may make the bastion hold: what waits for a container or a window, tables, and its own channels.
constexpr std::size_t kMostHeld = 8 * 1024 * 1024;
constexpr std::size_t kMaxLocal = 4;
constexpr std::uint32_t kStatus = 255;

struct Leg final : ByteStream::Reader {
  void on_bytes(MutableBytes /*bytes*/) override { require(!eof && !lost, "nothing comes after the end"); }
  void on_drained() override {}
  void on_eof() override { require(!lost && !std::exchange(eof, true), "a channel has one end of file"); }
  void on_lost(const Error& /*why*/) override { require(!std::exchange(lost, true), "a channel ends once"); }
  bool eof = false;
  bool lost = false;
};

struct Watcher final : ChannelObserver {
  ~Watcher() override { require(ended, "an observer hears the end"); }
  void on_message(Side /*from*/, const Message& /*message*/) override { require(!ended, "and nothing after it"); }
  void on_end() override { require(!std::exchange(ended, true), "an observation ends once"); }
  bool ended = false;
};

// Keeps back the last byte of each message, and breaks off at a zero.
struct Sieve final : ChannelFilter {
  Result<Passed> pass(Side from, MutableBytes data) override {
    require(!data.empty(), "a filter is asked for data");
    if (data.front() == 0) return fail("no zero");
    auto& kept = from == Side::user ? from_user : from_container;
    return Passed{.before = std::exchange(kept, {data.back()}), .rest = data.first(data.size() - 1)};
  }
  ByteVector from_user;
  ByteVector from_container;
};

// A channel the bastion serves, a tunnel or a session.
struct Local {
  Leg leg;
  std::unique_ptr<LocalChannel> tunnel;
  std::unique_ptr<LocalSession> session;
  LocalChannel& stream() { return tunnel ? *tunnel : session->stream(); }
};

class Conversation final : public Relay::Delegate {
 public:
  ~Conversation() {
    end();
    local_.clear();
    channels_.clear();
    sessions_.clear();
  }

  void play(const fuzz::Step& step) {
    switch (static_cast<Move>(step.what % kMoves)) {
      case Move::user_says: says(Side::user, step.details); break;
      case Move::container_says: says(Side::container, step.details); break;
      case Move::user_sends: sends(Side::user, step); break;
      case Move::container_sends: sends(Side::container, step); break;
      case Move::container_comes: come(); break;
      case Move::container_goes: go(); break;
      case Move::refuse: refuse(); break;
      case Move::say: relay_.say("a line", step.number(0) % 2 == 0 ? Audience::sessions : Audience::terminals); break;
      case Move::decide: decision_ = step.number(0); break;
      case Move::answer_offer: answer_offer(step); break;
      case Move::touch_local: touch_local(step); break;
      case Move::congest: congest(step.number(0) % 2 == 0); break;
      case Move::ping: ping(); break;
    }
    dead_.clear();
    require(__sanitizer_get_current_allocated_bytes() < before_ + kMostHeld, "little is held");
  }

 private:
  using Audience = Relay::Audience;

  std::variant<Pass, Refuse, Serve> on_open(Side /*from*/, const ChannelOpen& /*open*/) override {
    if (decision_ % 4 == 1) return Serve{};
    if (decision_ % 4 == 2) return Refuse{"not this one"};
    return Pass{};
  }
  void on_reply_held_up() override {}
  void on_unasked_open(const ChannelOpen& /*open*/) override {}
  void on_channel_offer(const ChannelOpen& /*open*/, ChannelOffer offer) override {
    if (decision_ % 8 >= 4) channels_.push_back(std::move(offer));  // else it is dropped, which refuses it
  }
  void on_session_offer(SessionOffer offer) override {
    if (decision_ % 16 >= 8) return offer.pass();
    if (decision_ % 8 >= 4) sessions_.push_back(std::move(offer));
  }
  std::optional<Refuse> on_global_request(const GlobalRequest& /*request*/) override {
    if (decision_ % 32 >= 16) return Refuse{"no such request"};
    return std::nullopt;
  }
  std::variant<Pass, Refuse, Replace> on_session_request(const ChannelRequest& /*request*/, Attached /*to*/) override {
    if (decision_ % 128 >= 96) return Replace{{.kind = SessionStart::Kind::command, .words = "true"}};
    if (decision_ % 128 >= 64) return Refuse{"not this request"};
    if (decision_ >= 128) return Pass{.filter = std::make_unique<Sieve>()};
    return Pass{};
  }
  void on_container_wanted() override {
    require(!wanted_ && container_ == nullptr && !refused_, "a container is asked for when there is none");
    wanted_ = true;
  }
  std::unique_ptr<ChannelObserver> observer_of(Side /*opener*/, const ChannelOpen& /*open*/) override {
    return decision_ % 2 == 0 ? std::make_unique<Watcher>() : nullptr;
  }
  std::optional<ByteVector> prove_host_keys(Bytes request) override {
    return request.empty() ? std::nullopt : std::optional(ByteVector(8, 'p'));
  }

  void says(Side side, Bytes bytes) {
    if (side == Side::container && container_ == nullptr) return;
    ByteVector packet(bytes.begin(), bytes.end());
    (side == Side::user ? user_ : *container_).says(packet);
    const auto received = relay_.receive(side, packet);
    if (side == Side::container && !received) go();
  }

  // Much data in few bytes of input.
  void sends(Side side, const fuzz::Step& step) {
    const ByteVector data(1 + step.number(1) * step.number(2), 'x');
    says(side, encode(ChannelData{static_cast<std::uint32_t>(step.number(0)), data}));
  }

  void come() {
    if (!std::exchange(wanted_, false)) return;
    container_ = std::make_unique<EndOfRelay>();
    relay_.connect(*container_);
  }
  void go() {
    wanted_ = false;
    relay_.disconnect("the connection to container web was lost", kStatus);
    if (container_) container_->go();
    if (container_) gone_.push_back(std::move(container_));
  }
  void refuse() {
    refused_ = true;
    wanted_ = false;
    relay_.refuse("the bastion is shutting down", kStatus);
    if (container_) container_->go();
    if (container_) gone_.push_back(std::move(container_));
  }
  void ping() {
    if (container_) relay_.ping(Side::container);
  }
  void congest(bool yes) {
    user_.congest(yes);
    if (!yes) relay_.drained();
  }

  void keep(std::unique_ptr<LocalChannel> tunnel, std::unique_ptr<LocalSession> session) {
    auto local = std::make_unique<Local>();
    local->tunnel = std::move(tunnel);
    local->session = std::move(session);
    local->stream().read_to(&local->leg);
    local_.push_back(std::move(local));
  }

  template <typename Offers>
  static auto take(Offers& offers, std::size_t which) {
    const auto at = offers.begin() + static_cast<std::ptrdiff_t>(which % offers.size());
    auto offer = std::move(*at);
    std::vector<typename Offers::value_type> rest;
    for (auto each = offers.begin(); each != offers.end(); ++each) {
      if (each != at) rest.push_back(std::move(*each));
    }
    offers.swap(rest);
    return offer;
  }

  void answer_offer(const fuzz::Step& step) {
    const auto how = step.number(1);
    if (step.number(0) % 2 == 0 && !channels_.empty()) {
      auto offer = take(channels_, how / 4);
      if (how % 3 == 0 && local_.size() < kMaxLocal) return keep(offer.accept(), nullptr);
      if (how % 3 == 1) offer.refuse(OpenFailureCode::connect_failed, "there is nothing there");
    } else if (step.number(0) % 2 == 1 && !sessions_.empty()) {
      auto offer = take(sessions_, how / 4);
      if (how % 4 == 0 && local_.size() < kMaxLocal && !refused_) return keep(nullptr, offer.serve(1000));
      if (how % 4 == 1) return offer.pass();
      if (how % 4 == 2) offer.refuse("not today", 1);
    }
  }

  void touch_local(const fuzz::Step& step) {
    if (local_.empty()) return;
    const auto which = step.number(0) % local_.size();
    auto& local = *local_[which];
    switch (step.number(1) % 8) {
      case 0: local.stream().write(ByteVector(1 + step.number(2) * 64, 'w')); break;
      case 1: local.stream().pause(); break;
      case 2: local.stream().resume(); break;
      case 3: local.stream().end(); break;
      case 4:
        if (local.session) local.session->exit(3);
        break;
      case 5:
        if (!local.session || refused_) break;
        local.session->pass();
        [[fallthrough]];
      default:
        dead_.push_back(std::move(local_[which]));
        local_.erase(local_.begin() + static_cast<std::ptrdiff_t>(which));
    }
  }

  // Everything is over: the bastion lets go of what is its own, and the user closes what is hers.
  void end() {
    local_.clear();
    channels_.clear();
    sessions_.clear();
    refuse();
    congest(false);
    if (user_.confused()) return;
    require(user_.replies_owed() == 0, "every question of hers is answered");
    for (const auto number : user_.unanswered()) {
      says(Side::user, encode(ChannelOpenFailure{number, OpenFailureCode::connect_failed, ""}));
    }
    for (const auto number : user_.not_closed()) says(Side::user, encode(ChannelClose{number}));
    require(user_.not_closed().empty() && relay_.channels() == 0, "no channel is left");
  }

  std::size_t before_ = __sanitizer_get_current_allocated_bytes();
  EndOfRelay user_;
  std::unique_ptr<EndOfRelay> container_;
  std::vector<std::unique_ptr<EndOfRelay>> gone_;
  Relay relay_{user_, *this};
  std::vector<ChannelOffer> channels_;
  std::vector<SessionOffer> sessions_;
  std::vector<std::unique_ptr<Local>> local_;
  std::vector<std::unique_ptr<Local>> dead_;  // deleted when the turn ends
  std::size_t decision_ = 0;
  bool wanted_ = false;
  bool refused_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Conversation conversation;
  fuzz::Script script({data, size});
  while (const auto step = script.next()) conversation.play(*step);
  return 0;
}

}  // namespace bastion::connection
