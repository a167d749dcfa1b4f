#include "bastion/transport/keyboard_interactive.h"

#include "bastion/base/wire_format.h"
#include "bastion/transport/message_numbers.h"

namespace bastion::transport {

ByteVector format_questions(const Questions& questions) {
  WireWriter request;
  request.u8(kUserauthInfoRequest).string(questions.name).string(questions.instruction).string(std::string_view{});
  request.u32(static_cast<std::uint32_t>(questions.prompts.size()));
  for (const auto& prompt : questions.prompts) request.string(prompt.text).boolean(prompt.echo == Prompt::Echo::yes);
  return request.take();
}

Result<Answers> parse_answers(Bytes packet, std::size_t prompts) {
  WireReader in(packet);
  in.u8();
  if (in.u32() != prompts || !in.ok()) return fail("there are not as many answers as questions");
  Answers answers;
  for (std::size_t i = 0; i < prompts; ++i) {
    const auto text = in.text();
    if (text.size() > kLongestAnswer) return fail("an answer is too long");
    answers.emplace_back(text);
  }
  if (!in.at_end()) return fail("the answers are malformed");
  return answers;
}

bool is_interactive_request(Bytes fields) {
  WireReader in(fields);
  in.string();  // language
  in.string();  // submethods
  return in.at_end();
}

}  // namespace bastion::transport
