// How many sessions each user has in the other processes that serve, for the caps of users in this one.
#pragma once

#include <memory>

#include "bastion/admin/peer_runtime.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/timer.h"
#include "bastion/server/user_caps.h"

namespace bastion::server {

class SessionsElsewhere {
 public:
  // All outlive it.
  SessionsElsewhere(loop::Loop& loop, admin::PeerRuntime& everywhere, UserCaps& caps)
      : loop_(loop), everywhere_(everywhere), caps_(caps), due_(loop, [this] { count(); }) {}

  // There are others than before.
  void begin_anew();
  // Nobody new is let in here any more.
  void end();

 private:
  void count();

  loop::Loop& loop_;
  admin::PeerRuntime& everywhere_;
  UserCaps& caps_;
  loop::Timer due_;
  std::unique_ptr<admin::Runtime::Question> question_;
  bool has_ended_ = false;
};

}  // namespace bastion::server
