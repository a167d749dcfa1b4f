// A raw tunnel: one channel of the user's, spliced to a stream through the hops. What passes is between the two ends.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bastion/access/destination.h"
#include "bastion/base/reason.h"
#include "bastion/base/splice.h"
#include "bastion/base/task.h"
#include "bastion/connection/offer.h"
#include "bastion/follow/following.h"
#include "bastion/upstream/chain.h"

namespace bastion::session {

class Tunnel {
 public:
  // What a tunnel needs of the session it belongs to; all of it outlives the tunnel.
  struct Place {
    const upstream::Credentials& credentials;
    upstream::HopPool& hops;
    const follow::Following following;
    // Where the directory has by now what the user has asked for; nothing where that is refused, or is no such way.
    std::function<std::optional<access::ThroughTheHops>()> find;
    // It goes on by another way, which find() has given.
    std::function<void(const access::ThroughTheHops&)> on_moved;
    // What the user's client shows when there is no tunnel; the log gets the detail.
    std::function<std::string(const End&)> explain;
    // It will carry nothing more: defer_delete() it. May come from inside any call.
    std::function<void(Tunnel&)> on_over;
  };

  Tunnel(Place place, connection::ChannelOffer offer);
  Tunnel(const Tunnel&) = delete;
  Tunnel& operator=(const Tunnel&) = delete;

  // Once. The offer is accepted when the other end is reached, if need be where its source says that it is now, and
  // refused when it is not.
  void start(access::ThroughTheHops way);

  // What it leads to, or is on its way to, as ThroughTheHops has it.
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::optional<access::ContainerPlace>& container() const { return container_; }

 private:
  Task<std::expected<upstream::Reached, End>> reach(access::ThroughTheHops way);
  // By this way, or by the one that leads there now.
  Task<std::expected<upstream::Reached, End>> reach_where_it_is(access::ThroughTheHops way);
  [[nodiscard]] std::optional<access::ThroughTheHops> new_way(const access::ThroughTheHops& way) const;
  Task<void> dig(access::ThroughTheHops way);

  Place place_;
  connection::ChannelOffer offer_;
  std::string name_;
  std::optional<access::ContainerPlace> container_;
  std::unique_ptr<ByteStream> far_;
  std::unique_ptr<connection::LocalChannel> near_;
  std::optional<Splice> splice_;
  Task<void> task_;
};

}  // namespace bastion::session
