// A reliable byte stream with an SSH transport on top: a TCP connection, or a direct-tcpip channel of a hop. Whoever
// holds a ByteStream cannot tell which, and that is what lets a chain of hops compose to any depth.
#pragma once

#include <algorithm>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"

namespace bastion {

class ByteStream {
 public:
  // What a stream tells its one reader. No call comes from inside write(), commit() or end(), so a
  // reader needs no guard against itself.
  class Reader {
   public:
    // Where it wants to have what comes next, so that it need not copy what it keeps: a stream that can puts it there,
    // and calls on_bytes() with the front of that room. Empty: anywhere.
    [[nodiscard]] virtual MutableBytes space(std::size_t /*size*/) { return {}; }
    // The bytes may be changed in place and are gone when the call returns.
    virtual void on_bytes(MutableBytes bytes) = 0;
    // The backlog has fallen to kLowWater after having been above kHighWater. Of a stream that was told to end() this
    // comes only when the backlog is gone: the stream may be destroyed then.
    virtual void on_drained() = 0;
    // The other side will say no more, though it may still listen. At most once; on_lost() may follow.
    virtual void on_eof() = 0;
    // Nothing comes or goes any more. Called once; the stream may be destroyed afterwards, but not from inside the
    // call.
    virtual void on_lost(const Error& why) = 0;

   protected:
    ~Reader() = default;
  };

  // How what was written gets on.
  enum class Delivery : std::uint8_t {
    flows,         // as far as one can tell
    stands_still,  // it was sent again and again, and nothing was heard
    only_small,    // the same, but something is heard: what is larger than some size is lost on the way
  };

  // Above kHighWater bytes of backlog whoever feeds a stream is to stop; at kLowWater it may go on.
  static constexpr std::size_t kHighWater = 128 * 1024;
  static constexpr std::size_t kLowWater = 64 * 1024;

  ByteStream() = default;
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;
  // Sends what can be sent at once, then lets go of the stream.
  virtual ~ByteStream() = default;

  // The reader must outlive the stream or be replaced by nullptr.
  virtual void read_to(Reader* reader) = 0;
  // Queues the bytes (a copy). Never blocks and never fails: a lost stream swallows them.
  void write(Bytes bytes) {
    const auto room = prepare(bytes.size());
    if (room.empty()) return;
    std::ranges::copy(bytes, room.begin());
    commit(bytes.size());
  }
  // The same without the copy: room behind what is queued, and how much of it has been written. The stream is not to be
  // touched in between; without commit() nothing is queued. A lost stream gives no room.
  [[nodiscard]] virtual MutableBytes prepare(std::size_t size) = 0;
  virtual void commit(std::size_t size) = 0;
  // Bytes written and not yet taken by the other side's transport.
  [[nodiscard]] virtual std::size_t backlog() const = 0;
  [[nodiscard]] virtual Delivery delivery() const { return Delivery::flows; }
  // Nothing more will be written: the other side reads an end of file once it has everything.
  virtual void end() = 0;
  virtual void pause() = 0;
  // What has been kept back may be delivered from inside this call.
  virtual void resume() = 0;
};

}  // namespace bastion
