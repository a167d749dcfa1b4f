// What of the user's sessions is looked at: which way files go in them, and what is recorded.
#include <fmt/format.h>

#include <utility>

#include "bastion/access/file_transfer.h"
#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/base/log_value.h"
#include "bastion/record/recorder.h"
#include "bastion/record/recording.h"
#include "bastion/session/session.h"
#include "bastion/sftp/filter.h"

namespace bastion::session {
namespace {

bool speaks_sftp(const connection::SessionStart& start) {
  return access::file_transfer_of(start) == access::FileTransfer::sftp;
}

constexpr const char* kRecorded = "bastion: this session is recorded";
constexpr const char* kCannotBeRecorded =
    "sessions here are recorded, and the bastion has no room for that now: try again later, or tell an administrator";
// For what waits to be written.
constexpr std::chrono::milliseconds kSoon{10};

// Somebody who tries one file after the other is not to fill the log.
constexpr int kMaxRefusedFiles = 32;

}  // namespace

// What was asked for counts, and what is started in its place: by either one files may go.
Result<std::unique_ptr<connection::ChannelFilter>> Session::filter_for(const connection::SessionStart& asked) {
  using access::FileTransfer;
  const auto wanted = access::file_transfer_of(asked);
  const auto& command = identity_.policy.command;
  const auto forced = command ? access::file_transfer_of(*command) : FileTransfer::none;
  if (wanted == FileTransfer::none && forced == FileTransfer::none) return nullptr;
  const auto allowed = place_.lookup.sftp_access(identity_, route_ ? route_->container : 0);
  for (const auto transfer : {wanted, forced}) {
    if (auto why = access::objection(allowed, transfer)) return std::unexpected(Error{*std::move(why)});
  }
  if (allowed.is_all() || (wanted != FileTransfer::sftp && forced != FileTransfer::sftp)) return nullptr;
  return std::make_unique<sftp::Filter>(sftp::Permitted{.read = allowed.read, .write = allowed.write},
                                        [this](const sftp::Request& request) { note_refused(request); });
}

void Session::note_refused(const sftp::Request& request) {
  if (++refused_files_ > kMaxRefusedFiles) return;
  log::info("refused id={} user={} container={} what={} name={}{}", arrival_.id, identity_.name,
            route_ ? route_->full_name : std::string{}, log_value(fmt::format("sftp:{}", sftp::word_of(request))),
            log_value(request.first), refused_files_ == kMaxRefusedFiles ? " (the next ones are not logged)" : "");
}

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
                                                                     .number = [this] { return ++recordings_; },
                                                                     .forced = identity_.policy.command,
                                                                     .speaks_sftp = speaks_sftp},
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
