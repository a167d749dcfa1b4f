// Requests that come over a stream, one after the other: the next one is looked at when the one before is answered.
// Knows no time: whoever owns it ends what takes too long.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "bastion/base/byte_stream.h"
#include "bastion/http/request.h"
#include "bastion/http/response.h"

namespace bastion::http {

class Connection final : private ByteStream::Reader {
 public:
  enum class Serves : std::uint8_t { one, many };  // requests

  class Delegate {
   public:
    // It is whole. answer() or begin_stream() is to follow, from inside the call or later.
    virtual void on_request(Request request) = 0;
    // All of the answer is written, and another request may come.
    virtual void on_answered() {}
    // Nothing more will be written, and all that was is with the stream's transport.
    virtual void on_sent() {}
    // The other side is gone, or has nothing more to say: defer_delete() the connection. Once, from inside any call.
    virtual void on_over() = 0;

   protected:
    ~Delegate() = default;
  };

  // `stream` and `delegate` outlive it. A request that is none, or is beyond the limits, is answered here.
  Connection(ByteStream& stream, const Limits& limits, Serves serves, Delegate& delegate)
      : stream_(stream), limits_(limits), serves_(serves), delegate_(delegate) {}
  ~Connection() { stream_.read_to(nullptr); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();

  // Of the request that waits for it; where none does, nothing happens. It is the last one where the connection is to
  // close behind it.
  void answer(Response response, Behind behind = Behind::goes_on);
  // Begins an answer that goes on until end(): of that type, with those fields and without a body.
  void begin_stream(const Response& head);
  // Of that one. While there is no room nothing more is to be written.
  void write(std::string_view text);
  [[nodiscard]] bool has_room() const { return stream_.backlog() == 0; }
  // Nothing more is written, nor read.
  void end();

 private:
  enum class State : std::uint8_t { reads, waits, writes, streams, ended, over };

  void on_bytes(MutableBytes bytes) override;
  void on_drained() override;
  void on_eof() override;
  void on_lost(const Error& /*why*/) override { over(); }

  [[nodiscard]] bool has_enough() const { return received_.size() > limits_.head + limits_.body; }
  void go_on();
  [[nodiscard]] std::optional<Request> take_request();
  void refuse(Status status);
  void write_more();
  void over();

  ByteStream& stream_;
  Limits limits_;
  Serves serves_;
  Delegate& delegate_;
  State state_ = State::reads;
  std::string received_;
  std::optional<Head> head_;  // of the request whose body is read
  bool wants_body_ = true;    // of the one that is answered
  bool is_last_ = false;      // it is
  bool eof_ = false;          // the other side will ask nothing more
  bool is_going_on_ = false;
  bool is_paused_ = false;
  std::string unsent_;    // of an answer
  std::size_t sent_ = 0;  // so much of it is written
};

}  // namespace bastion::http
