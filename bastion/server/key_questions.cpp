#include "bastion/server/key_questions.h"

#include <algorithm>
#include <utility>

namespace bastion::server {

KeyQuestions::Then KeyQuestions::ask(const std::string& question, const std::optional<Network>& source, Time now) {
  forget(now);
  if (const auto found = entries_.find(question); found != entries_.end()) {
    return found->second.answer ? Then::known : Then::waits;
  }
  const auto share = shares_.find(source);
  const bool has_too_many = source && share != shares_.end() && share->second.waiting >= limits_.waiting_of_one;
  if (has_too_many) return Then::refuse_source;
  if (waiting_.size() >= limits_.waiting) return Then::refuse;
  entries_.emplace(question, Entry{.source = source});
  waiting_.push_back(question);
  ++shares_[source].waiting;
  return Then::waits;
}

std::optional<std::string> KeyQuestions::next() {
  if (running_ >= limits_.running) return std::nullopt;
  const auto may_run = [this](const std::string& question) {
    const auto& source = entries_.at(question).source;
    return !source || shares_.at(source).running < limits_.running_of_one;
  };
  const auto found = std::ranges::find_if(waiting_, may_run);
  if (found == waiting_.end()) return std::nullopt;
  auto question = std::move(*found);
  waiting_.erase(found);
  auto& entry = entries_.at(question);
  entry.is_running = true;
  auto& share = shares_.at(entry.source);
  --share.waiting;
  ++share.running;
  ++running_;
  return question;
}

void KeyQuestions::over(const std::string& question, Answer answer, Time now) {
  auto& entry = entries_.at(question);
  entry.is_running = false;
  entry.answer = std::move(answer);
  entry.until = now + keep_;
  --running_;
  const auto share = shares_.find(entry.source);
  if (--share->second.running == 0 && share->second.waiting == 0) shares_.erase(share);
  answered_.push_back(question);
}

// All are kept for as long, so that the oldest is the first to go.
void KeyQuestions::forget(Time now) {
  while (!answered_.empty()) {
    const auto found = entries_.find(answered_.front());
    if (found->second.until > now && answered_.size() <= limits_.kept) return;
    entries_.erase(found);
    answered_.pop_front();
  }
}

}  // namespace bastion::server
