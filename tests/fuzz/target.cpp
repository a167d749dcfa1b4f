// What a stranger calls herself: every part of a target is a name, its text is that of the same target, and without a
// style it is what was typed, with a slash behind the owner.
#include "bastion/access/target.h"

#include <algorithm>
#include <string>

#include "bastion/base/bytes.h"
#include "bastion/base/name.h"
#include "bastion/base/user_name.h"
#include "tests/fuzz/require.h"

namespace bastion::access {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using fuzz::require;
  const auto text = bastion::text_of(Bytes{data, size});
  const auto target = parse_target(text);
  if (!target) {
    require(!is_name(text), "a name alone is a target");
    return 0;
  }
  require(is_user_name(target->user), "the user is a name");
  require(!target->owner || is_user_name(*target->owner), "the owner is a name");
  require(!target->container || is_name(*target->container), "the container is a name");
  require(!target->owner || target->container, "an owner stands before a container");
  const auto said = access::text_of(*target);
  const auto again = parse_target(said);
  require(again && access::text_of(*again) == said, "the text of a target is that target");
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (text.contains(':') || !std::ranges::all_of(text, is_ascii)) return 0;  // it may have been put into another form
  std::string typed(text);
  if (target->owner) typed[typed.find_last_of("+/")] = '/';
  require(said == typed, "a target says what was typed");
  return 0;
}

}  // namespace bastion::access
