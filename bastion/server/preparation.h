// What a start does while there is one thread: what the process is to have it takes, and what it may not have it gives
// up.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "bastion/admin/peer_runtime.h"
#include "bastion/base/sealing_key.h"
#include "bastion/config/config.h"
#include "bastion/hooks/hook_runner.h"
#include "bastion/launcher/launcher.h"
#include "bastion/oidc/issuer.h"
#include "bastion/server/server_id.h"
#include "bastion/signer/connector.h"
#include "bastion/signer/signer.h"
#include "bastion/transport/keys.h"
#include "bastion/transport/own_identity.h"
#include "store/database.h"

namespace bastion::server {

// How many of each a configuration makes.
struct ThreadCounts {
  std::size_t workers;
  std::size_t strangers;
};
[[nodiscard]] ThreadCounts thread_counts(const config::Config& config);

struct Preparation {
  ServerId id;
  // Has a channel for each worker, and then for each thread for strangers.
  std::unique_ptr<signer::Signer> signer;
  // Starts the one program that commands need: this process starts none.
  std::unique_ptr<launcher::Launcher> launcher;
  // Runs the programs that start backends.
  std::unique_ptr<hooks::HookRunner> hooks;
  // Talks to the issuer at which users sign on; nullptr: there is none.
  std::unique_ptr<oidc::Issuer> issuer;
  // Where private keys are in an agent, which takes whoever has this account: this process makes no unix sockets then
  // (stop_making_local_sockets()), and connects to other ones through this. nullptr: there is none.
  std::unique_ptr<signer::Connector> peers;
  // Their private halves are the signer's.
  std::vector<transport::KeyPair> host_keys;
  transport::OwnIdentity identity;
  // What secrets of users are sealed with, or why there is none.
  Result<SealingKey> sealing_key;
  // Does nothing but stay open: the side files that SQLite makes for the first one are there, so that they can be read
  // later on too.
  store::Database database;
};

// In the end this process has no private key, cannot read their files where the kernel can forbid that, and keeps its
// memory to itself. The first thing that it does is to start the signer, and then the launcher.
[[nodiscard]] Result<Preparation> prepare(const config::Config& config);

// How this process reaches the others: itself, or through `connector`, which outlives whoever uses it.
[[nodiscard]] admin::PeerRuntime::Connect connects_to_peers(signer::Connector* connector);

// When all that it listens at is there, and before anybody says anything to it.
void leave_agent(const Preparation& prepared);

}  // namespace bastion::server
