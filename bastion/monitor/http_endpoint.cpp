#include "bastion/monitor/http_endpoint.h"

#include <algorithm>
#include <string>
#include <utility>

#include "bastion/base/byte_stream.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/tcp_stream.h"
#include "bastion/loop/timer.h"

namespace bastion::monitor {

class HttpEndpoint::Conversation final : private ByteStream::Reader {
 public:
  Conversation(HttpEndpoint& endpoint, std::uint64_t number, loop::Descriptor connection)
      : endpoint_(endpoint),
        number_(number),
        stream_(endpoint.loop_, std::move(connection)),
        deadline_(endpoint.loop_, [this] { endpoint_.end(*this); }) {
    stream_.read_to(this);
    stream_.resume();
    deadline_.start(kLongest);
  }
  ~Conversation() { stream_.read_to(nullptr); }
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  [[nodiscard]] std::uint64_t number() const { return number_; }

  void answer(const HttpResponse& response) {
    if (std::exchange(answered_, true)) return;
    stream_.write(bytes_of(monitor::text_of(response, wants_body_)));
    stream_.end();
  }

 private:
  // What comes behind a request is not read.
  void on_bytes(MutableBytes bytes) override {
    if (asked_) return;
    received_ += bastion::text_of(bytes);
    auto request = parse_request(received_);
    if (!request) return;
    asked_ = true;
    received_ = {};
    if (!*request) return answer({.status = request->error(), .body = "this cannot be answered\n"});
    wants_body_ = (*request)->wants_body;
    endpoint_.on_request_(number_, **request);
  }
  void on_drained() override {}
  void on_eof() override {
    if (!asked_ || answered_) endpoint_.end(*this);
  }
  void on_lost(const Error& /*why*/) override { endpoint_.end(*this); }

  HttpEndpoint& endpoint_;
  std::uint64_t number_;
  std::string received_;
  bool asked_ = false;
  bool wants_body_ = true;
  bool answered_ = false;
  loop::TcpStream stream_;
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

void HttpEndpoint::answer(std::uint64_t number, const HttpResponse& response) {
  const auto found = std::ranges::find(conversations_, number, &Conversation::number);
  if (found != conversations_.end()) (*found)->answer(response);
}

void HttpEndpoint::end(const Conversation& conversation) {
  const auto found = std::ranges::find_if(conversations_, [&](const auto& one) { return one.get() == &conversation; });
  if (found == conversations_.end()) return;
  loop_.defer_delete(std::move(*found));
  conversations_.erase(found);
}

}  // namespace bastion::monitor
