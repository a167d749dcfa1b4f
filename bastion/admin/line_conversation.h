// A connection to a unix socket of ours: one question, one answer, a line each, and that is the end of it.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "bastion/base/byte_stream.h"
#include "bastion/base/result.h"
#include "bastion/loop/descriptor.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::admin {

class LineConversation;

// Those that are open at one socket.
class LineConversations {
 public:
  explicit LineConversations(loop::Loop& loop);
  ~LineConversations();
  LineConversations(const LineConversations&) = delete;
  LineConversations& operator=(const LineConversations&) = delete;

  void add(std::unique_ptr<LineConversation> conversation);
  [[nodiscard]] bool empty() const { return all_.empty(); }

 private:
  friend class LineConversation;
  void remove(const LineConversation& over);

  loop::Loop& loop_;
  std::list<std::unique_ptr<LineConversation>> all_;
};

// The side that is asked. It goes by itself, when the answer has been read or nobody waits for one any more.
class LineConversation : private ByteStream::Reader {
 public:
  // One that is longer is no question.
  static constexpr std::size_t kLongestQuestion = std::size_t{1024} * 1024;

  // `owner` is where it will be added, and outlives it.
  LineConversation(LineConversations& owner, loop::Descriptor connection);
  virtual ~LineConversation();
  LineConversation(const LineConversation&) = delete;
  LineConversation& operator=(const LineConversation&) = delete;

 protected:
  [[nodiscard]] loop::Loop& loop() const { return owner_.loop_; }
  // Without its newline. Called once; answer() or leave() is to follow, now or later.
  virtual void on_question(std::string_view line) = 0;
  // Something before the answer: a line with its newline.
  void say(std::string_view line) { stream_->write(bytes_of(line)); }
  // The line with its newline.
  void answer(std::string_view line);
  // Ends it without an answer.
  void leave() { owner_.remove(*this); }

 private:
  void on_bytes(MutableBytes bytes) override;
  void on_drained() override {}
  // The end of the file comes when the answer has been read; until then it means that nobody waits for one.
  void on_eof() override { leave(); }
  void on_lost(const Error& /*why*/) override { leave(); }

  LineConversations& owner_;
  std::string question_;
  bool asked_ = false;
  std::unique_ptr<ByteStream> stream_;
};

// The side that asks: everything that is answered until the other side ends, `longest` bytes at most, but for the lines
// at its beginning that `takes` takes. Blocks, for as long as the socket is set to.
using TakesLine = std::function<bool(std::string_view line)>;
[[nodiscard]] Result<std::string> ask_line(const loop::Descriptor& connection, std::string_view question,
                                           std::size_t longest, const TakesLine& takes = nullptr);

}  // namespace bastion::admin
