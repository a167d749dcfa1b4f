// A process that makes connections to unix sockets, and does nothing else, for one that gives that up: it has no keys,
// opens no file, and nobody but who has started it says anything to it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>

#include "bastion/base/result.h"
#include "bastion/loop/descriptor.h"

namespace bastion::signer {

class Connector {
 public:
  // How it is done, in that process. Bounded in time by less than kPatience.
  using Connect = std::function<Result<loop::Descriptor>(std::string_view name)>;
  static constexpr std::chrono::milliseconds kPatience{1500};

  // While there is one thread: the other process is a copy of this one, and closes all that is open here. `prepare`
  // opens there what it needs, and returns what connects.
  [[nodiscard]] static Result<std::unique_ptr<Connector>> start(const std::function<Connect()>& prepare);
  ~Connector();
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  // From any thread. The error says why there is none.
  [[nodiscard]] Result<loop::Descriptor> connect(std::string_view name = {});

  // Can be read when that process has ended (pidfd_open(2)).
  [[nodiscard]] int watched() const { return alive_.get(); }

  // The process, for whoever looks at it.
  [[nodiscard]] pid_t process() const { return process_; }

 private:
  Connector(pid_t process, loop::Descriptor alive, loop::Descriptor socket);

  std::mutex mutex_;  // one at a time
  std::uint32_t last_id_ = 0;
  pid_t process_;
  loop::Descriptor alive_;  // the process, as something to wait for
  loop::Descriptor socket_;
};

// To the agent at this socket, which has to belong to root or to this account, and so has whoever listens there.
[[nodiscard]] Connector::Connect connects_to_agent(const std::filesystem::path& socket);

// To the socket in this folder that is called by the name; never to what a link there leads to. The folder is the one
// that stands there now, whatever becomes of its name.
[[nodiscard]] Connector::Connect connects_within(const std::filesystem::path& folder);

}  // namespace bastion::signer
