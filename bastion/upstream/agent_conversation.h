// A conversation with the user's ssh-agent, over a channel that their client has opened to it: one question after the
// other, each with a time for its answer. Nothing the agent does ends anything but the conversation.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "bastion/base/agent_messages.h"
#include "bastion/base/task.h"
#include "bastion/connection/local_channel.h"
#include "bastion/loop/timer.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::upstream {

class AgentConversation final : private ByteStream::Reader {
 public:
  // The channel is being opened. The conversation ends it, and must not be destroyed from inside a call of it: what
  // waits for an answer goes on outside of those.
  AgentConversation(loop::Loop& loop, std::unique_ptr<connection::LocalChannel> channel);
  ~AgentConversation();
  AgentConversation(const AgentConversation&) = delete;
  AgentConversation& operator=(const AgentConversation&) = delete;

  // Whether there is an agent: what the client says to the opening.
  [[nodiscard]] Task<Result<>> opened(std::chrono::seconds within);

  // The answer to a request of agent_messages.h, without its length. After an error, every other question has it too:
  // answers carry no number. `on_waiting` is called once, if there is none after `patience`.
  struct Times {
    std::chrono::seconds within;
    std::chrono::milliseconds patience{0};
    std::function<void()> on_waiting = {};
  };
  [[nodiscard]] Task<Result<ByteVector>> ask(ByteVector request, Times times);

 private:
  void on_bytes(MutableBytes bytes) override;
  void on_drained() override {}
  void on_eof() override { settle(fail("the agent has hung up")); }
  void on_lost(const Error& /*why*/) override { settle(fail("the agent has hung up")); }
  // To the question that is open, or to the next one; the first answer counts.
  void settle(Result<ByteVector> answer);

  loop::Loop& loop_;
  std::unique_ptr<connection::LocalChannel> channel_;
  AgentAnswer received_;
  std::optional<Error> broken_;
  std::optional<Result<ByteVector>> answer_;
  bool asked_ = false;
  Stream<Result<ByteVector>> answers_;
  loop::Timer deliver_;
};

}  // namespace bastion::upstream
