#include "bastion/upstream/hop_connection.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "bastion/base/log.h"
#include "bastion/loop/loop.h"

namespace bastion::upstream {
namespace {

// More than this in a second, and a newcomer's keystrokes would wait behind somebody's bulk.
constexpr std::uint64_t kMuch = 8 * 1024 * 1024;
// Enough to keep a near backend busy, little enough for a keystroke to wait behind.
constexpr std::uint32_t kAlways = 256 * 1024;

}  // namespace

HopConnection::HopConnection(loop::Loop& loop, std::unique_ptr<transport::ClientSession> session, std::string name,
                             std::string known_by, HopConnection* before, Settings settings)
    : loop_(loop),
      session_(std::move(session)),
      name_(std::move(name)),
      known_by_(std::move(known_by)),
      before_(before),
      mux_(*session_),
      keepalive_(loop, settings.keepalive_interval, settings.keepalive_count_max,
                 {.heard = [this] { return session_->heard(); },
                  .ask = [this] { ask(); },
                  .give_up = [this] { end("it does not answer any more"); }},
                 before == nullptr ? Keepalive::Carrier{} : before->carrier()),
      began_(loop.now()),
      held_at_(loop.now()) {
  session_->report_to(this);
  mux_.share(on_its_way());
}

HopConnection::~HopConnection() {
  session_->report_to(nullptr);
  fail_measurements("it was closed");
  session_->disconnect("the bastion does not need this connection any more");
}

std::unique_ptr<connection::LocalChannel> HopConnection::open(const Endpoint& to, Use use) {
  hold(use);
  auto channel = mux_.open_direct_tcpip(to.host, to.port);
  ask();
  return channel;
}

std::unique_ptr<connection::LocalChannel> HopConnection::open_session(Use use) {
  hold(use);
  auto session = mux_.open_session();
  sessions_.push_back(session->number());
  ask();
  return session;
}

void HopConnection::hold(Use use) {
  if (holders() == 0 || use_ == Use::question) use_ = use;
  held_at_ = loop_.now();
}

std::size_t HopConnection::open_sessions() {
  std::erase_if(sessions_, [this](std::uint32_t number) { return !mux_.has(number); });
  return sessions_.size();
}

// Others may have been asked for meanwhile, and be refused next: then it is fewer.
void HopConnection::session_refused() {
  most_sessions_ = std::min(most_sessions_.value_or(std::numeric_limits<std::size_t>::max()), open_sessions());
  log::debug("hop opens no further session backend={} sessions={}", name_, *most_sessions_);
}

bool HopConnection::takes(ChannelType type) {
  return type != ChannelType::session || !most_sessions_ || open_sessions() < *most_sessions_;
}

std::shared_ptr<HopConnection::RoundTrip> HopConnection::measure() {
  ask();
  auto took = std::make_shared<RoundTrip>();
  measurements_.push_back(
      {.number = mux_.asked(), .began = loop::Loop::instant(), .took = took, .found = line_.asked(loop_.now())});
  if (lost_) fail_measurements("it is lost");
  return took;
}

void HopConnection::settle_measurements() {
  while (!measurements_.empty() && measurements_.front().number <= mux_.answered()) {
    const auto done = std::move(measurements_.front());
    measurements_.pop_front();
    const auto took = loop::Loop::instant() - done.began;
    latency_ = took;
    follow(line_.answered(done.found, took, loop_.now()));
    if (done.took) done.took->set(took);
  }
}

void HopConnection::fail_measurements(const std::string& why) {
  for (const auto& unanswered : std::exchange(measurements_, {})) {
    if (unanswered.took) unanswered.took->set(fail("{}", why));
  }
}

void HopConnection::ask() {
  if (!question_ || session_->heard() != question_->heard) question_ = {loop_.now(), session_->heard()};
  mux_.ping();
  const auto found = line_.asked(loop_.now());
  if (measurements_.empty() || measurements_.back().found != found) {
    measurements_.push_back({.number = mux_.asked(), .began = loop::Loop::instant(), .found = found});
  }
}

void HopConnection::follow(LineGauge::Then then) {
  using Then = LineGauge::Then;
  if (then == Then::empty || then == Then::fill) mux_.throttle(then == Then::empty);
  if (then == Then::empty || then == Then::ask) ask();
}

// Twice what the line holds at the rate it has now, so that the rate can double; then it is the line that has no more.
// Where a packet is lost, all behind it waits for a round trip, and then much arrives at once: far away that takes
// OpenSSH's whole window, and nobody types behind it.
std::size_t HopConnection::on_its_way() const {
  const auto always = line_.is_far() && use_ == Use::anything ? connection::LocalChannel::kWindow : kAlways;
  return always + 2 * line_.product().product();
}

bool HopConnection::suspect() const {
  if (before_ != nullptr && before_->suspect()) return true;
  if (delivery_ != ByteStream::Delivery::flows) return true;
  return question_ && session_->heard() == question_->heard && loop_.now() - question_->asked >= kDoubtAfter;
}

const std::string& HopConnection::lost_at() const {
  return before_ != nullptr && (before_->lost() || before_->suspect()) ? before_->lost_at() : name_;
}

HopLoad HopConnection::load() const {
  const bool busy = line_.product().rate() > kMuch || session_->backlog() > ByteStream::kHighWater;
  return {.channels = mux_.channels(),
          .busy = busy,
          .far = line_.is_far(),
          .use = holders() > 0 && use_ != Use::question ? std::optional(use_) : std::nullopt};
}

std::chrono::milliseconds HopConnection::idle() const {
  return holders() > 0 ? std::chrono::milliseconds::zero() : loop_.now() - held_at_;
}

void HopConnection::tick() {
  if (holders() > 0) held_at_ = loop_.now();
  const bool was_busy = load().busy;
  answered_ = session_->heard() != std::exchange(heard_at_tick_, session_->heard());
  follow(line_.tick(moved() - std::exchange(moved_at_tick_, moved()), kTick, loop_.now()));
  mux_.share(on_its_way());
  watch_delivery();
  if (load().busy && !was_busy) log::debug("hop busy backend={} channels={}", name_, mux_.channels());
}

void HopConnection::watch_delivery() {
  using enum ByteStream::Delivery;
  if (lost_) return;
  const auto before = std::exchange(delivery_, session_->delivery());
  if (delivery_ == before) return;
  if (delivery_ == flows) {
    log::info("hop flows again backend={}", name_);
  } else {
    log::warning(
        "hop stands still backend={} channels={} why=\"{}\"", name_, mux_.channels(),
        delivery_ == only_small ? "large packets are lost on the way: look at the MTU" : "nothing is acknowledged");
  }
}

void HopConnection::on_message(MutableBytes packet) {
  if (lost_) return;
  if (const auto handled = mux_.receive(packet); !handled) return end("it broke the protocol: " + handled.error().text);
  settle_measurements();
}

void HopConnection::on_lost(const transport::Loss& loss) { end(loss.text); }

void HopConnection::end(const std::string& why) {
  if (std::exchange(lost_, true)) return;
  log::warning("hop lost backend={} why={:?} channels={}", name_, why, mux_.channels());
  fail_measurements(why);
  mux_.lost(Error{why});
}

}  // namespace bastion::upstream
