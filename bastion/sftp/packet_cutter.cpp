#include "bastion/sftp/packet_cutter.h"

#include "bastion/base/wire_format.h"

namespace bastion::sftp {

void PacketCutter::skip(Bytes& bytes) {
  const auto passed = std::min(rest_, bytes.size());
  bytes = bytes.subspan(passed);
  rest_ -= passed;
}

void PacketCutter::begin() {
  head_.clear();
  is_whole_ = false;
}

void PacketCutter::append(Bytes& bytes, std::size_t goal) {
  const auto more = bytes.first(std::min(goal - head_.size(), bytes.size()));
  head_.insert(head_.end(), more.begin(), more.end());
  bytes = bytes.subspan(more.size());
}

bool PacketCutter::read_size() {
  size_ = WireReader(head_).u32();
  return size_ >= kLeastPacket && size_ <= kLargestPacket;
}

PacketCutter::Cut PacketCutter::finish() {
  is_whole_ = true;
  rest_ = kLengthSize + size_ - head_.size();
  return Cut::head;
}

}  // namespace bastion::sftp
