// The hops of one worker: one SSH connection to each backend in use, shared by all logins that pass it. The second
// login to a backend pays no handshake there, and a backend sees one client however many users there are.
#pragma once

#include <chrono>
#include <expected>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "bastion/base/endpoint.h"
#include "bastion/base/reason.h"
#include "bastion/base/task.h"
#include "bastion/connection/mux.h"
#include "bastion/login/client_login.h"
#include "bastion/login/keepalive.h"
#include "bastion/login/path.h"
#include "bastion/loop/descriptor.h"
#include "bastion/loop/timer.h"

namespace bastion::login {

// An authenticated connection to a backend, and the channels through it.
class HopConnection final : private transport::Session::Owner {
 public:
  // `before` is the hop this one runs through, if there is one.
  HopConnection(loop::Loop& loop, std::unique_ptr<transport::ClientSession> session, std::string name,
                HopConnection* before, std::chrono::seconds keepalive_interval, int keepalive_patience);
  // Every channel opened through it must be gone.
  ~HopConnection();

  // The channel becomes useful when its opened() says so; it must be destroyed before the hop.
  [[nodiscard]] std::unique_ptr<connection::LocalChannel> open(const std::string& host, std::uint16_t port) {
    return mux_.open_direct_tcpip(host, port);
  }
  [[nodiscard]] bool lost() const { return lost_; }
  // Of a lost hop: the name of the backend it was lost at, which may be one on the way.
  [[nodiscard]] const std::string& lost_at() const {
    return before_ != nullptr && before_->lost() ? before_->lost_at() : name_;
  }
  [[nodiscard]] std::size_t channels() const { return mux_.channels(); }
  // For the keepalive of what is reached through it.
  [[nodiscard]] Keepalive::Carrier carrier() {
    return {.heard = [this] { return session_->heard(); }, .ask = [this] { mux_.ping(); }};
  }
  // Channels somebody still holds, dead or alive.
  [[nodiscard]] std::size_t holders() const { return mux_.holders(); }

 private:
  void on_message(MutableBytes packet) override;
  void on_drained() override { mux_.drained(); }
  void on_lost(const transport::Loss& loss) override;
  void end(const std::string& why);

  std::unique_ptr<transport::ClientSession> session_;
  std::string name_;
  const HopConnection* before_;
  connection::Mux mux_;
  Keepalive keepalive_;
  bool lost_ = false;
};

// A wire to an address inside the network of this hop's backend. The hop must outlive it.
[[nodiscard]] Task<std::expected<std::unique_ptr<Wire>, End>> wire_through(const Credentials& credentials,
                                                                           HopConnection& hop, Endpoint to, Peer peer);

class HopPool {
 public:
  struct Settings {
    std::chrono::seconds keepalive_interval;
    int keepalive_patience;
    std::chrono::seconds idle_timeout;
  };

  HopPool(const Credentials& credentials, Settings settings);
  ~HopPool();
  HopPool(const HopPool&) = delete;
  HopPool& operator=(const HopPool&) = delete;

  // The connection to the last of these hops, dialled through the ones before it where it is not there yet. However
  // many logins ask, one dial at a time goes to a backend. The connection stays until its channels are gone.
  [[nodiscard]] Task<std::expected<HopConnection*, End>> reach(std::vector<Hop> hops);

 private:
  using Reached = std::expected<HopConnection*, End>;

  struct Entry {
    std::vector<Hop> hops;
    Event<Reached> reached;
    std::unique_ptr<HopConnection> connection;
    std::chrono::milliseconds idle_since{0};
    bool failed = false;
    Task<Reached> dial;
  };

  [[nodiscard]] Entry* usable(const std::vector<Hop>& hops);
  void start_dial(Entry& entry);
  Task<Reached> dial(Entry& entry);
  Task<std::expected<std::unique_ptr<Wire>, End>> wire_to(const Hop& hop, HopConnection* before);
  void sweep();

  Credentials credentials_;
  Settings settings_;
  std::list<std::unique_ptr<Entry>> entries_;
  loop::Timer sweeper_;
};

}  // namespace bastion::login
