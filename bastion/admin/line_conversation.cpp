#include "bastion/admin/line_conversation.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "bastion/loop/loop.h"
#include "bastion/loop/tcp_stream.h"

namespace bastion::admin {

LineConversations::LineConversations(loop::Loop& loop) : loop_(loop) {}

LineConversations::~LineConversations() = default;

void LineConversations::add(std::unique_ptr<LineConversation> conversation) { all_.push_back(std::move(conversation)); }

void LineConversations::remove(const LineConversation& over) {
  const auto found = std::ranges::find(all_, &over, &std::unique_ptr<LineConversation>::get);
  if (found == all_.end()) return;
  loop_.defer_delete(std::move(*found));
  all_.erase(found);
}

LineConversation::LineConversation(LineConversations& owner, loop::Descriptor connection)
    : owner_(owner), stream_(std::make_unique<loop::TcpStream>(owner.loop_, std::move(connection))) {
  stream_->read_to(this);
  stream_->resume();
}

LineConversation::~LineConversation() { stream_->read_to(nullptr); }

void LineConversation::on_bytes(MutableBytes bytes) {
  if (asked_) return;
  question_ += text_of(bytes);
  const auto end = question_.find('\n');
  if (end == std::string::npos) {
    if (question_.size() > kLongestQuestion) leave();
    return;
  }
  asked_ = true;
  on_question(std::string_view(question_).substr(0, end));
}

void LineConversation::answer(std::string_view line) {
  stream_->write(bytes_of(line));
  stream_->end();
}

Result<std::string> ask_line(const loop::Descriptor& connection, std::string_view question, std::size_t longest,
                             const TakesLine& takes) {
  const auto failed = [] { return fail("{}", std::strerror(errno)); };
  while (!question.empty()) {
    const auto sent = ::send(connection.get(), question.data(), question.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return failed();
    question.remove_prefix(static_cast<std::size_t>(sent));
  }
  std::string answer;
  bool is_answered = takes == nullptr;  // what comes is not for it any more
  std::array<char, 16 * 1024> some{};
  while (answer.size() < longest) {
    const auto count = ::read(connection.get(), some.data(), some.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed();
    if (count == 0) break;
    auto from = answer.size();
    answer.append(some.data(), static_cast<std::size_t>(count));
    for (auto end = answer.find('\n', from); !is_answered && end != std::string::npos; end = answer.find('\n', from)) {
      is_answered = !takes(std::string_view(answer).substr(0, end));
      if (is_answered) break;
      answer.erase(0, end + 1);
      from = 0;
    }
  }
  return answer;
}

}  // namespace bastion::admin
