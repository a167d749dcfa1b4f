#include "bastion/server/companions.h"

#include <utility>

#include "bastion/base/log.h"
#include "bastion/base/printable.h"

namespace bastion::server {
namespace {

constexpr std::size_t kLongestReason = 500;

}  // namespace

Companions::Companions(loop::Loop& loop, signer::Signer& signer, signer::Connector* peers, Events events)
    : signer_(signer),
      events_(std::move(events)),
      signer_watcher_(loop, signer.watched(), [this](unsigned) { on_signer(); }) {
  signer_watcher_.watch(loop::Watcher::readable);
  if (peers == nullptr) return;
  peers_watcher_.emplace(loop, peers->watched(), [this](unsigned) {
    ended(*peers_watcher_, "connects to other processes of the bastion has ended: without it they cannot be asked");
  });
  peers_watcher_->watch(loop::Watcher::readable);
}

void Companions::on_signer() {
  const auto said = signer_.said();
  if (said) return events_.on_unusable_keys(printable_on_one_line(*said, kLongestReason));
  // No session can exchange keys again either.
  ended(signer_watcher_, "holds the private keys has ended: without it nobody can be let in");
}

void Companions::ended(loop::Watcher& watcher, std::string_view which) {
  watcher.watch(loop::Watcher::none);
  log::error("the process that {}", which);
  events_.on_ended();
}

}  // namespace bastion::server
