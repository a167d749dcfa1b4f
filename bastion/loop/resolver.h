// getaddrinfo(3) on a thread of an executor.
#pragma once

#include <expected>
#include <optional>
#include <vector>

#include "bastion/base/task.h"
#include "bastion/loop/exhaustion.h"
#include "bastion/loop/socket_address.h"
#include "bastion/loop/work.h"

namespace bastion::loop {

class Loop;

class Resolver {
 public:
  using Answer = std::expected<std::vector<SocketAddress>, ConnectError>;

  // Starts looking when a thread of `names` is free; a numeric host is answered at once.
  Resolver(Loop& loop, Executor& names, const Endpoint& address);
  // The answer of a question still open is dropped.
  ~Resolver() = default;
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  [[nodiscard]] Event<Answer>& answer() { return answer_; }

 private:
  Event<Answer> answer_;
  std::optional<Work> looking_;
};

}  // namespace bastion::loop
