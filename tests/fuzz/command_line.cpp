// Whole command lines with whole documents, as an administrator on another machine gives them: the first line is the
// command, the rest stands on its standard input. What must hold of each is in command_world.h.
#include <cstdio>
#include <string>
#include <string_view>

#include "bastion/admin/grammar/words.h"
#include "bastion/base/bytes.h"
#include "tests/fuzz/require.h"
#include "tests/support/command_world.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static bastion::test::CommandWorld world;
  const auto text = bastion::text_of({data, size});
  const auto line = text.substr(0, text.find('\n'));
  const auto input = text.substr(std::min(text.size(), line.size() + 1));
  const auto words = bastion::admin::command_words(line);
  if (!words) return 0;
  auto context = world.context(input);
  context.format.columns = line.size() % 2 == 0 ? 0 : 40;  // some of them at a narrow terminal
  const auto broken = world.broken_promise(*words, std::move(context));
  if (broken) std::fprintf(stderr, "%s\n", broken->c_str());
  bastion::fuzz::require(!broken, "what holds of every command");
  return 0;
}
