// What a stranger says when keys have been exchanged: messages of any kind, against a whole server session. Every
// request is looked into and its proof verified, as if its key were somebody's; nobody is let in, and little is
// answered.
#include "bastion/auth/attempt.h"
#include "bastion/auth/methods.h"
#include "bastion/transport/library.h"
#include "tests/fuzz/require.h"
#include "tests/fuzz/script.h"
#include "tests/support/two_sessions.h"

namespace bastion {
namespace {

using fuzz::require;

// One answer for each message, and what is said before.
constexpr std::size_t kMostSaid = 64 * 1024;
constexpr std::uint8_t kKexinit = 20;
constexpr std::uint8_t kNewkeys = 21;
constexpr std::size_t kAll = std::size_t{1} << 20;

Task<> deny_all(transport::ServerSession& server) {
  while (true) {
    auth::Attempt attempt(co_await server.auth_requests().next());
    const auto denied = attempt.as_try();
    require(denied.key_type.empty() == !attempt.claim(), "only a key that could be somebody's is named");
    require(!attempt.proven(), "nothing proves a key that nobody has");
    attempt.deny();
  }
}

Task<> wait_for_key(transport::ClientSession& client, bool& exchanged) {
  exchanged = (co_await client.host_key()).has_value();
}

transport::ServerProfile& profile() {
  static const transport::Library library;
  static transport::ServerProfile made(test::Pair::make_keys(), "", auth::offered_methods());
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto own = std::make_unique<test::MemoryStream>();
  auto* const here = own.get();
  transport::ServerSession server(std::move(own), profile());
  auto others = std::make_unique<test::MemoryStream>();
  auto* const there = others.get();
  transport::ClientSession client(std::move(others), {.account = "alice"});
  test::Leg server_leg;
  test::Leg client_leg;
  server.report_to(&server_leg);
  client.report_to(&client_leg);
  auto serving = deny_all(server);
  serving.start([] {});
  bool exchanged = false;
  auto waiting = wait_for_key(client, exchanged);
  waiting.start([] {});
  while (here->pump_to(*there, kAll) || there->pump_to(*here, kAll)) {
  }
  require(exchanged, "an honest client exchanges keys");

  // Its answers are not read: a client that has not asked would not understand them.
  const auto said = server.said();
  fuzz::Script script({data, size});
  while (const auto step = script.next()) {
    // A client of libssh would change its own keys by saying these.
    if (step->details.empty() || step->details[0] == kKexinit || step->details[0] == kNewkeys) continue;
    client.send(step->details);
    while (there->pump_to(*here, kAll)) {
    }
    require(!server.authenticated(), "nobody is let in");
  }
  require(server_leg.messages.empty(), "no message passes before authentication");
  require(server.said() - said <= kMostSaid, "a stranger gets few answers");
  server.report_to(nullptr);
  client.report_to(nullptr);
  return 0;
}

}  // namespace bastion
