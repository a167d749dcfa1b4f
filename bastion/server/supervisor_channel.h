// The way of a process that serves to the supervisor that has started it: standard input.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/loop/descriptor.h"
#include "bastion/loop/watcher.h"
#include "bastion/server/generation_messages.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::server {

class SupervisorChannel {
 public:
  // What it is to begin with.
  struct Beginning {
    std::string state_dir;
    std::vector<loop::Descriptor> listeners = {};  // of the generation before
    std::vector<loop::Descriptor> activated = {};  // Order::activated
  };

  // Waits for that. The error says that nobody else may start it.
  [[nodiscard]] static Result<Beginning> receive_beginning();

  // These may be called at any time, by any thread; nobody waits.
  static void tell(Report report, std::string_view text = {});
  // What it listens on, and that it serves.
  static void tell_ready(const Ready& ready, const std::vector<int>& listeners);

  // On the loop's thread. `on_order` is not called for `begin`; `on_lost`, once, when there is no supervisor any more.
  SupervisorChannel(loop::Loop& loop, std::function<void(const Message<Order>& order)> on_order,
                    std::function<void()> on_lost);
  SupervisorChannel(const SupervisorChannel&) = delete;
  SupervisorChannel& operator=(const SupervisorChannel&) = delete;

 private:
  void receive();

  std::function<void(const Message<Order>&)> on_order_;
  std::function<void()> on_lost_;
  loop::Watcher watcher_;
};

}  // namespace bastion::server
