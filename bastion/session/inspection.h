// What of a user's sessions is looked at: which way files may go in them, and what is recorded.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "bastion/access/lookup.h"
#include "bastion/access/route.h"
#include "bastion/base/record_policy.h"
#include "bastion/base/result.h"
#include "bastion/connection/channel_filter.h"
#include "bastion/connection/channel_observer.h"
#include "bastion/connection/session_start.h"
#include "bastion/session/path.h"

namespace bastion::record {
class Recorder;
}
namespace bastion::sftp {
struct Request;
}

namespace bastion::session {

// Of one connection, on its worker's thread.
class Inspection {
 public:
  // All of it outlives this, and is what it is by then.
  struct Place {
    access::Lookup& lookup;
    record::Recorder* recorder;  // nullptr: nothing is recorded
    bool record_input;
    RecordWhenFull record_when_full;
    const Arrival& arrival;
    const access::Identity& identity;
    const std::optional<access::Route>& route;
  };
  explicit Inspection(const Place& place) : place_(place) {}
  Inspection(const Inspection&) = delete;
  Inspection& operator=(const Inspection&) = delete;

  // What stands in the way of files, if anything does; an error says why they may not go at all.
  [[nodiscard]] Result<std::unique_ptr<connection::ChannelFilter>> filter_for(const connection::SessionStart& asked);

  // Who records what runs in a session that the user opens; nothing where nothing is recorded.
  [[nodiscard]] std::unique_ptr<connection::ChannelObserver> observer_of_session();
  // Of one that starts, for the user: why it may not, because there is no room for what is to be recorded.
  [[nodiscard]] std::optional<std::string> objection(bool at_terminal) const;
  // And that it is recorded, in a line; empty where it is not.
  [[nodiscard]] std::string notice(bool at_terminal) const;
  // What is read now would be missing in a recording.
  [[nodiscard]] bool is_behind() const;
  [[nodiscard]] bool has_recorded() const { return recordings_ > 0; }

 private:
  [[nodiscard]] bool is_recorded(bool at_terminal) const;
  void note_refused(const sftp::Request& request);

  Place place_;
  RecordPolicy policy_ = RecordPolicy::none;  // for the channel that was opened last
  unsigned recordings_ = 0;                   // that were begun
  int refused_files_ = 0;                     // what of SFTP was not permitted
};

}  // namespace bastion::session
