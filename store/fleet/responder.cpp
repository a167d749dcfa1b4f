#include "store/fleet/responder.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "bastion/base/contained.h"
#include "bastion/base/log.h"
#include "bastion/base/thread.h"

namespace bastion::store::fleet {

Responder::Responder(const std::string& conninfo, const std::string& node, OnQuestion on_question)
    : on_question_(std::move(on_question)), messages_(conninfo, node, kPatience) {
  messages_.give_up_when(ended_.descriptor());
}

void Responder::stop() {
  ending_ = true;
  ended_.call();
  replies_->wake_up.call();
}

Responder::~Responder() {
  stop();
  if (thread_.joinable()) thread_.join();
}

Result<> Responder::start() {
  if (ended_.descriptor() < 0 || replies_->wake_up.descriptor() < 0) {
    return fail("other bastions of the fleet cannot be heard: {}", std::strerror(errno));
  }
  auto thread = start_thread([this] { run(); });
  if (!thread) return std::unexpected(thread.error());
  thread_ = *std::move(thread);
  return {};
}

// That the fleet's database is away is told by whoever says that this bastion is there (courier.h).
void Responder::run() {
  while (!ending_) {
    bool went_well = false;
    contained("a question of another bastion", [&] {
      const auto turned = turn();
      went_well = turned.has_value();
      if (!turned) log::debug("other bastions of the fleet are not heard: {}", turned.error().text);
    });
    if (!went_well && !ending_) ended_.wait(kEvery);
  }
}

Result<> Responder::turn() {
  if (auto taken = take_questions(); !taken) return taken;
  if (auto sent = send_replies(); !sent) return sent;
  auto waited = messages_.wait_for_questions(kEvery, replies_->wake_up.descriptor());
  replies_->wake_up.clear();
  return waited ? send_replies() : waited;
}

Result<> Responder::take_questions() {
  const auto questions = messages_.unanswered();
  if (!questions) return std::unexpected(questions.error());
  // What is answered, or too old to be.
  std::erase_if(open_, [&](const std::string& id) {
    return std::ranges::find(*questions, id, &NodeQuestion::id) == questions->end();
  });
  for (const auto& question : *questions) {
    if (!open_.insert(question.id).second) continue;
    on_question_(question, [replies = replies_, id = question.id](std::string text) {
      {
        const std::scoped_lock lock(replies->mutex);
        replies->waiting.emplace_back(id, std::move(text));
      }
      replies->wake_up.call();
    });
  }
  return {};
}

// What could not be sent is asked again, and answered again.
Result<> Responder::send_replies() {
  std::vector<std::pair<std::string, std::string>> replies;
  {
    const std::scoped_lock lock(replies_->mutex);
    replies.swap(replies_->waiting);
  }
  for (const auto& [id, text] : replies) {
    if (auto sent = messages_.answer(id, text); !sent) {
      open_.clear();
      return sent;
    }
  }
  return {};
}

}  // namespace bastion::store::fleet
