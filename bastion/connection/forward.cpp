#include "bastion/connection/forward.h"

#include "bastion/base/wire_format.h"

namespace bastion::connection {

std::optional<ForwardAddress> parse_direct_tcpip(const ChannelOpen& open) {
  WireReader in(open.payload);
  ForwardAddress address{.host = std::string(in.text())};
  address.port = in.u32();
  in.string();  // where it comes from, as the client says
  in.u32();
  if (!in.at_end()) return std::nullopt;
  return address;
}

std::optional<ForwardAddress> parse_tcpip_forward(const GlobalRequest& request) {
  WireReader in(request.payload);
  ForwardAddress address{.host = std::string(in.text())};
  address.port = in.u32();
  if (!in.at_end()) return std::nullopt;
  return address;
}

}  // namespace bastion::connection
