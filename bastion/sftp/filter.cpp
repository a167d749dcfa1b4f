#include "bastion/sftp/filter.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "bastion/base/wire_format.h"

namespace bastion::sftp {
namespace {

using connection::Side;
using Cut = PacketCutter::Cut;

constexpr std::string_view kRefusedRequest = "refused@bastion";
constexpr std::string_view kDeniedText = "Permission denied";
// Type, number, and the length of the extension's name, or the code of a STATUS.
constexpr std::size_t kFront = kLeastPacket + kNumberSize;
constexpr std::size_t kRefusalSize = kFront + kRefusedRequest.size();
// A STATUS that is longer keeps its text.
constexpr std::size_t kLongestStatus = 1024;

std::unexpected<Error> no_sftp() {
  return fail("bastion: only SFTP of version {} is let through here, and this is none", kVersion);
}

Type type_of(Bytes body) { return Type{body[0]}; }

std::uint32_t number_at(Bytes body, std::size_t at) { return WireReader(body.subspan(at)).u32(); }

// Of a STATUS, behind its code: a text and the tag of its language, which takes what the text leaves.
void write_text(MutableBytes rest) {
  const auto room = rest.size() - 2 * kNumberSize;
  const auto text = room >= kDeniedText.size() ? kDeniedText : std::string_view{};
  put_u32(rest, static_cast<std::uint32_t>(text.size()));
  std::ranges::copy(bytes_of(text), rest.subspan(kNumberSize).begin());
  const auto tag = rest.subspan(kNumberSize + text.size());
  put_u32(tag, static_cast<std::uint32_t>(tag.size() - kNumberSize));
  std::ranges::fill(tag.subspan(kNumberSize), std::uint8_t{' '});
}

}  // namespace

Result<connection::ChannelFilter::Passed> Filter::pass(Side from, MutableBytes data) {
  if (from == Side::container && is_server_senseless_) return Passed{.rest = data};
  auto& cutter = from == Side::user ? requests_ : answers_;
  auto before = cutter.unfinished();  // of the packet at hand, in what was given before
  Passed passed{.rest = data};
  Bytes bytes = data;
  const auto wants = [&](std::size_t /*size*/, Bytes body) { return wanted(from, body); };
  auto cut = cutter.take(bytes, wants);
  for (; cut == Cut::head; cut = cutter.take(bytes, wants)) {
    const auto head = cutter.head();
    if (auto decided = decide(from, head.subspan(kLengthSize), cutter.size()); !decided) {
      return std::unexpected(std::move(decided.error()));
    }
    passed.before.insert(passed.before.end(), head.begin(), head.begin() + static_cast<std::ptrdiff_t>(before));
    const auto taken = head.subspan(std::exchange(before, 0));
    std::ranges::copy(taken, data.subspan(data.size() - bytes.size() - taken.size()).begin());
  }
  if (cut == Cut::unfinished) {
    passed.rest = data.first(data.size() - std::min(cutter.unfinished(), data.size()));
    return passed;
  }
  if (from == Side::user) return no_sftp();
  is_server_senseless_ = true;
  const auto head = cutter.head();
  passed.before.insert(passed.before.end(), head.begin(), head.begin() + static_cast<std::ptrdiff_t>(before));
  return passed;
}

std::size_t Filter::wanted(Side from, Bytes body) const {
  if (body.empty()) return 1;
  if (from == Side::container) {
    if (type_of(body) == Type::version) return kLeastPacket;
    if (type_of(body) != Type::status || refused_.empty()) return 1;
    return body.size() < kLeastPacket || !is_refused(body) ? kLeastPacket : kLongestStatus;
  }
  if (type_of(body) == Type::init) return kLeastPacket;
  return permits_all(permitted_, type_of(body)) ? 1 : std::max(request_head(body), kRefusalSize);
}

Result<> Filter::decide(Side from, MutableBytes body, std::uint32_t size) {
  return from == Side::user ? decide_request(body) : decide_answer(body, size);
}

Result<> Filter::decide_request(MutableBytes body) {
  if (type_of(body) == Type::init) {
    put_u32(body.subspan(1), std::min(number_at(body, 1), kVersion));
    return {};
  }
  if (permits_all(permitted_, type_of(body))) return {};
  const auto request = parse_request(body);
  if (!request) return no_sftp();
  return permits(permitted_, *request) ? Result<>{} : refuse(body, *request);
}

// Of what the server knows it would say that it is not supported, which is not so.
Result<> Filter::refuse(MutableBytes body, const Request& request) {
  if (body.size() < kFront) return no_sftp();
  if (on_refused_) on_refused_(request);
  if (is_known(request) && refused_.size() < kMostRefused) refused_.insert(request.id);
  body[0] = static_cast<std::uint8_t>(Type::extended);
  const auto name = bytes_of(kRefusedRequest).first(std::min(kRefusedRequest.size(), body.size() - kFront));
  put_u32(body.subspan(kLeastPacket), static_cast<std::uint32_t>(name.size()));
  std::ranges::copy(name, body.subspan(kFront).begin());
  return {};
}

bool Filter::is_refused(Bytes answer) const { return refused_.contains(number_at(answer, 1)); }

Result<> Filter::decide_answer(MutableBytes body, std::uint32_t size) {
  if (type_of(body) == Type::version && number_at(body, 1) > kVersion) return no_sftp();
  if (type_of(body) != Type::status || body.size() < kFront || !is_refused(body)) return {};
  if (number_at(body, kLeastPacket) != kUnsupported) return {};  // of another request with this number
  refused_.erase(refused_.find(number_at(body, 1)));
  put_u32(body.subspan(kLeastPacket), kPermissionDenied);
  const auto rest = body.subspan(kFront);
  if (body.size() == size && rest.size() >= 2 * kNumberSize) write_text(rest);
  return {};
}

}  // namespace bastion::sftp
