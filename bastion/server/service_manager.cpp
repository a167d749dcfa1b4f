#include "bastion/server/service_manager.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include <cstdint>
#include <cstring>
#include <ctime>
#include <string_view>
#include <utility>

#include "bastion/loop/listener.h"

namespace bastion::server {
namespace {

std::string counted(std::uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace

ServiceManager::ServiceManager() {
  std::uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) <= 0) return;
  watchdog_ = std::chrono::floor<std::chrono::milliseconds>(std::chrono::microseconds(microseconds));
}

void ServiceManager::ready() { sd_notify(0, "READY=1"); }

void ServiceManager::reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto microseconds = std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
  sd_notify(0, fmt::format("RELOADING=1\nMONOTONIC_USEC={}", microseconds).c_str());
}

void ServiceManager::stopping() { sd_notify(0, "STOPPING=1"); }

void ServiceManager::status(const std::string& text) {
  if (text == status_) return;
  status_ = text;
  sd_notify(0, fmt::format("STATUS={}", text).c_str());
}

void ServiceManager::alive() {
  if (watchdog_) sd_notify(0, "WATCHDOG=1");
}

Result<std::vector<loop::Descriptor>> ServiceManager::take_sockets() {
  std::vector<loop::Descriptor> sockets;
  const int count = sd_listen_fds(1);
  if (count < 0) return fail("LISTEN_FDS: {}", std::strerror(-count));
  for (int number = SD_LISTEN_FDS_START; number < SD_LISTEN_FDS_START + count; ++number) {
    auto& socket = sockets.emplace_back(number);
    if (!loop::Listener::is_one(number)) {
      return fail(
          "a socket unit has given descriptor {}, which is no listening stream socket: it wants ListenStream= and "
          "Accept=no",
          number);
    }
    ::fcntl(socket.get(), F_SETFL, ::fcntl(socket.get(), F_GETFL) | O_NONBLOCK);
  }
  return sockets;
}

std::string status_of(const Carried& serving, const std::vector<Carried>& older) {
  auto text = counted(serving.sessions, "session");
  if (serving.strangers > 0) text += fmt::format(", {} not logged in yet", counted(serving.strangers, "connection"));
  if (older.empty()) return text;
  std::uint64_t sessions = 0;
  for (const auto& one : older) sessions += one.sessions;
  return text + fmt::format("; {} in {} that {} handed over", counted(sessions, "session"),
                            older.size() == 1 ? std::string("an older process")
                                              : fmt::format("{} older processes", older.size()),
                            older.size() == 1 ? "has" : "have");
}

}  // namespace bastion::server
