// Global requests carry no number: their replies must come in the order of the requests (RFC 4254 section 4). Two
// queues keep that order where a relay stands in the middle.
#pragma once

#include <deque>
#include <optional>

#include "bastion/base/packet_sink.h"
#include "bastion/connection/permitted_opens.h"

namespace bastion::connection {

// The replies owed to one side: some come from the other side, some from us, all leave in the order of the questions.
class OwedReplies {
 public:
  void owe() { replies_.emplace_back(); }
  void owe(ByteVector reply, PacketSink& to) {
    replies_.emplace_back(std::move(reply));
    flush(to);
  }
  // The oldest question the other side had to answer is answered.
  void answer(Bytes reply, PacketSink& to) {
    for (auto& owed : replies_) {
      if (owed) continue;
      owed.emplace(reply.begin(), reply.end());
      break;
    }
    flush(to);
  }
  // Every question still open gets this answer.
  void answer_all(const ByteVector& reply, PacketSink& to) {
    for (auto& owed : replies_) {
      if (!owed) owed = reply;
    }
    flush(to);
  }
  [[nodiscard]] std::size_t size() const { return replies_.size(); }

 private:
  void flush(PacketSink& to) {
    while (!replies_.empty() && replies_.front()) {
      to.send(*replies_.front());
      replies_.pop_front();
    }
  }

  std::deque<std::optional<ByteVector>> replies_;
};

// The questions that one side has not answered yet, oldest first.
enum class Asker : std::uint8_t { bastion, other_side };
struct Question {
  Asker asker = Asker::bastion;
  std::optional<PermittedOpens::Change> change{};  // of what the container may open, when it says yes
};
using Asked = std::deque<Question>;

}  // namespace bastion::connection
