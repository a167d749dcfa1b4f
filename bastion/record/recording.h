// Watches a session channel, and has recorded what of it is to be recorded.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bastion/base/record_policy.h"
#include "bastion/connection/channel_observer.h"
#include "bastion/connection/session_start.h"
#include "bastion/record/recorder.h"
#include "bastion/sftp/operation_reader.h"

namespace bastion::record {

// Whether this start of a session is recorded: at a terminal or not, by a policy.
[[nodiscard]] bool is_recorded(RecordPolicy policy, bool has_terminal);

class Recording final : public connection::ChannelObserver {
 public:
  struct Plan {
    RecordPolicy policy = RecordPolicy::none;
    bool input = false;  // what is typed, too
    Subject subject{};   // its number is asked for when it is known that there will be one
    std::function<unsigned()> number{};
    std::optional<std::string> forced = std::nullopt;  // what runs whatever is asked for: it is packed otherwise
    std::function<bool(const connection::SessionStart&)> speaks_sftp{};  // whether that start is one of SFTP
  };
  // The recorder outlives it. `now` in Unix seconds.
  Recording(Recorder& recorder, Plan plan, std::function<std::int64_t()> now);

  void on_message(connection::Side from, const connection::Message& message) override;
  void on_end() override;

 private:
  void on_request(connection::Side from, const connection::ChannelRequest& request);
  void on_start(const connection::SessionStart& start);
  void begin(const std::string& command);
  void follow_files(const connection::SessionStart& start);
  void read_files(connection::Side from, Bytes data);
  void on_data(connection::Side from, Bytes data, Stream stream);

  Recorder& recorder_;
  Plan plan_;
  std::function<std::int64_t()> now_;
  std::optional<connection::Terminal> terminal_;
  bool shows_output_ = false;
  std::unique_ptr<Recorder::Track> track_;        // while it is recorded
  std::unique_ptr<sftp::OperationReader> files_;  // of SFTP; tells the track
};

}  // namespace bastion::record
