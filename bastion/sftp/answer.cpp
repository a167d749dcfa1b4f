#include "bastion/sftp/answer.h"

#include <algorithm>

#include "bastion/base/wire_format.h"

namespace bastion::sftp {
namespace {

bool has_field(Type type) { return type == Type::status || type == Type::data || type == Type::handle; }

}  // namespace

std::size_t answer_head(Bytes body) {
  if (body.empty()) return 1;
  const Type type{body[0]};
  if (!has_field(type)) return kLeastPacket;
  if (type != Type::handle || body.size() < kLeastPacket + kNumberSize) return kLeastPacket + kNumberSize;
  const auto size = WireReader(body.subspan(kLeastPacket)).u32();
  return kLeastPacket + kNumberSize + std::min<std::size_t>(size, kLongestHandle);
}

std::optional<Answer> parse_answer(Bytes body) {
  WireReader in(body);
  Answer answer{.type = Type{in.u8()}, .id = in.u32()};
  if (answer.type == Type::handle) {
    answer.handle = in.text();
  } else if (has_field(answer.type)) {
    answer.number = in.u32();
  }
  return in.ok() ? std::optional(answer) : std::nullopt;
}

}  // namespace bastion::sftp
