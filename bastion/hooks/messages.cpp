#include "bastion/hooks/messages.h"

#include <string_view>
#include <utility>

#include "bastion/base/wire_format.h"

namespace bastion::hooks {
namespace {

constexpr std::uint32_t kMostFolders = 16;
constexpr std::uint32_t kLongestWait = 3600;

std::unexpected<Error> malformed() { return fail("a message of the hook runner is malformed"); }

// What an operating system's call takes ends at its first NUL.
bool is_text(std::string_view text) { return !text.contains('\0'); }

}  // namespace

ByteVector encode(const Start& start) {
  WireWriter out;
  out.string(std::string_view(start.hooks)).u32(static_cast<std::uint32_t>(start.not_even_read.size()));
  for (const auto& folder : start.not_even_read) out.string(std::string_view(folder));
  return out.string(std::string_view(start.key_command)).take();
}

Result<Start> parse_start(Bytes message) {
  WireReader in(message);
  Start start{.hooks = std::string(in.text())};
  const auto count = in.u32();
  if (count > kMostFolders || !is_text(start.hooks)) return malformed();
  for (std::uint32_t i = 0; i < count; ++i) {
    start.not_even_read.emplace_back(in.text());
    if (!is_text(start.not_even_read.back())) return malformed();
  }
  start.key_command = in.text();
  if (!in.at_end() || !is_text(start.key_command)) return malformed();
  return start;
}

ByteVector encode(const Started& started) { return WireWriter().string(std::string_view(started.complaint)).take(); }

Result<Started> parse_started(Bytes message) {
  WireReader in(message);
  Started started{.complaint = std::string(in.text())};
  if (!in.at_end()) return malformed();
  return started;
}

Result<About> about(Bytes message) {
  WireReader in(message);
  const auto kind = in.u8();
  if (kind != static_cast<std::uint8_t>(About::hook) && kind != static_cast<std::uint8_t>(About::keys)) {
    return malformed();
  }
  return static_cast<About>(kind);
}

ByteVector encode(const KeysQuestion& question) {
  WireWriter out;
  out.u8(static_cast<std::uint8_t>(About::keys));
  for (const auto* const text : {&question.user, &question.fingerprint, &question.type, &question.base64}) {
    out.string(std::string_view(*text));
  }
  return out.u32(question.within).take();
}

Result<KeysQuestion> parse_keys_question(Bytes message) {
  WireReader in(message);
  if (in.u8() != static_cast<std::uint8_t>(About::keys)) return malformed();
  KeysQuestion question{.user = {}};
  for (auto* const text : {&question.user, &question.fingerprint, &question.type, &question.base64}) {
    *text = in.text();
    if (!is_text(*text)) return malformed();
  }
  question.within = in.u32();
  if (!in.at_end() || question.within == 0 || question.within > kLongestWait) return malformed();
  return question;
}

ByteVector encode(const Question& question) {
  return WireWriter()
      .u8(static_cast<std::uint8_t>(About::hook))
      .string(std::string_view(question.hook))
      .string(std::string_view(question.backend))
      .u32(question.within)
      .take();
}

Result<Question> parse_question(Bytes message) {
  WireReader in(message);
  if (in.u8() != static_cast<std::uint8_t>(About::hook)) return malformed();
  Question question{.hook = std::string(in.text()), .backend = std::string(in.text()), .within = in.u32()};
  if (!in.at_end() || !is_text(question.hook) || !is_text(question.backend)) return malformed();
  if (question.within == 0 || question.within > kLongestWait) return malformed();
  return question;
}

ByteVector encode(const Answer& answer, std::size_t longest) {
  constexpr std::size_t kBeside = 16;
  return WireWriter()
      .u8(answer.started ? 1 : 0)
      .string(std::string_view(answer.said).substr(0, longest - kBeside))
      .take();
}

Result<Answer> parse_answer(Bytes message) {
  WireReader in(message);
  const auto started = in.u8();
  Answer answer{.started = started == 1, .said = std::string(in.text())};
  if (!in.at_end() || started > 1) return malformed();
  return answer;
}

}  // namespace bastion::hooks
