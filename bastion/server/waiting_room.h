// Newcomers for whom there is no room at the moment, or who come from where somebody hammers. There they cost a
// descriptor each; whoever sends its version line meanwhile, as every client does at once, goes in before those who say
// nothing. Whoever is refused goes through the tarpit.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>

#include "bastion/base/endpoint.h"
#include "bastion/base/network.h"
#include "bastion/loop/descriptor.h"
#include "bastion/loop/timer.h"
#include "bastion/loop/watcher.h"
#include "bastion/server/entrance.h"
#include "bastion/server/tarpit.h"
#include "bastion/session/path.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::server {

// Belongs to the thread that accepts.
class WaitingRoom {
 public:
  // How long one waits that has said nothing, and one that has.
  static constexpr std::chrono::milliseconds kSilent{1000};
  static constexpr std::chrono::milliseconds kSpoken{3000};
  // How often those are asked for again who have spoken.
  static constexpr std::chrono::milliseconds kTurn{50};

  struct Limits {
    std::size_t all = 512;
    std::size_t per_source = 64;
    std::size_t tarpit = Tarpit::usual_size();
  };
  using OnAdmitted = std::function<void(loop::Descriptor, session::Arrival, const Entrance::Pass&)>;

  // `entrance` says who is let in; both outlive it.
  WaitingRoom(loop::Loop& loop, Entrance& entrance, const Limits& limits, OnAdmitted on_admitted);
  ~WaitingRoom();
  WaitingRoom(const WaitingRoom&) = delete;
  WaitingRoom& operator=(const WaitingRoom&) = delete;

  // A connection that was accepted: it goes in, waits or is refused. `is_check` as in accept_stage.h.
  void take(loop::Descriptor connection, const Endpoint& from, bool is_check = false);
  [[nodiscard]] std::size_t waiting() const { return waiting_; }
  [[nodiscard]] std::size_t held() const { return tarpit_.held(); }

 private:
  struct Newcomer;
  struct Source;
  using Newcomers = std::list<std::unique_ptr<Newcomer>>;
  using Sources = std::map<Network, Source>;

  // Whether it waits no more.
  bool ask(Newcomer& newcomer, Entrance::Step step);
  void refuse(Newcomer& newcomer);
  void wait(std::unique_ptr<Newcomer> newcomer, const Network& where);
  [[nodiscard]] bool make_room(const Network& where);
  [[nodiscard]] bool give_up_a_silent_one(Source& source);
  void heard(Newcomer& newcomer);
  void turn();
  void erase(Newcomers& list, const Newcomers::iterator& newcomer);

  loop::Loop& loop_;
  Entrance& entrance_;
  Limits limits_;
  OnAdmitted on_admitted_;
  Tarpit tarpit_;
  Sources sources_;
  std::size_t waiting_ = 0;
  loop::Timer turn_;
  bool turns_ = false;
};

}  // namespace bastion::server
