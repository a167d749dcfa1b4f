// What of a session is recorded, and what that means for it.
#include <memory>
#include <utility>

#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/record/recorder.h"
#include "bastion/record/recording.h"
#include "bastion/session/session.h"

namespace bastion::session {
namespace {

constexpr const char* kRecorded = "bastion: this session is recorded";
constexpr const char* kCannotBeRecorded =
    "sessions here are recorded, and the bastion has no room for that now: try again later, or tell an administrator";
// For what waits to be written.
constexpr std::chrono::milliseconds kSoon{10};

}  // namespace

std::unique_ptr<connection::ChannelObserver> Session::observer_of(connection::Side opener,
                                                                  const connection::ChannelOpen& open) {
  if (opener != connection::Side::user || open.type != "session" || place_.recorder == nullptr || !route_) {
    return nullptr;
  }
  record_policy_ = place_.lookup.record_policy(identity_, route_->container);
  if (record_policy_ == RecordPolicy::none) return nullptr;
  return std::make_unique<record::Recording>(*place_.recorder,
                                             record::Recording::Plan{.policy = record_policy_,
                                                                     .input = place_.settings.record_input,
                                                                     .subject = {.session = arrival_.id,
                                                                                 .number = 0,
                                                                                 .user = identity_.name,
                                                                                 .container = route_->full_name,
                                                                                 .from_host = arrival_.from_host},
                                                                     .number = [this] { return ++recordings_; }},
                                             unix_now);
}

bool Session::is_recorded(connection::Attached to) const {
  return place_.recorder != nullptr && record::is_recorded(record_policy_, to == connection::Attached::terminal);
}

std::optional<connection::Refuse> Session::refuse_unrecorded(connection::Attached to) const {
  if (!is_recorded(to) || !place_.recorder->is_full()) return std::nullopt;
  const bool goes_on = place_.settings.record_when_full == RecordWhenFull::less;
  place_.recorder->note_not_recorded(place_.settings.record_when_full);
  if (!goes_on) return refuse("session", kCannotBeRecorded);
  log::warning("session is not recorded id={} user={} container={}", arrival_.id, identity_.name, route_->full_name);
  return std::nullopt;
}

std::string Session::record_notice(connection::Attached to) const {
  return is_recorded(to) && !place_.recorder->is_full() ? kRecorded : std::string{};
}

bool Session::waits_for_recorder() {
  if (recordings_ == 0 || !place_.recorder->is_behind()) return false;
  recorder_due_.start(kSoon);
  return true;
}

}  // namespace bastion::session
