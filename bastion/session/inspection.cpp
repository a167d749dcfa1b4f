#include "bastion/session/inspection.h"

#include <fmt/format.h>

#include <utility>

#include "bastion/access/file_transfer.h"
#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/base/log_value.h"
#include "bastion/record/recorder.h"
#include "bastion/record/recording.h"
#include "bastion/sftp/filter.h"

namespace bastion::session {
namespace {

bool speaks_sftp(const connection::SessionStart& start) {
  return access::file_transfer_of(start) == access::FileTransfer::sftp;
}

constexpr const char* kRecorded = "bastion: this session is recorded";
constexpr const char* kCannotBeRecorded =
    "sessions here are recorded, and the bastion has no room for that now: try again later, or tell an administrator";
// Somebody who tries one file after the other is not to fill the log.
constexpr int kMaxRefusedFiles = 32;

}  // namespace

// What was asked for counts, and what is started in its place: by either one files may go.
Result<std::unique_ptr<connection::ChannelFilter>> Inspection::filter_for(const connection::SessionStart& asked) {
  using access::FileTransfer;
  const auto wanted = access::file_transfer_of(asked);
  const auto& command = place_.identity.policy.command;
  const auto forced = command ? access::file_transfer_of(*command) : FileTransfer::none;
  if (wanted == FileTransfer::none && forced == FileTransfer::none) return nullptr;
  const auto allowed = place_.lookup.sftp_access(place_.identity, place_.route ? place_.route->container : 0);
  for (const auto transfer : {wanted, forced}) {
    if (auto why = access::objection(allowed, transfer)) return std::unexpected(Error{*std::move(why)});
  }
  if (allowed.is_all() || (wanted != FileTransfer::sftp && forced != FileTransfer::sftp)) return nullptr;
  return std::make_unique<sftp::Filter>(sftp::Permitted{.read = allowed.read, .write = allowed.write},
                                        [this](const sftp::Request& request) { note_refused(request); });
}

void Inspection::note_refused(const sftp::Request& request) {
  if (++refused_files_ > kMaxRefusedFiles) return;
  log::info("refused id={} user={} container={} what={} name={}{}", place_.arrival.id, place_.identity.name,
            place_.route ? place_.route->full_name : std::string{},
            log_value(fmt::format("sftp:{}", sftp::word_of(request))), log_value(request.first),
            refused_files_ == kMaxRefusedFiles ? " (the next ones are not logged)" : "");
}

std::unique_ptr<connection::ChannelObserver> Inspection::observer_of_session() {
  if (place_.recorder == nullptr || !place_.route) return nullptr;
  policy_ = place_.lookup.record_policy(place_.identity, place_.route->container);
  if (policy_ == RecordPolicy::none) return nullptr;
  return std::make_unique<record::Recording>(*place_.recorder,
                                             record::Recording::Plan{.policy = policy_,
                                                                     .input = place_.record_input,
                                                                     .subject = {.session = place_.arrival.id,
                                                                                 .number = 0,
                                                                                 .user = place_.identity.name,
                                                                                 .container = place_.route->full_name,
                                                                                 .from_host = place_.arrival.from_host},
                                                                     .number = [this] { return ++recordings_; },
                                                                     .forced = place_.identity.policy.command,
                                                                     .speaks_sftp = speaks_sftp},
                                             unix_now);
}

bool Inspection::is_recorded(bool at_terminal) const {
  return place_.recorder != nullptr && record::is_recorded(policy_, at_terminal);
}

std::optional<std::string> Inspection::objection(bool at_terminal) const {
  if (!is_recorded(at_terminal) || !place_.recorder->is_full()) return std::nullopt;
  place_.recorder->note_not_recorded(place_.record_when_full);
  if (place_.record_when_full != RecordWhenFull::less) return kCannotBeRecorded;
  log::warning("session is not recorded id={} user={} container={}", place_.arrival.id, place_.identity.name,
               place_.route->full_name);
  return std::nullopt;
}

std::string Inspection::notice(bool at_terminal) const {
  return is_recorded(at_terminal) && !place_.recorder->is_full() ? kRecorded : std::string{};
}

bool Inspection::is_behind() const { return recordings_ > 0 && place_.recorder->is_behind(); }

}  // namespace bastion::session
