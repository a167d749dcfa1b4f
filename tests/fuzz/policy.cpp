// Options of authorized_keys, from anywhere: a restriction holds whatever stands before it, and of two policies neither
// lets through what the other does not.
#include <array>

#include "bastion/access/authorized_key.h"
#include "bastion/access/policy_options.h"
#include "bastion/base/bytes.h"
#include "tests/fuzz/require.h"

namespace bastion::access {
namespace {

using fuzz::require;

constexpr std::array kSwitches{&Policy::local_forwarding, &Policy::remote_forwarding, &Policy::streamlocal_forwarding,
                               &Policy::agent_forwarding, &Policy::x11_forwarding,    &Policy::pty};

// The first line of the input, which is taken from it.
std::string_view next_line(std::string_view& text) {
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

void check_restriction(std::string_view options) {
  const auto restricted = parse_policy(std::string(options) + ",restrict");
  if (!restricted) return;  // nothing stood before the comma
  for (const auto what : kSwitches) require(!(*restricted.*what), "a restriction holds");
}

void check_both(const Policy& user, const Policy& key, std::string_view host) {
  constexpr std::uint16_t kPort = 22;
  const auto either = both(user, key);
  for (const auto what : kSwitches) require(either.*what == (user.*what && key.*what), "both must switch it on");
  const auto agree = [&](auto asks) { return asks(either) == (asks(user) && asks(key)); };
  require(agree([&](const Policy& policy) { return policy.permits_open(host, kPort); }), "both must permit the end");
  require(agree([&](const Policy& policy) { return policy.permits_listen(host, kPort); }), "both must permit the port");
  require(agree([&](const Policy& policy) { return policy.permits_from(host); }), "both must permit the address");
  require(either.command == (key.command ? key.command : user.command), "the key's command goes first");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rest = bastion::text_of(Bytes{data, size});
  const auto line = next_line(rest);
  const auto user_options = next_line(rest);
  const auto split = split_authorized_key(line);
  require(split.options.size() + split.key.size() <= line.size(), "nothing is split that was not there");
  const auto key = parse_policy(split.options);
  const auto user = parse_policy(user_options);
  if (key) {
    require(both(*key, Policy{}) == *key && both(Policy{}, *key) == *key, "who allows everything changes nothing");
    check_restriction(split.options);
  }
  if (user && key) check_both(*user, *key, rest);
  return 0;
}

}  // namespace bastion::access
