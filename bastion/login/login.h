// One accepted connection and everything hanging off it, until it ends with exactly one reason.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "bastion/base/reason.h"
#include "bastion/base/task.h"
#include "bastion/connection/relay.h"
#include "bastion/login/hop_pool.h"
#include "bastion/login/keepalive.h"
#include "bastion/login/path.h"
#include "bastion/login/records.h"
#include "bastion/loop/timer.h"
#include "bastion/transport/client_session.h"
#include "bastion/transport/server_session.h"

namespace bastion::login {

class Login {
 public:
  struct Settings {
    std::chrono::seconds login_grace;
    std::chrono::seconds keepalive_interval;
    int keepalive_patience = 0;
    int max_auth_tries = 0;
  };

  // What a login needs of the worker that runs it; all of it outlives the login.
  struct Place {
    const Credentials& credentials;
    Records& records;
    HopPool& hops;
    transport::ServerProfile& profile;
    const Settings& settings;
    // The connection is no stranger's any more.
    std::function<void(Login&)> on_authenticated;
    // Nothing more will come of it: bury it.
    std::function<void(Login&)> on_over;
  };

  Login(const Place& place, Arrival arrival, std::unique_ptr<Wire> wire);
  ~Login();
  Login(const Login&) = delete;
  Login& operator=(const Login&) = delete;

  void start();
  // Ends the login, if nothing has yet. The user is told what the reason's sentence says, and given time to read it.
  void finish(End end);

  [[nodiscard]] const Arrival& arrival() const { return arrival_; }
  [[nodiscard]] bool authenticated() const { return identity_.has_value(); }

 private:
  friend Task<std::expected<void, End>> walk(Login& login);

  // The two legs report to the login, each through an ear of its own.
  struct UserEar final : transport::Session::Owner {
    explicit UserEar(Login& owner) : login(owner) {}
    void on_message(MutableBytes packet) override;
    void on_drained() override { login.balance(); }
    void on_lost(const transport::Loss& loss) override;
    Login& login;
  };
  struct ContainerEar final : transport::Session::Owner {
    explicit ContainerEar(Login& owner) : login(owner) {}
    void on_message(MutableBytes packet) override;
    void on_drained() override { login.balance(); }
    void on_lost(const transport::Loss& loss) override;
    Login& login;
  };

  // The steps of the path (path.cpp).
  Task<std::expected<Identity, End>> authenticate();
  Task<std::expected<std::unique_ptr<Wire>, End>> reach_container();
  void enter();
  void relay_to(std::unique_ptr<transport::ClientSession> container);

  // What it means that the container's leg is lost.
  [[nodiscard]] End end_of_container(std::string detail) const;
  void balance();
  void tell(const std::string& sentence);
  void expect_hang_up();
  void on_deadline();
  void leave();
  void log_end();

  Place place_;
  Arrival arrival_;
  std::optional<Identity> identity_;
  Target target_;
  std::optional<Route> route_;
  std::optional<End> end_;
  std::string told_;        // the sentence the user reads at the end
  std::size_t unread_ = 0;  // what she had still to read of it when we last looked
  int readings_left_ = 0;   // how often the time to read may still be prolonged
  bool over_ = false;

  UserEar user_ear_{*this};
  ContainerEar container_ear_{*this};
  transport::ServerSession user_;
  connection::Relay relay_;
  HopConnection* hop_ = nullptr;  // the last one on the way; outlives container_, which runs through it
  std::unique_ptr<transport::ClientSession> container_;
  std::unique_ptr<Keepalive> keepalive_;
  loop::Timer deadline_;  // login grace first; at the end, the time the user has to read why
  Task<std::expected<void, End>> path_;
};

}  // namespace bastion::login
