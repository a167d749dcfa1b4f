#include "bastion/upstream/agent_conversation.h"

#include <fmt/format.h>

#include <utility>

#include "bastion/base/printable.h"
#include "bastion/loop/loop.h"

namespace bastion::upstream {
namespace {

constexpr std::size_t kLongestRefusal = 128;

}  // namespace

AgentConversation::AgentConversation(loop::Loop& loop, std::unique_ptr<connection::LocalChannel> channel)
    : loop_(loop), channel_(std::move(channel)), deliver_(loop, [this] {
        if (answer_) answers_.push(*std::exchange(answer_, std::nullopt));
      }) {
  channel_->read_to(this);
}

AgentConversation::~AgentConversation() { channel_->read_to(nullptr); }

Task<Result<>> AgentConversation::opened(std::chrono::seconds within) {
  loop::Timer deadline(loop_, [&] {
    channel_->opened().set(std::unexpected(connection::LocalChannel::NotOpened{.text = "it does not answer"}));
  });
  deadline.start(within);
  const auto opened = co_await channel_->opened();
  if (!opened) co_return fail("the client says: {}", printable_on_one_line(opened.error().text, kLongestRefusal));
  co_return Result<>{};
}

Task<Result<ByteVector>> AgentConversation::ask(ByteVector request, Times times) {
  if (broken_) co_return std::unexpected(*broken_);
  loop::Timer waiting(loop_, [&] {
    if (times.on_waiting) times.on_waiting();
  });
  loop::Timer deadline(loop_, [&] { settle(fail("the agent does not answer within {} s", times.within.count())); });
  if (times.on_waiting) waiting.start(times.patience);
  deadline.start(times.within);
  asked_ = true;
  received_.clear();
  channel_->write(request);
  co_return co_await answers_.next();
}

void AgentConversation::on_bytes(MutableBytes bytes) {
  if (broken_) return;
  if (!asked_) return settle(fail("the agent answers what it was not asked"));
  const auto answer = received_.add(bytes);
  if (!answer) return settle(std::unexpected(answer.error()));
  if (*answer) settle(ByteVector((*answer)->begin(), (*answer)->end()));
}

void AgentConversation::settle(Result<ByteVector> answer) {
  if (!answer && !broken_) broken_ = answer.error();
  if (!std::exchange(asked_, false)) return;
  answer_ = std::move(answer);
  deliver_.start(std::chrono::milliseconds::zero());
}

}  // namespace bastion::upstream
