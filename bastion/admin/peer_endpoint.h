// Where the other processes that serve from this state directory ask this one about its sessions: a unix socket beside
// theirs, for the owner of the state directory. One question on a connection, one answer (peer_messages.h).
#pragma once

#include <filesystem>
#include <memory>

#include "bastion/admin/grammar/runtime.h"
#include "bastion/admin/line_conversation.h"
#include "bastion/admin/peer_figures.h"
#include "bastion/base/result.h"
#include "bastion/loop/descriptor.h"
#include "bastion/loop/local_listener.h"

namespace bastion::admin {

class PeerEndpoint {
 public:
  // `runtime` and `figures` are those of this process alone, and outlive it.
  [[nodiscard]] static Result<std::unique_ptr<PeerEndpoint>> open(loop::Loop& loop, Runtime& runtime,
                                                                  PeerFiguresKeeper& figures,
                                                                  const std::filesystem::path& file);
  ~PeerEndpoint();
  PeerEndpoint(const PeerEndpoint&) = delete;
  PeerEndpoint& operator=(const PeerEndpoint&) = delete;

 private:
  class Conversation;

  PeerEndpoint(loop::Loop& loop, Runtime& runtime, PeerFiguresKeeper& figures);
  void begin(loop::Descriptor connection);

  Runtime& runtime_;
  PeerFiguresKeeper& figures_;
  LineConversations conversations_;
  std::unique_ptr<loop::LocalListener> listener_;
};

}  // namespace bastion::admin
