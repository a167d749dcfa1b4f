#include "bastion/session/link.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bastion/access/lookup.h"
#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/base/log_value.h"
#include "bastion/base/printable.h"
#include "bastion/loop/loop.h"
#include "bastion/upstream/link_place.h"
#include "store/links.h"
#include "store/writer.h"

namespace bastion::session {
namespace {

// When the store could not be read.
constexpr std::int64_t kLookAgainAfter = 1;

std::uint64_t microseconds_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

// In the log that machine's administrator reads.
std::string words_for_machine(const End& end) {
  switch (end.reason) {
    case Reason::key_removed: return "the key of this backend was removed";
    case Reason::credential_revoked: return "the key of this backend was revoked";
    case Reason::handed_over: return "another process of the bastion serves now; connect again";
    case Reason::shutdown: return "the bastion is shutting down";
    default: return end.detail.empty() ? sentence_of(end) : end.detail;
  }
}

}  // namespace

Link::Carried::Carried(Link& link, loop::Descriptor here, std::unique_ptr<connection::LocalChannel> there)
    : link_(link),
      here_(std::make_unique<loop::TcpStream>(link.place_.loop, std::move(here))),
      there_(std::move(there)) {}

void Link::Carried::start() {
  task_ = begin();
  task_.start({});
}

// The opening is the machine's to answer: its ssh connects to its sshd.
Task<void> Link::Carried::begin() {
  const auto opened = co_await there_->opened();
  if (opened) {
    here_->write(bytes_of(fmt::format("{}\n", upstream::kLinkIsOpen)));
    splice_.emplace(*here_, *there_, [this] { link_.over(*this); });
    splice_->start();
    co_return;
  }
  constexpr auto kWords = upstream::kLongestLinkLine - 64;
  const auto said = printable_on_one_line(opened.error().text, kWords);
  here_->write(bytes_of(fmt::format("{}its ssh opens no channel to its sshd: {}\n", upstream::kLinkRefuses, said)));
  link_.over(*this);
}

Link::Link(const Place& place, Admission admission, std::unique_ptr<ByteStream> stream)
    : place_(place),
      arrival_(std::move(admission.arrival)),
      machine_(std::move(admission.identity)),
      early_(std::move(admission.early)),
      loss_(std::move(admission.loss)),
      began_at_(unix_now()),
      user_(std::move(admission.user)),
      mux_(*user_, *this),
      forward_due_(place_.loop, [this] {
        finish({Reason::client_broke_protocol, {}, "it has asked for no forward: ssh -N -R 22:localhost:22"});
      }) {
  user_->move_to(std::move(stream), place_.profile);
  user_->ask_before_rekeying([this] { return may_rekey(); });
}

Link::~Link() {
  user_->ask_before_rekeying({});
  user_->report_to(nullptr);
}

void Link::start() {
  user_->report_to(this);
  user_->announce_host_keys();
  forward_due_.start(kForwardWithin);
  keepalive_.emplace(place_.loop, place_.settings.keepalive_interval, place_.settings.keepalive_count_max,
                     upstream::Keepalive::Peer{
                         .heard = [this] { return user_->heard(); },
                         .ask = [this] { mux_.ping(); },
                         .give_up = [this] { finish({Reason::client_vanished, {}, "it does not answer any more"}); }});
  Reauthorizer::Subject& here = *this;
  watch_.emplace(place_.reauthorizer, here, std::nullopt);
  if (const auto again = recheck(unix_now()); watch_) watch_->renew(again);  // nobody has watched since it was admitted
  for (auto& packet : std::exchange(early_, {})) on_message(packet);
  if (loss_) return on_lost(*loss_);
  if (!over_) user_->resume();
}

void Link::on_message(MutableBytes packet) {
  if (over_) return;
  if (const auto done = mux_.receive(packet); !done) {
    finish({Reason::client_broke_protocol, {}, done.error().text});
  }
}

void Link::on_lost(const transport::Loss& loss) {
  mux_.lost(Error{loss.text});
  finish({Reason::client_vanished, {}, loss.text});
}

void Link::on_refused(std::string_view what) {
  log::warning("refused id={} backend={} what={} why=\"it is a backend's key, which only makes a link\"", arrival_.id,
               machine_.name, log_value(what));
}

void Link::on_forward(bool is_there) {
  if (over_) return;
  if (is_there) return go_up();
  listener_.reset();
  forward_due_.start(kForwardWithin);
}

void Link::go_up() {
  const auto backend = machine_.dials_in.value_or(0);
  const upstream::LinkPlace links(place_.folder);
  if (links.sockets_to(backend).size() >= kMost && links.count(backend) >= kMost) {
    return finish({Reason::too_many_sessions, std::to_string(kMost),
                   fmt::format("backend {} has {} links already", machine_.name, kMost)});
  }
  auto listener = loop::LocalListener::open(place_.loop, links.socket_of(backend, microseconds_now(), arrival_.id),
                                            [this](loop::Descriptor here) { carry(std::move(here)); });
  if (!listener) return finish({Reason::internal, {}, listener.error().text});
  forward_due_.stop();
  listener_ = *std::move(listener);
  if (std::exchange(was_up_, true)) return;
  log::info("link up id={} backend={} from={} key={}", arrival_.id, machine_.name, arrival_.from_host,
            access::name_of(machine_.credential));
  place_.writer.change_here("the link of a backend", [link = store::Link{.id = arrival_.id,
                                                                         .backend = backend,
                                                                         .server = place_.server,
                                                                         .from_host = arrival_.from_host,
                                                                         .began_at = began_at_}](auto& database) {
    return store::Links(database).begin(link);
  });
  write_down("link", "done", {});
}

void Link::carry(loop::Descriptor here) {
  auto there = mux_.open();
  if (!there) return;  // who has connected reads the end
  ++carried_count_;
  carried_.emplace_back(std::make_unique<Carried>(*this, std::move(here), std::move(there)))->start();
}

void Link::over(Carried& carried) {
  const auto found = std::ranges::find(carried_, &carried, &std::unique_ptr<Carried>::get);
  if (found == carried_.end()) return;
  place_.loop.defer_delete(std::move(*found));
  carried_.erase(found);
  leave_if_idle();
}

void Link::retire() {
  retired_ = true;
  leave_if_idle();
}

void Link::leave_if_idle() {
  if (retired_ && carried_.empty()) finish({Reason::handed_over, {}, {}});
}

bool Link::may_rekey() {
  const auto now = place_.loop.now();
  if (now - rekeys_since_ >= std::chrono::minutes(1)) {
    rekeys_since_ = now;
    rekeys_ = 0;
  }
  return ++rekeys_ <= kMostRekeys;
}

std::optional<std::int64_t> Link::recheck(std::int64_t now) {
  if (over_) return std::nullopt;
  const auto standing = place_.lookup.standing(machine_, arrival_.from_host);
  if (standing) return std::nullopt;
  if (standing.error().reason == Reason::internal) {
    log::error("the store cannot tell whether a link may stay: backend={} detail={:?}", machine_.name,
               standing.error().detail);
    return now + kLookAgainAfter;
  }
  finish(standing.error());
  return std::nullopt;
}

void Link::finish(End end) {
  if (std::exchange(over_, true)) return;
  log::write(end.reason == Reason::handed_over ? log::Level::info : log::Level::warning,
             "link down id={} backend={} from={} reason={} detail={:?} carried={}", arrival_.id, machine_.name,
             arrival_.from_host, code_of(end.reason), end.detail, carried_count_);
  keepalive_.reset();
  forward_due_.stop();
  listener_.reset();
  for (auto& carried : std::exchange(carried_, {})) place_.loop.defer_delete(std::move(carried));
  user_->disconnect(words_for_machine(end));
  if (was_up_) {
    place_.writer.change_here("the end of a backend's link", [id = arrival_.id, at = unix_now()](auto& database) {
      return store::Links(database).end(id, at);
    });
    write_down("unlink", std::string(code_of(end.reason)), fmt::format("seconds={}", unix_now() - began_at_));
  }
  place_.on_over(*this);
}

void Link::write_down(const std::string& action, std::string outcome, std::string detail) const {
  place_.writer.audit({.at = unix_now(),
                       .actor = machine_.name,
                       .action = action,
                       .subject = machine_.name,
                       .outcome = std::move(outcome),
                       .key_fingerprint = access::name_of(machine_.credential),
                       .from_host = arrival_.from_host,
                       .session = arrival_.id,
                       .detail = std::move(detail)});
}

}  // namespace bastion::session
