// The processes beside the one that serves without which it cannot go on: the signer, and where there is an agent for
// keys, the one that connects to other processes of the bastion. None of them can be started anew from here: this
// process may not read the keys any more nor make unix sockets, nor may what it starts. Whoever started it starts all.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bastion/loop/watcher.h"
#include "bastion/signer/connector.h"
#include "bastion/signer/signer.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::server {

class Companions {
 public:
  struct Events {
    // Why the keys in the agent cannot be used, on one line; an empty text when they can again.
    std::function<void(const std::string& why)> on_unusable_keys;
    // One of them has ended, and the log says which.
    std::function<void()> on_ended;
  };

  // `peers` may be none; both outlive it.
  Companions(loop::Loop& loop, signer::Signer& signer, signer::Connector* peers, Events events);

 private:
  void on_signer();
  void ended(loop::Watcher& watcher, std::string_view which);

  signer::Signer& signer_;
  Events events_;
  loop::Watcher signer_watcher_;
  std::optional<loop::Watcher> peers_watcher_;
};

}  // namespace bastion::server
