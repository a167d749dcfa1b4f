// One thread with its loop, and the connections on it that have not authenticated yet. What they make the bastion
// compute, nobody's session waits for.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "bastion/access/lookup.h"
#include "bastion/base/result.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/tcp_stream.h"
#include "bastion/metrics/load.h"
#include "bastion/server/connection_limiter.h"
#include "bastion/server/session_counter.h"
#include "bastion/session/journal.h"
#include "bastion/session/recent_refusals.h"
#include "bastion/session/session_log.h"
#include "bastion/session/stranger.h"
#include "bastion/transport/server_profile.h"
#include "bastion/transport/signing.h"
#include "store/reader.h"

namespace bastion::server {

class Strangers {
 public:
  struct Settings {
    loop::TcpTimeout timeout;
    session::Stranger::Settings stranger;
    access::Defaults defaults;
    std::string server;
    std::string key_exchange;
    std::string host_key_algorithms{};
  };
  // One of those that were accepted is no stranger any more: it was admitted, or it is gone.
  struct Settled {
    session::Arrival arrival;
    bool admitted = false;
    // Of one that is gone.
    Reason reason = Reason::internal;
    std::optional<session::Offence> offence = std::nullopt;
    bool signed_with_rsa = false;
  };
  // All calls come from its thread.
  struct Events {
    std::function<void(session::Admission, loop::TcpStream::Released)> on_admitted;
    std::function<void(const Settled& settled)> on_settled;
    std::function<void(const std::string& id, Progress progress)> on_progress;
    // A host key of RSA is to sign for this one: whether it does.
    std::function<bool(const session::Arrival& arrival)> may_sign_with_rsa;
  };
  // How one is dealt with.
  enum class Treatment : std::uint8_t {
    usual,
    suspect,  // its denials take a second longer
  };

  // What answers its strangers; all of it outlives it.
  struct Answers {
    session::CodeChecks& codes;
    session::PasswordChecks& passwords;
    session::Invitations& invitations;
    session::NewAccounts* new_accounts = nullptr;  // nullptr: no CA makes one
    session::SignOns* sign_ons;                    // nullptr: nobody signs on here
    auth::ExternalKeys* external_keys;             // nullptr: there are none
  };

  // `writer` and `counters` outlive it.
  Strangers(const Settings& settings, const std::vector<transport::KeyPair>& host_keys,
            std::unique_ptr<store::Reader> reader, store::Writer& writer, const Answers& answers,
            metrics::Counters& counters, Events events);
  ~Strangers();

  // Before start(): how keys sign that are in another process.
  void sign_through(std::unique_ptr<transport::RemoteSigner> signer) { signer_ = std::move(signer); }
  // Before start(): who keeps what was refused.
  void tells_of_refusals(session::RecentRefusals& recent) { observers_.push_back(&recent); }
  // Makes its thread. Nothing that is asked of it happens before.
  [[nodiscard]] Result<> start();

  // From any thread.
  void accept(loop::Descriptor connection, session::Arrival arrival, Treatment treatment = Treatment::usual);
  // This one makes room for others, if it is a stranger still.
  void let_go(std::string id);
  // For those that come from then on. `server`, `key_exchange` and `host_key_algorithms` stay.
  void apply(const Settings& settings);
  // Gives what it carries, on its thread.
  void weigh(std::function<void(const metrics::Load&)> take);
  // They are let go, and then the thread ends. Whoever was admitted before that is handed on.
  void drain();
  // Waits for that. What others still post to its loop is dropped.
  void join();

 private:
  // A stranger, and the stream that its transport has.
  struct Connection {
    loop::TcpStream* stream = nullptr;
    std::unique_ptr<session::Stranger> stranger;
  };
  using Connections = std::list<Connection>;

  void run();
  void begin(loop::Descriptor connection, session::Arrival arrival, Treatment treatment);
  void tell(const session::Stranger& stranger, Progress progress);
  void hand_on(const Connections::iterator& connection);
  void over(const Connections::iterator& connection);
  void on_drain();
  void stop_if_empty();

  Settings settings_;
  Events events_;
  loop::Loop loop_;
  std::unique_ptr<store::Reader> reader_;
  access::Lookup lookup_;
  Answers answers_;
  session::Journal journal_;
  session::SessionLog log_;
  SessionCounter counter_;
  session::Observers observers_{&journal_, &log_, &counter_};
  std::unique_ptr<transport::RemoteSigner> signer_;  // nullptr: all keys are here
  transport::ServerProfile profile_;
  Connections connections_;
  bool drains_ = false;
  std::thread thread_;
};

}  // namespace bastion::server
