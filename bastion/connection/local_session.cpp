#include "bastion/connection/local_session.h"

#include <utility>

#include "bastion/base/wire_format.h"
#include "bastion/connection/relay.h"

namespace bastion::connection {

LocalSession::LocalSession(Relay& relay, std::unique_ptr<LocalChannel> channel, SessionStart start)
    : relay_(relay), channel_(std::move(channel)), start_(std::move(start)) {
  if (auto* const entry = relay_.channels_.find(channel_->number())) entry->session = this;
}

LocalSession::~LocalSession() {
  auto* const entry = relay_.channels_.find(channel_->number());
  if (entry != nullptr && entry->session == this) entry->session = nullptr;
}

void LocalSession::exit(std::uint32_t status) {
  if (const auto peer = channel_->peer_number()) relay_.user_.send(encode_exit_status(*peer, status));
  channel_->end();
}

void LocalSession::pass() {
  if (channel_->peer_number()) relay_.pass_served_session(channel_->number(), *channel_);
}

void LocalSession::resize(const ChannelRequest& window_change) {
  if (!start_.terminal) return;
  WireReader in(window_change.payload);
  start_.terminal->columns = in.u32();
  start_.terminal->rows = in.u32();
  if (resized_) resized_();
}

}  // namespace bastion::connection
