// What is to be started, and for whom: values.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "bastion/access/route.h"
#include "bastion/base/endpoint.h"
#include "bastion/base/reason.h"

namespace bastion::wake {

// Who has come, and found it silent: for the audit and the log.
struct Asker {
  std::string user;
  std::string key_fingerprint = {};
  std::string from_host = {};
  std::string session = {};
};

struct Wanted {
  enum class Kind : std::uint8_t { container, backend };

  Kind kind = Kind::container;
  std::int64_t id = 0;           // of the container or the backend
  std::string name;              // as it is called where it runs, and as users read it
  std::string full_name;         // as records have it
  std::vector<access::Hop> way;  // to where its address is reached from; of a container, its backend is the last one
  Endpoint at;                   // of its sshd
  std::string command = {};      // in place of that: run by the last one of the way
  std::string hook = {};         // of a backend: what starts it
  bool if_silent = false;        // only if it does not answer, which nobody has seen yet
  Asker asker = {};
};

// Its SSH answers; or why it does not, which the user may read the sentence of.
using Woken = std::expected<void, End>;

}  // namespace bastion::wake
