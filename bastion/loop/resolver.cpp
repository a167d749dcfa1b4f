#include "bastion/loop/resolver.h"

#include <netdb.h>
#include <uv.h>

#include <cstring>
#include <string>

#include "bastion/base/contained.h"
#include "bastion/loop/loop.h"

namespace bastion::loop {

struct Resolver::Request {
  uv_getaddrinfo_t uv{};
  Resolver* owner = nullptr;
  std::string host;

  static void on_answer(uv_getaddrinfo_t* uv, int status, addrinfo* found) {
    const std::unique_ptr<Request> request(static_cast<Request*>(uv->data));
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> list(found, uv_freeaddrinfo);
    if (request->owner == nullptr) return;
    request->owner->request_ = nullptr;
    contained("a look-up of a name", [&] { request->tell(status, found); });
  }
  void tell(int status, const addrinfo* found) const {
    if (status != 0) {
      owner->answer_.set(fail("{} cannot be resolved: {}", host, uv_strerror(status)));
      return;
    }
    std::vector<SocketAddress> addresses;
    for (const auto* entry = found; entry != nullptr; entry = entry->ai_next) {
      auto& address = addresses.emplace_back();
      std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
      address.size = entry->ai_addrlen;
    }
    owner->answer_.set(std::move(addresses));
  }
};

Resolver::Resolver(Loop& loop, const Endpoint& address) {
  if (const auto numeric = socket_address_of(address)) {
    answer_.set(std::vector{*numeric});
    return;
  }
  auto request = std::make_unique<Request>();
  request->uv.data = request.get();
  request->owner = this;
  request->host = address.host;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  const auto port = std::to_string(address.port);
  const int status =
      uv_getaddrinfo(loop.raw(), &request->uv, &Request::on_answer, request->host.c_str(), port.c_str(), &hints);
  if (status != 0) {
    answer_.set(fail("{} cannot be resolved: {}", address.host, uv_strerror(status)));
    return;
  }
  request_ = request.release();
}

Resolver::~Resolver() {
  if (request_ == nullptr) return;
  request_->owner = nullptr;
  uv_cancel(reinterpret_cast<uv_req_t*>(&request_->uv));
}

}  // namespace bastion::loop
