// What `bastion serve` says to whoever has started it as a service (sd_notify(3)), and has been given by it. Where that
// is nobody, nothing happens.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/loop/descriptor.h"
#include "bastion/server/generation_messages.h"

namespace bastion::server {

class ServiceManager {
 public:
  // Reads what the environment says. Call before there are threads.
  ServiceManager();

  void ready();      // at first, and when a reload is over
  void reloading();  // until ready(): `systemctl reload` waits for that
  void stopping();
  // One line for `systemctl status`.
  void status(const std::string& text);

  // Within this time it has to be told again that the service is alive, from ready() on; nothing: it does not ask.
  [[nodiscard]] std::optional<std::chrono::milliseconds> watchdog() const { return watchdog_; }
  void alive();

  // The sockets of its socket units (sd_listen_fds(3)), not to block. An error: one of them cannot be listened on.
  [[nodiscard]] static Result<std::vector<loop::Descriptor>> take_sockets();

 private:
  std::optional<std::chrono::milliseconds> watchdog_;
  std::string status_;
};

// That line, of the process that serves and of those that have only sessions still.
[[nodiscard]] std::string status_of(const Carried& serving, const std::vector<Carried>& older);

}  // namespace bastion::server
