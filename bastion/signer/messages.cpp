#include "bastion/signer/messages.h"

#include <optional>
#include <utility>

#include "bastion/base/log.h"
#include "bastion/base/wire_format.h"
#include "bastion/transport/keys.h"

namespace bastion::signer {
namespace {

// Refused where another value would be.
constexpr std::uint8_t kIs = 1;
constexpr std::uint8_t kIsNot = 0;
constexpr std::uint32_t kMostKeys = 64;
constexpr std::size_t kLongestState = 1024;

std::unexpected<Error> malformed() { return fail("a message of the signer is malformed"); }

ByteVector vector_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

void put_keys(WireWriter& out, const std::vector<PublicKey>& keys) {
  out.u32(static_cast<std::uint32_t>(keys.size()));
  for (const auto& key : keys) out.string(key.blob);
}

std::optional<std::vector<PublicKey>> take_keys(WireReader& in) {
  const auto count = in.u32();
  if (count > kMostKeys) return std::nullopt;
  std::vector<PublicKey> keys;
  for (std::uint32_t i = 0; i < count; ++i) {
    auto key = transport::public_key_from_blob(in.string());
    if (!key) return std::nullopt;
    keys.push_back(*std::move(key));
  }
  return keys;
}

}  // namespace

ByteVector encode(const Start& start) {
  WireWriter out;
  out.string(start.state_dir)
      .string(start.database)
      .string(start.host_key_algorithms)
      .string(start.key_agent)
      .u8(start.log_level)
      .u8(start.log_form);
  return out.u32(start.channels).take();
}

Result<Start> parse_start(Bytes message) {
  WireReader in(message);
  Start start;
  start.state_dir = in.text();
  start.database = in.text();
  start.host_key_algorithms = in.text();
  start.key_agent = in.text();
  start.log_level = in.u8();
  start.log_form = in.u8();
  start.channels = in.u32();
  if (!in.at_end() || start.log_level > static_cast<std::uint8_t>(log::Level::error) ||
      start.log_form > static_cast<std::uint8_t>(log::Form::json))
    return malformed();
  return start;
}

ByteVector encode(Urgency urgency) { return {static_cast<std::uint8_t>(urgency)}; }

Result<Urgency> parse_urgency(Bytes message) {
  if (message.size() != 1 || message[0] > static_cast<std::uint8_t>(Urgency::strangers)) return malformed();
  return static_cast<Urgency>(message[0]);
}

ByteVector encode(const Result<Holds>& holds) {
  WireWriter out;
  if (!holds) return out.u8(kIsNot).string(holds.error().text).take();
  out.u8(kIs).string(holds->identity.ca.blob);
  put_keys(out, holds->identity.next_ca.blob.empty() ? std::vector<PublicKey>{}
                                                     : std::vector<PublicKey>{holds->identity.next_ca});
  put_keys(out, holds->identity.keys);
  put_keys(out, holds->host_keys);
  return out.take();
}

Result<Holds> parse_holds(Bytes message) {
  WireReader in(message);
  const auto what = in.u8();
  if (what == kIsNot) {
    const std::string why{in.text()};
    if (!in.at_end()) return malformed();
    return fail("{}", why);
  }
  auto ca = transport::public_key_from_blob(in.string());
  auto next_ca = take_keys(in);
  auto identities = take_keys(in);
  auto host_keys = take_keys(in);
  if (what != kIs || !ca || !next_ca || next_ca->size() > 1 || !identities || identities->empty() || !host_keys ||
      !in.at_end())
    return malformed();
  return Holds{.host_keys = *std::move(host_keys),
               .identity = {.keys = *std::move(identities),
                            .ca = *std::move(ca),
                            .next_ca = next_ca->empty() ? PublicKey{} : std::move(next_ca->front())}};
}

ByteVector encode_log_level(std::uint8_t level) { return {level}; }

Result<std::uint8_t> parse_log_level(Bytes message) {
  if (message.size() != 1 || message[0] > static_cast<std::uint8_t>(log::Level::error)) return malformed();
  return message[0];
}

ByteVector encode_agent_state(std::string_view why_not) {
  WireWriter out;
  return out.string(why_not.substr(0, kLongestState)).take();
}

Result<std::string> parse_agent_state(Bytes message) {
  WireReader in(message);
  std::string why_not{in.text()};
  if (!in.at_end()) return malformed();
  return why_not;
}

ByteVector encode(const Request& request) {
  WireWriter out;
  out.u32(request.id).string(request.key).string(request.algorithm).string(request.data);
  return out.string(request.host_key).string(request.host_signature).take();
}

Result<Request> parse_request(Bytes message) {
  WireReader in(message);
  Request request;
  request.id = in.u32();
  request.key = vector_of(in.string());
  request.algorithm = in.text();
  request.data = vector_of(in.string());
  request.host_key = vector_of(in.string());
  request.host_signature = vector_of(in.string());
  if (!in.at_end()) return malformed();
  return request;
}

ByteVector encode(const Reply& reply) {
  WireWriter out;
  out.u32(reply.id).u8(reply.signature ? kIs : kIsNot);
  return reply.signature ? out.string(*reply.signature).take() : out.string(reply.signature.error().text).take();
}

Result<Reply> parse_reply(Bytes message) {
  WireReader in(message);
  const auto id = in.u32();
  const auto what = in.u8();
  const auto content = in.string();
  if (!in.at_end() || what > kIs) return malformed();
  if (what == kIs) return Reply{.id = id, .signature = vector_of(content)};
  return Reply{.id = id, .signature = fail("{}", text_of(content))};
}

ByteVector encode(const Question& question) {
  WireWriter out;
  out.string(question.account).string(question.host_key);
  return out.u8(static_cast<std::uint8_t>(question.about)).take();
}

Result<Question> parse_question(Bytes message) {
  WireReader in(message);
  Question question;
  question.account = in.text();
  question.host_key = vector_of(in.string());
  const auto about = in.u8();
  if (!in.at_end() || about > static_cast<std::uint8_t>(Question::About::certificate)) return malformed();
  question.about = static_cast<Question::About>(about);
  return question;
}

ByteVector encode(Standing standing) { return {static_cast<std::uint8_t>(standing)}; }

Result<Standing> parse_standing(Bytes message) {
  if (message.size() != 1 || message[0] > static_cast<std::uint8_t>(Standing::unreadable)) return malformed();
  return static_cast<Standing>(message[0]);
}

}  // namespace bastion::signer
