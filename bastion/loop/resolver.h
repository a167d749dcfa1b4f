// getaddrinfo on libuv's thread pool.
#pragma once

#include <memory>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/base/task.h"
#include "bastion/loop/socket_address.h"

namespace bastion::loop {

class Loop;

class Resolver {
 public:
  using Answer = Result<std::vector<SocketAddress>>;

  // Starts looking at once; a numeric host is answered at once.
  Resolver(Loop& loop, const Endpoint& address);
  // The answer of a question still open is dropped.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  [[nodiscard]] Event<Answer>& answer() { return answer_; }

 private:
  struct Request;

  Event<Answer> answer_;
  Request* request_ = nullptr;  // libuv's until it calls back; then it frees itself
};

}  // namespace bastion::loop
