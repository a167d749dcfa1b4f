// What can be seen of a session while it runs.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace bastion::session {

struct LiveSession {
  std::string id;
  std::string user;
  std::string from_host;
  std::string key_fingerprint;
  std::string container;             // owner/name; empty while nothing of hers leads there
  std::vector<std::string> route;    // the backends on the way to it
  std::vector<std::string> tunnels;  // where her raw tunnels lead
  std::int64_t since = 0;            // Unix seconds
  std::chrono::seconds idle{0};
  std::uint64_t bytes_from_user = 0;
  std::uint64_t bytes_from_container = 0;
  std::size_t channels = 0;
  bool recorded = false;  // something of it is, or was
  std::string node = {};  // the bastion of a fleet that it runs at; empty where there is one bastion only

  bool operator==(const LiveSession&) const = default;
};

}  // namespace bastion::session
