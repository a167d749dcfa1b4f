#include "bastion/signer/key_agent.h"

#include <utility>

#include "bastion/base/contained.h"
#include "bastion/base/log.h"
#include "bastion/base/thread.h"

namespace bastion::signer {

Result<std::vector<ByteVector>> keys_in_agent(const std::filesystem::path& socket) {
  return Agent(socket, [connect = connects_to_agent(socket)] { return connect({}); }).keys();
}

KeyAgent::KeyAgent(const std::filesystem::path& socket, std::unique_ptr<Connector> connector)
    : connector_(std::move(connector)),
      sessions_(socket, [this] { return connector_->connect(); }),
      strangers_(socket, [this] { return connector_->connect(); }),
      looks_(socket, [this] { return connector_->connect(); }) {}

Result<std::unique_ptr<KeyAgent>> KeyAgent::start(const std::filesystem::path& socket) {
  auto connector = Connector::start([&] { return connects_to_agent(socket); });
  if (!connector) return std::unexpected(connector.error());
  return std::unique_ptr<KeyAgent>(new KeyAgent(socket, *std::move(connector)));
}

Result<> KeyAgent::watch(std::vector<PublicKey> keys, std::function<void(std::string_view)> on_change) {
  auto thread = start_thread([this, keys = std::move(keys), on_change = std::move(on_change)] {
    contained("who looks for the agent", [&] { look(keys, on_change); });
  });
  if (!thread) return std::unexpected(std::move(thread.error()));
  thread_ = *std::move(thread);
  return {};
}

// Another one at the same place is not the one that has not answered.
void KeyAgent::look(const std::vector<PublicKey>& keys, const std::function<void(std::string_view)>& on_change) {
  bool is_well = true;
  auto known = looks_.connections();
  for (;;) {
    std::unique_lock lock(mutex_);
    if (ends_.wait_for(lock, is_well ? kLook : kLookWhileGone, [this] { return has_ended_; })) return;
    lock.unlock();
    const auto there = looks_.has(keys);
    if (there && std::exchange(known, looks_.connections()) != looks_.connections()) {
      sessions_.is_another();
      strangers_.is_another();
    }
    if (there.has_value() == is_well) continue;
    is_well = there.has_value();
    if (is_well) {
      log::info("the agent has the keys again");
    } else {
      log::error("what needs the keys in the agent fails from now on: {}", there.error().text);
    }
    on_change(is_well ? std::string_view{} : std::string_view(there.error().text));
  }
}

KeyAgent::~KeyAgent() {
  {
    const std::lock_guard lock(mutex_);
    has_ended_ = true;
  }
  ends_.notify_all();
  if (thread_.joinable()) thread_.join();
}

}  // namespace bastion::signer
