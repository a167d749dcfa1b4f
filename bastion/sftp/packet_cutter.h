// One direction of an SFTP channel, cut into packets: the beginning of each is kept, as much of it as is wanted, and
// the rest passes. Pure; the bytes may come from anywhere, in pieces of any size.
#pragma once

#include <algorithm>
#include <cstdint>

#include "bastion/base/bytes.h"
#include "bastion/sftp/packet.h"

namespace bastion::sftp {

class PacketCutter {
 public:
  enum class Cut : std::uint8_t {
    unfinished,  // all bytes are taken, and a packet is to go on
    head,        // head() is as long as it was wanted to be
    senseless,   // this is no SFTP; nothing more may be taken
  };

  // Takes bytes from the front of `bytes`, up to where the head of a packet is whole. `wanted(size, body)` says how
  // many bytes are wanted of a packet of `size` bytes behind its length, by what is there of it; it is asked again when
  // those are there. A packet has no more of them than its size.
  template <typename Wanted>
  Cut take(Bytes& bytes, const Wanted& wanted) {
    skip(bytes);
    if (rest_ > 0 || (is_whole_ && bytes.empty())) return Cut::unfinished;
    if (is_whole_) begin();
    while (true) {
      const auto goal =
          head_.size() < kLengthSize ? kLengthSize : kLengthSize + std::min<std::size_t>(size_, wanted(size_, body()));
      if (head_.size() >= kLengthSize && head_.size() >= goal) return finish();
      if (bytes.empty()) return Cut::unfinished;
      append(bytes, goal);
      if (head_.size() == kLengthSize && !read_size()) return Cut::senseless;
    }
  }

  // Of the packet at hand, its length in front; until more is taken.
  [[nodiscard]] MutableBytes head() { return head_; }
  [[nodiscard]] Bytes body() const { return head_.size() < kLengthSize ? Bytes{} : Bytes{head_}.subspan(kLengthSize); }
  // Behind its length.
  [[nodiscard]] std::uint32_t size() const { return size_; }
  // What was taken of a head that is not whole.
  [[nodiscard]] std::size_t unfinished() const { return is_whole_ ? 0 : head_.size(); }

 private:
  void skip(Bytes& bytes);
  void begin();
  void append(Bytes& bytes, std::size_t goal);
  bool read_size();
  Cut finish();

  ByteVector head_;
  std::uint32_t size_ = 0;
  std::size_t rest_ = 0;  // of the packet, behind its head
  bool is_whole_ = false;
};

}  // namespace bastion::sftp
