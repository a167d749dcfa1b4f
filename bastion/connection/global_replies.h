// Global requests carry no number: their replies must come in the order of the requests (RFC 4254 section 4). Two
// queues keep that order where a relay stands in the middle.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "bastion/base/packet_sink.h"
#include "bastion/connection/permitted_opens.h"

namespace bastion::connection {

// The replies owed to one side: some come from the other side, some from us, all leave in the order of the questions.
class OwedReplies {
 public:
  // What the other side is asked for: something it may take its time for, or what it answers at once.
  enum class Kind : std::uint8_t { slow, prompt };

  void owe(Kind kind) { replies_.emplace_back(kind); }
  void owe(ByteVector reply, PacketSink& to) {
    replies_.emplace_back(Kind::prompt, std::move(reply));
    flush(to);
  }
  // Whether the next reply waits for one that may take its time.
  [[nodiscard]] bool are_held_up() const {
    return std::ranges::any_of(replies_, [](const Owed& owed) { return owed.kind == Kind::slow && !owed.reply; });
  }
  // The oldest question the other side had to answer is answered.
  void answer(Bytes reply, PacketSink& to) {
    for (auto& owed : replies_) {
      if (owed.reply) continue;
      owed.reply.emplace(reply.begin(), reply.end());
      break;
    }
    flush(to);
  }
  // Every question still open gets this answer.
  void answer_all(const ByteVector& reply, PacketSink& to) {
    for (auto& owed : replies_) {
      if (!owed.reply) owed.reply = reply;
    }
    flush(to);
  }
  [[nodiscard]] std::size_t size() const { return replies_.size(); }

 private:
  struct Owed {
    Kind kind = Kind::prompt;
    std::optional<ByteVector> reply{};

    explicit Owed(Kind of, std::optional<ByteVector> known = {}) : kind(of), reply(std::move(known)) {}
  };

  void flush(PacketSink& to) {
    while (!replies_.empty() && replies_.front().reply) {
      to.send(*replies_.front().reply);
      replies_.pop_front();
    }
  }

  std::deque<Owed> replies_;
};

// The questions that one side has not answered yet, oldest first.
enum class Asker : std::uint8_t { bastion, other_side };
struct Question {
  Asker asker = Asker::bastion;
  std::optional<PermittedOpens::Change> change{};  // of what the container may open, when it says yes
};
using Asked = std::deque<Question>;

}  // namespace bastion::connection
