// A stranger's bytes, in pieces, against a whole server session before any key is agreed: it answers little, ends at
// most once, and lets nobody in.
#include "bastion/transport/library.h"
#include "bastion/transport/server_session.h"
#include "tests/fuzz/require.h"
#include "tests/fuzz/script.h"
#include "tests/support/memory_stream.h"

namespace bastion::transport {
namespace {

using fuzz::require;

// Our version line, our KEXINIT, and a few answers: nobody who is unknown gets more.
constexpr std::size_t kMostSaid = 16 * 1024;

struct Leg final : Session::Delegate {
  void on_message(MutableBytes /*packet*/) override { require(false, "no message passes before authentication"); }
  void on_drained() override {}
  void on_lost(const Loss& /*loss*/) override { require(!std::exchange(lost, true), "a session ends once"); }

  bool lost = false;
};

ServerProfile& profile() {
  static const Library library;
  static ServerProfile made = [] {
    std::vector<KeyPair> keys;
    keys.push_back(*KeyPair::generate(KeyPair::Kind::ed25519));
    return ServerProfile(keys, "", "publickey");
  }();
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto own = std::make_unique<test::MemoryStream>();
  auto* const stream = own.get();
  ServerSession session(std::move(own), profile());
  Leg leg;
  session.report_to(&leg);
  test::MemoryStream stranger;
  fuzz::Script script({data, size});
  while (const auto step = script.next()) {
    stranger.write(step->details);
    stranger.pump_to(*stream, step->details.size());
    require(!session.authenticated(), "nobody is let in");
  }
  require(stream->backlog() <= kMostSaid, "a stranger gets few answers");
  session.report_to(nullptr);
  return 0;
}

}  // namespace bastion::transport
