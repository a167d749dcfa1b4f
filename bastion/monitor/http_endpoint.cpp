#include "bastion/monitor/http_endpoint.h"

#include <algorithm>
#include <utility>

#include "bastion/http/connection.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/tcp_stream.h"
#include "bastion/loop/timer.h"

namespace bastion::monitor {

class HttpEndpoint::Conversation final : private http::Connection::Delegate {
 public:
  Conversation(HttpEndpoint& endpoint, std::uint64_t number, loop::Descriptor connection)
      : endpoint_(endpoint),
        number_(number),
        stream_(endpoint.loop_, std::move(connection)),
        http_(stream_, http::Limits{}, http::Connection::Serves::one, *this),
        deadline_(endpoint.loop_, [this] { endpoint_.end(*this); }) {
    http_.start();
    deadline_.start(kLongest);
  }
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  [[nodiscard]] std::uint64_t number() const { return number_; }
  void answer(http::Response response) { http_.answer(std::move(response)); }

 private:
  void on_request(http::Request request) override {
    if (request.reads()) return endpoint_.on_request_(number_, request);
    answer({.status = http::Status::method_not_allowed,
            .body = "there are pages to be read here, and nothing else\n",
            .fields = {{"Allow", "GET, HEAD"}}});
  }
  void on_over() override { endpoint_.end(*this); }

  HttpEndpoint& endpoint_;
  std::uint64_t number_;
  loop::TcpStream stream_;
  http::Connection http_;
  loop::Timer deadline_;
};

HttpEndpoint::HttpEndpoint(loop::Loop& loop, OnRequest on_request) : loop_(loop), on_request_(std::move(on_request)) {}

HttpEndpoint::~HttpEndpoint() = default;

Result<std::unique_ptr<HttpEndpoint>> HttpEndpoint::open(loop::Loop& loop, const LocalAddress& address,
                                                         OnRequest on_request) {
  std::unique_ptr<HttpEndpoint> endpoint(new HttpEndpoint(loop, std::move(on_request)));
  auto* const one = endpoint.get();
  if (address.unix_socket.empty()) {
    auto listener = loop::Listener::open(
        loop, address.port, [one](loop::Descriptor connection, const Endpoint&) { one->begin(std::move(connection)); });
    if (!listener) return std::unexpected(std::move(listener.error()));
    one->port_ = *std::move(listener);
  } else {
    auto listener = loop::LocalListener::open(
        loop, address.unix_socket, [one](loop::Descriptor connection) { one->begin(std::move(connection)); },
        loop::LocalListener::For::owner_and_group);
    if (!listener) return std::unexpected(std::move(listener.error()));
    one->file_ = *std::move(listener);
  }
  return endpoint;
}

void HttpEndpoint::begin(loop::Descriptor connection) {
  if (conversations_.size() >= kMostConnections) end(*conversations_.front());
  conversations_.push_back(std::make_unique<Conversation>(*this, ++last_, std::move(connection)));
}

void HttpEndpoint::answer(std::uint64_t number, http::Response response) {
  const auto found = std::ranges::find(conversations_, number, &Conversation::number);
  if (found != conversations_.end()) (*found)->answer(std::move(response));
}

void HttpEndpoint::end(const Conversation& conversation) {
  const auto found = std::ranges::find_if(conversations_, [&](const auto& one) { return one.get() == &conversation; });
  if (found == conversations_.end()) return;
  loop_.defer_delete(std::move(*found));
  conversations_.erase(found);
}

}  // namespace bastion::monitor
