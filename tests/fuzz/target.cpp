// What a stranger calls herself: a target says the same text again, with a slash behind the owner, and every part of it
// is a name.
#include "bastion/access/target.h"

#include <string>

#include "bastion/base/bytes.h"
#include "bastion/base/name.h"
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
  require(is_name(target->user), "the user is a name");
  require(!target->owner || is_name(*target->owner), "the owner is a name");
  require(!target->container || is_name(*target->container), "the container is a name");
  require(!target->owner || target->container, "an owner stands before a container");
  std::string typed(text);
  if (target->owner) typed[typed.find_last_of("+/")] = '/';
  require(access::text_of(*target) == typed, "a target says what was typed");
  return 0;
}

}  // namespace bastion::access
