// A session channel whose other end is the bastion: the container menu, the admin console.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "bastion/connection/local_channel.h"
#include "bastion/connection/session_start.h"

namespace bastion::connection {

class Relay;

class LocalSession {
 public:
  // Only a Relay makes them (SessionOffer::serve); it must outlive them.
  LocalSession(Relay& relay, std::unique_ptr<LocalChannel> channel, SessionStart start);
  // A session that was not told how it ended is closed without an exit status.
  ~LocalSession();
  LocalSession(const LocalSession&) = delete;
  LocalSession& operator=(const LocalSession&) = delete;

  [[nodiscard]] const SessionStart& start() const { return start_; }
  // Standard input and output; standard error is its write_error().
  [[nodiscard]] LocalChannel& stream() { return *channel_; }
  // The terminal has another size now; start() has it.
  void on_resize(std::function<void()> resized) { resized_ = std::move(resized); }

  // Says how it ended, and EOF once everything written has been sent. Destroy it when stream() has no backlog any more.
  void exit(std::uint32_t status);
  // Lets the container go on with it, unless the user has closed it: what she has asked for so far is asked there.
  // defer_delete() it then.
  void pass();

 private:
  friend class Relay;

  void resize(const ChannelRequest& window_change);

  Relay& relay_;
  std::uint32_t number_;
  std::unique_ptr<LocalChannel> channel_;
  SessionStart start_;
  std::function<void()> resized_;
};

}  // namespace bastion::connection
