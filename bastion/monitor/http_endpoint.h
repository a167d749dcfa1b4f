// Answers requests over HTTP, to whoever reaches an address that is only this machine's. Bounded in connections, bytes
// and seconds: one request each, one answer, and that is the end of the connection.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>

#include "bastion/base/local_address.h"
#include "bastion/base/result.h"
#include "bastion/http/request.h"
#include "bastion/http/response.h"
#include "bastion/loop/descriptor.h"
#include "bastion/loop/listener.h"
#include "bastion/loop/local_listener.h"

namespace bastion::monitor {

class HttpEndpoint {
 public:
  // When there are so many connections, the oldest makes room.
  static constexpr std::size_t kMostConnections = 16;
  // From the connection to the end of the answer.
  static constexpr std::chrono::seconds kLongest{10};

  // The request is one for a page. The number is what answer() takes.
  using OnRequest = std::function<void(std::uint64_t number, const http::Request& request)>;

  [[nodiscard]] static Result<std::unique_ptr<HttpEndpoint>> open(loop::Loop& loop, const LocalAddress& address,
                                                                  OnRequest on_request);
  ~HttpEndpoint();
  HttpEndpoint(const HttpEndpoint&) = delete;
  HttpEndpoint& operator=(const HttpEndpoint&) = delete;

  // Of a connection that is gone: nothing happens.
  void answer(std::uint64_t number, http::Response response);
  [[nodiscard]] std::uint16_t port() const { return port_ == nullptr ? 0 : port_->bound().port; }

 private:
  class Conversation;

  HttpEndpoint(loop::Loop& loop, OnRequest on_request);
  void begin(loop::Descriptor connection);
  void end(const Conversation& conversation);

  loop::Loop& loop_;
  OnRequest on_request_;
  std::uint64_t last_ = 0;
  std::list<std::unique_ptr<Conversation>> conversations_;  // the oldest first
  std::unique_ptr<loop::Listener> port_;
  std::unique_ptr<loop::LocalListener> file_;
};

}  // namespace bastion::monitor
