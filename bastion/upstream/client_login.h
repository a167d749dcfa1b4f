// Logging in somewhere as the bastion: the same for a backend (a hop) and for a container.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "bastion/access/route.h"
#include "bastion/base/byte_stream.h"
#include "bastion/base/reason.h"
#include "bastion/base/task.h"
#include "bastion/loop/tcp_pulse.h"
#include "bastion/transport/algorithms.h"
#include "bastion/transport/certificate.h"
#include "bastion/transport/client_session.h"
#include "bastion/transport/own_identity.h"
#include "bastion/upstream/agent_login.h"
#include "bastion/upstream/known_hosts.h"

namespace bastion::metrics {
struct Counters;
}
namespace bastion::loop {
class Executor;
class Loop;
}  // namespace bastion::loop

namespace bastion::upstream {

// Where a login waits once the host is known, and before it says who it is: whoever goes away there was never in.
struct Threshold {
  Event<std::monostate> wanted;         // somebody is to be in
  std::chrono::microseconds waited{0};  // for that
};

// Who is expected at the other end, and how its failures are called.
struct Peer {
  store::HostKeyOwner owner;
  std::string name;      // for the user to read
  std::string known_as;  // for the log
  std::string account;
  transport::Offer offer;
  store::Presented presents;
  transport::CertificateUse use;
  std::string key_id;  // of a certificate
  Reason unreachable;
  Reason no_common_algorithm;
  Reason key_changed;
  Reason not_certified;
  Reason refused_identity;
  Reason refused_account;
  // What it says beside its answers, line by line for a terminal, as it comes. It must not end the login.
  std::function<void(const std::string& lines)> hear = {};
  // Where the user's own keys are asked for (Presented::agent). Nothing: the login ends when the host is known.
  std::optional<UserAgent> agent = std::nullopt;
  Threshold* threshold = nullptr;  // outlives the login; null: it does not wait
};

[[nodiscard]] Peer peer_of(const access::Hop& hop);
// `key_id` is for the container's log: who it is, and in which session.
[[nodiscard]] Peer peer_of_container(const access::Route& route, std::string key_id);

// How a worker finds the links of backends that dial in (link_place.h).
struct LinksHere {
  std::filesystem::path folder;  // empty: there are none
  // When one of this backend was last known to be there: Unix seconds.
  std::function<std::optional<std::int64_t>(std::int64_t backend)> last = {};
  std::int64_t since = 0;  // when the process began: links of the one before have ended then
};

// What every client login of a worker needs.
struct Credentials {
  loop::Loop& loop;
  loop::Executor& names;  // looks them up
  KnownHosts& known_hosts;
  const transport::OwnIdentity& identity;
  std::string key_exchange;  // empty: the default list
  std::chrono::seconds within;
  loop::TcpTimeout timeout;
  metrics::Counters* counters = nullptr;  // of dials; nullptr: nobody counts
  LinksHere links{};
};

struct LoggedIn {
  std::unique_ptr<transport::ClientSession> session;
  std::string said;      // beside its answers, on one line
  std::string known_by;  // the CA whose certificate its host key has; empty: the key itself is on record
};

// Handshake, comparison of the host key (by a certificate where a CA is trusted for that host, else learned on first
// contact; one that is not known is remembered as refused), authentication. On failure everything goes to
// Loop::defer_delete.
[[nodiscard]] Task<std::expected<LoggedIn, End>> log_in(const Credentials& credentials,
                                                        std::unique_ptr<ByteStream> stream, Peer peer);

}  // namespace bastion::upstream
