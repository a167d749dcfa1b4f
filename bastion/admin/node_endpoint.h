// What other bastions of the fleet ask this one, carried out: questions come on any thread, and those that ask for
// something are answered by the loop.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "bastion/admin/grammar/runtime.h"
#include "bastion/admin/node_messages.h"
#include "store/fleet/messages.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::admin {

// Made and destroyed on the loop's thread.
class NodeEndpoint {
 public:
  using Reply = std::function<void(std::string text)>;

  // `runtime` is that of this bastion alone; it and the loop outlive this, and whoever calls take() has ended before.
  // `database` is the copy of the directory here.
  NodeEndpoint(loop::Loop& loop, Runtime& runtime, std::filesystem::path database);
  ~NodeEndpoint();
  NodeEndpoint(const NodeEndpoint&) = delete;
  NodeEndpoint& operator=(const NodeEndpoint&) = delete;

  // Not on the thread of a loop: it waits for the processes of this bastion, and for the entry of the fleet's log that
  // the question is about. What this bastion does not understand is answered with nothing.
  void take(const store::fleet::NodeQuestion& question, Reply reply);

 private:
  void ask_sessions(Reply reply);
  void ask_activities(Reply reply);
  void ask_explanation(probe::Explanation::Question question, Reply reply);
  void forget(std::uint64_t number);
  [[nodiscard]] bool carry_out(const NodeEffects& asked);

  loop::Loop& loop_;
  Runtime& runtime_;
  std::filesystem::path database_;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, std::unique_ptr<Runtime::Question>> open_;  // the loop's, as last_
  std::shared_ptr<NodeEndpoint*> here_ = std::make_shared<NodeEndpoint*>(this);
};

}  // namespace bastion::admin
