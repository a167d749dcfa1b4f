#include "bastion/launcher/messages.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "bastion/base/wire_format.h"

namespace bastion::launcher {
namespace {

constexpr std::uint32_t kMostTexts = 16;

// Which of the forms of an answer it is.
enum class Form : std::uint8_t { failed, ended_by_signal, ended };

std::unexpected<Error> malformed() { return fail("a message of the launcher is malformed"); }

ByteVector encode_texts(const std::vector<std::string>& texts) {
  WireWriter out;
  out.u32(static_cast<std::uint32_t>(texts.size()));
  for (const auto& text : texts) out.string(std::string_view(text));
  return out.take();
}

Result<std::vector<std::string>> parse_texts(Bytes message) {
  WireReader in(message);
  const auto count = in.u32();
  if (count > kMostTexts) return malformed();
  std::vector<std::string> texts;
  texts.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) texts.emplace_back(in.text());
  if (!in.at_end()) return malformed();
  return texts;
}

// A word of a command line ends at its first NUL.
bool is_word(std::string_view text) { return !text.contains('\0'); }

}  // namespace

ByteVector encode(const Start& start) { return encode_texts(start.folders); }

Result<Start> parse_start(Bytes message) {
  auto folders = parse_texts(message);
  if (!folders) return std::unexpected(folders.error());
  return Start{*std::move(folders)};
}

ByteVector encode(const Started& started) { return encode_texts(started.complaints); }

Result<Started> parse_started(Bytes message) {
  auto complaints = parse_texts(message);
  if (!complaints) return std::unexpected(complaints.error());
  return Started{*std::move(complaints)};
}

ByteVector encode(const Question& question) {
  WireWriter out;
  out.u32(question.id);
  for (const auto* const word : {&question.ssh.host, &question.ssh.user, &question.ssh.port, &question.ssh.jumps}) {
    out.string(std::string_view(*word));
  }
  return out.take();
}

Result<Question> parse_question(Bytes message) {
  WireReader in(message);
  Question question{.id = in.u32(), .ssh = {.host = {}}};
  for (auto* const word : {&question.ssh.host, &question.ssh.user, &question.ssh.port, &question.ssh.jumps}) {
    *word = in.text();
    if (!is_word(*word)) return malformed();
  }
  if (!in.at_end() || question.ssh.host.empty()) return malformed();
  return question;
}

ByteVector encode(const Answer& answer) {
  WireWriter out;
  out.u32(answer.id);
  if (!answer.ended) {
    return out.u8(static_cast<std::uint8_t>(Form::failed)).string(std::string_view(answer.ended.error().text)).take();
  }
  const auto& ended = *answer.ended;
  out.u8(static_cast<std::uint8_t>(ended.status ? Form::ended : Form::ended_by_signal));
  if (ended.status) out.u8(*ended.status);
  return out.u32(ended.out_size).u32(ended.err_size).take();
}

Result<Answer> parse_answer(Bytes message) {
  WireReader in(message);
  const auto id = in.u32();
  const auto form = in.u8();
  if (form == static_cast<std::uint8_t>(Form::failed)) {
    const auto why = in.text();
    if (!in.at_end()) return malformed();
    return Answer{.id = id, .ended = fail("{}", why)};
  }
  Ended ended;
  if (form == static_cast<std::uint8_t>(Form::ended)) {
    ended.status = in.u8();
  } else if (form != static_cast<std::uint8_t>(Form::ended_by_signal)) {
    return malformed();
  }
  ended.out_size = in.u32();
  ended.err_size = in.u32();
  if (!in.at_end()) return malformed();
  return Answer{.id = id, .ended = ended};
}

}  // namespace bastion::launcher
