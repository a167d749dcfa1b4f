// chain of hops: a channel of the last of some hops; and a stream to an address in the network behind it, or, with no
// hop at all, in the bastion's own.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bastion/access/route.h"
#include "bastion/base/byte_stream.h"
#include "bastion/base/endpoint.h"
#include "bastion/base/reason.h"
#include "bastion/base/task.h"
#include "bastion/upstream/client_login.h"
#include "bastion/upstream/hop_pool.h"

namespace bastion::upstream {

struct Through {
  std::unique_ptr<connection::LocalChannel> channel;  // open
  HopConnection* hop = nullptr;                       // the last one; it outlives the channel
};
struct NotThrough {
  // What is wrong on the way. Nothing: the last hop was asked to connect and did not, which the others tell of.
  std::optional<End> end = std::nullopt;
  std::optional<connection::OpenFailureCode> code = std::nullopt;  // where it has answered
  std::string why = {};                                            // in its words
  std::string hop = {};                                            // its name
};
struct Opening {
  ChannelType type;
  std::function<std::unique_ptr<connection::LocalChannel>(HopConnection&)> open;
};
[[nodiscard]] Opening session_for(Use use);

// Through one hop at least. One that turns out to be dead, opens no further session, or was dialled a while ago and
// forbids this, is left for another one.
[[nodiscard]] Task<std::expected<Through, NotThrough>> open_through(const Credentials& credentials, HopPool& hops,
                                                                    std::vector<access::Hop> way, Use use,
                                                                    Opening opening);

struct Reached {
  std::unique_ptr<ByteStream> stream;
  HopConnection* hop = nullptr;  // the last one; it outlives the stream
};

// `unreachable` is the end when everything on the way is well and the address does not answer: a hop that does not
// want to connect, or cannot, has an end of its own (RFC 4254 section 5.1 says which it is).
[[nodiscard]] Task<std::expected<Reached, End>> reach(const Credentials& credentials, HopPool& hops,
                                                      std::vector<access::Hop> way, Use use, Endpoint to,
                                                      End unreachable);

// What has come to an end behind this hop, when it is the hop itself that is lost.
[[nodiscard]] End blame(End end, const HopConnection* hop);

}  // namespace bastion::upstream
