#include "bastion/session/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bastion/base/clock.h"
#include "bastion/loop/loop.h"

namespace bastion::session {
namespace {

using connection::Side;
using transport::Loss;

// A client opens its first session, in which we could speak, so soon after it was let in, or it opens none (ssh -N).
constexpr std::chrono::milliseconds kOpening{3000};
// For one that has a session but takes its time to leave.
constexpr std::chrono::milliseconds kReading{10'000};
// For the client to hang up by itself after its last session has ended.
constexpr std::chrono::seconds kHangUp{1};
// How often a slow reader gets more time. Bounded, because a session that ends must end: SIGTERM waits for it.
constexpr int kReadings = 6;
// For what waits to be recorded.
constexpr std::chrono::milliseconds kSoon{10};

}  // namespace

Session::Session(const Place& place, Admission admission, std::unique_ptr<ByteStream> stream)
    : place_(place),
      arrival_(std::move(admission.arrival)),
      identity_(std::move(admission.identity)),
      target_(std::move(admission.target)),
      early_(std::move(admission.early)),
      loss_(std::move(admission.loss)),
      refused_(std::move(admission.refused)),
      inspection_({.lookup = place_.lookup,
                   .recorder = place_.recorder,
                   .record_input = place_.settings.record_input,
                   .record_when_full = place_.settings.record_when_full,
                   .arrival = arrival_,
                   .identity = identity_,
                   .route = route_}),
      user_(std::move(admission.user)),
      relay_(*user_, *this),
      deadline_(place_.credentials.loop, [this] { on_deadline(); }),
      recorder_due_(place_.credentials.loop, [this] { balance(); }),
      set_out_until_(place_.credentials.loop, [this] { turn_back(); }) {
  user_->move_to(std::move(stream), place_.profile);
  if (const auto& name = place_.settings.client_env; !name.empty()) {
    relay_.set_variable(name, fmt::format("{} {}", arrival_.from_host, arrival_.from_port));
  }
}

// Members go in reverse order: the path with all that waits in it, then the legs.
Session::~Session() {
  user_->report_to(nullptr);
  if (container_) container_->report_to(nullptr);
}

void Session::start() {
  user_->report_to(&user_leg_);
  entered_at_ = unix_now();
  moved_at_ = place_.credentials.loop.now();
  opening_until_ = moved_at_ + kOpening;
  observe(&Observer::on_authenticated, identity_);
  user_->announce_host_keys();
  refused_ ? finish(*refused_) : begin_reauthorization();
  path_ = walk(*this);
  path_.start({});
  for (auto& packet : std::exchange(early_, {})) user_leg_.on_message(packet);
  if (loss_) return user_leg_.on_lost(*loss_);
  balance();
}

void Session::relay_to(std::unique_ptr<transport::ClientSession> container) {
  if (end_) return place_.credentials.loop.defer_delete(std::move(container));
  container_ = std::move(container);
  container_->report_to(&container_leg_);
  observe(&Observer::on_entered, identity_, *route_);
  keepalive_ = std::make_unique<upstream::Keepalive>(
      place_.credentials.loop, place_.settings.keepalive_interval, place_.settings.keepalive_count_max,
      upstream::Keepalive::Peer{.heard = [this] { return container_->heard(); },
                                .ask = [this] { relay_.ping(Side::container); },
                                .give_up = [this] { lose_container(end_of_container("it does not answer any more")); },
                                // Who has stopped to read is not spared: a container that is gone as well would stay
                                // for ever, behind what is not read of it.
                                .paused = [this] { return container_->paused() && !container_->choked(); }},
      hop_ == nullptr ? upstream::Keepalive::Carrier{} : hop_->carrier());
  relay_.connect(*container_);
  balance();
  look_again();  // it may have been taken away on the way there, or be for a time only
}

void Session::await_choice(End why) {
  awaits_choice_ = std::move(why);
  if (!menu_) deadline_.start(kOpening);
}

bool Session::fall_short(const End& end) {
  if (relay_.served() == 0) {
    finish(end);
    return false;
  }
  relay_.disconnect(for_user(sentence_of(end)), exit_status_of(end.reason));
  return true;
}

void Session::left_without(const End& why) const {
  observe(&Observer::on_left_without, identity_, route_ ? route_->full_name : std::string{}, why);
}

void Session::UserLeg::on_message(MutableBytes packet) {
  if (session.over_) return;
  const bool had_channels = session.relay_.has_channels();
  if (const auto relayed = session.relay_.receive(Side::user, packet); !relayed) {
    return session.finish({Reason::client_broke_protocol, {}, relayed.error().text});
  }
  if (session.end_ && had_channels && !session.relay_.has_channels()) session.expect_hang_up();
  session.balance();
}

void Session::ContainerLeg::on_message(MutableBytes packet) {
  if (session.end_) return;
  if (const auto relayed = session.relay_.receive(Side::container, packet); !relayed) {
    return session.lose_container({Reason::container_vanished, session.route_->container_name, relayed.error().text});
  }
  session.balance();
}

void Session::UserLeg::on_drained() {
  session.relay_.drained();
  session.balance();
}

void Session::UserLeg::on_lost(const Loss& loss) {
  switch (loss.kind) {
    case Loss::Kind::nothing_in_common:
    case Loss::Kind::broke_protocol: session.finish({Reason::client_broke_protocol, {}, loss.text}); break;
    case Loss::Kind::peer_left:
    case Loss::Kind::stream_ended: session.finish({Reason::user_left, {}, loss.text}); break;
  }
  session.leave();
}

void Session::ContainerLeg::on_lost(const Loss& loss) { session.lose_container(session.end_of_container(loss.text)); }

// With nothing open any more, a container may hang up; with something open it has vanished, or its backend has.
End Session::end_of_container(std::string detail) const {
  if (hop_ != nullptr && hop_->lost()) return {Reason::backend_vanished, hop_->lost_at(), std::move(detail)};
  const auto reason = relay_.has_channels() ? Reason::container_vanished : Reason::container_closed;
  return {reason, route_->container_name, std::move(detail)};
}

void Session::lose_container(const End& lost) {
  if (!container_) return;
  const auto end = awakening().start_again(lost);
  keepalive_.reset();
  container_->report_to(nullptr);
  container_->disconnect("the bastion gives up this connection");
  place_.credentials.loop.defer_delete(std::exchange(container_, nullptr));
  hop_ = nullptr;
  if (fall_short(end)) observe(&Observer::on_container_lost, identity_, *route_, end);
  balance();
}

// Flow control between the legs: whoever feeds a congested leg is not read for a while. Nobody waits for their own peer
// to read: one that writes before it reads would wait for us as we wait for it (docs/DECISIONS.md has who waits for
// whom). A leg that exchanges keys is always read, because that is how it gets done.
void Session::balance() {
  note_traffic();
  const bool recorder_is_behind = waits_for_recorder();
  const bool user_waits = container_ && (container_->congested() || recorder_is_behind) && !user_->rekeying();
  user_waits ? user_->pause() : user_->resume();
  if (!container_) return;
  const bool container_waits = (user_->congested() || recorder_is_behind) && !container_->rekeying();
  container_waits ? container_->pause() : container_->resume();
}

bool Session::waits_for_recorder() {
  if (!inspection_.is_behind()) return false;
  recorder_due_.start(kSoon);
  return true;
}

// What a page of the window is shown while it is open moves nobody's session on.
std::uint64_t Session::moved() const { return relay_.traffic().used() + window_uses_; }

void Session::note_use_of_window() {
  ++window_uses_;
  note_traffic();
}

void Session::note_traffic() {
  const auto now = moved();
  if (std::exchange(moved_, now) != now) moved_at_ = place_.credentials.loop.now();
}

std::optional<LiveSession> Session::live() const {
  if (end_) return std::nullopt;
  const auto traffic = relay_.traffic();
  LiveSession session{
      .id = arrival_.id,
      .user = identity_.name,
      .from_host = arrival_.from_host,
      .key_fingerprint = access::name_of(identity_.credential),
      .container = {},
      .route = {},
      .tunnels = {},
      .since = entered_at_,
      .idle = std::chrono::duration_cast<std::chrono::seconds>(place_.credentials.loop.now() - moved_at_),
      .bytes_from_user = traffic.from_user,
      .bytes_from_container = traffic.from_container,
      .channels = relay_.channels(),
      .recorded = inspection_.has_recorded()};
  if (container_) {
    session.container = route_->full_name;
    for (const auto& hop : route_->hops) session.route.push_back(hop.name);
  }
  for (const auto& tunnel : tunnels_) session.tunnels.push_back(tunnel->name());
  return session;
}

std::optional<Session::Carries> Session::carries() const {
  if (end_) return std::nullopt;
  return Carries{.traffic = relay_.traffic(), .channels = relay_.channels(), .tunnels = tunnels_.size()};
}

namespace {

access::ContainerPlace place_of(const access::Route& route) {
  return {.container = route.container,
          .backend = route.backend,
          .address = route.address,
          .port = route.port,
          .command = route.command};
}

}  // namespace

bool Session::leads_to(const access::ContainerPlace& place) const {
  const auto goes_there = [&](const std::optional<access::Route>& route) { return route && place_of(*route) == place; };
  if (goes_there(route_) || goes_there(found_route_)) return true;
  return std::ranges::any_of(tunnels_, [&](const auto& tunnel) { return tunnel->container() == place; });
}

std::string Session::for_user(std::string_view sentence) const {
  return fmt::format("bastion: {} (id {})", sentence, arrival_.id);
}

void Session::finish(End end) {
  if (end_) return;
  end_ = std::move(end);
  tell_of_end();
  turn_back();
  keepalive_.reset();
  session_timer_.reset();
  watch_.reset();
  if (container_) {
    container_->report_to(nullptr);
    container_->disconnect("the user's connection has ended");
    place_.credentials.loop.defer_delete(std::exchange(container_, nullptr));
  }
  const auto forwards = tunnels_.size() + windows_.size();
  const bool nothing_but_forwards = forwards > 0 && forwards == relay_.channels();
  for (auto& tunnel : std::exchange(tunnels_, {})) place_.credentials.loop.defer_delete(std::move(tunnel));
  for (auto& window : windows_) place_.credentials.loop.defer_delete(std::move(window));  // its place stays
  const auto sentence = sentence_of(*end_);
  if (!sentence.empty()) {
    tell(for_user(sentence));
    if (nothing_but_forwards) hang_up();
  } else {
    leave();
  }
}

// She reads the sentence in every session she has or is about to open; a client without one reads it as it is let go.
void Session::tell(const std::string& sentence) {
  told_ = sentence;
  user_->resume();
  if (menu_) menu_->leave(sentence, exit_status_of(end_->reason));
  place_.credentials.loop.defer_delete(std::exchange(menu_, nullptr));
  for (auto& session : std::exchange(admin_sessions_, {})) {
    session->leave(sentence, exit_status_of(end_->reason));
    place_.credentials.loop.defer_delete(std::move(session));
  }
  relay_.refuse(sentence, exit_status_of(end_->reason));
  unread_ = user_->backlog();
  readings_left_ = kReadings;
  const auto opening = opening_until_ - place_.credentials.loop.now();
  deadline_.start(relay_.has_channels() ? kReading : std::max(opening, std::chrono::milliseconds::zero()));
}

// Once: a client that goes on opening sessions does not get more time with each of them.
void Session::expect_hang_up() {
  if (std::exchange(readings_left_, 0) > 0) deadline_.start(kHangUp);
}

void Session::on_deadline() {
  if (!end_) {
    if (std::exchange(awaits_agent_, false)) return agents_.push({});
    if (awaits_choice_) finish(*awaits_choice_);
    return;
  }
  // A slow reader gets the time she needs, as long as she reads.
  if (const auto unread = user_->backlog();
      unread > 0 && unread < std::exchange(unread_, unread) && readings_left_ > 0) {
    --readings_left_;
    return deadline_.start(kReading);
  }
  hang_up();
}

// A client without a session reads the sentence here.
void Session::hang_up() {
  user_->disconnect(told_);
  leave();
}

void Session::leave() {
  if (!std::exchange(over_, true)) place_.on_over(*this);
}

void Session::tell_of_end() const {
  observe(&Observer::on_end, *end_,
          Observer::Ended{.identity = &identity_,
                          .container = route_ ? route_->full_name : std::string{},
                          .traffic = relay_.traffic(),
                          .lasted = std::chrono::seconds(std::max<std::int64_t>(unix_now() - entered_at_, 0))});
}

}  // namespace bastion::session
