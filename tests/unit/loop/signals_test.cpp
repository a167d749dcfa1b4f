#include "bastion/loop/signals.h"

#include <doctest/doctest.h>

#include <csignal>
#include <vector>

#include "bastion/loop/loop.h"

namespace bastion::loop {

TEST_CASE("signals that came before there was a loop are delivered, each once") {
  catch_signals({SIGUSR1, SIGUSR2, SIGHUP});
  for (int i = 0; i < 1000; ++i) ::raise(SIGUSR2);
  ::raise(SIGHUP);
  Loop loop;
  std::vector<int> heard;
  const Signals signals(loop, [&](int number) {
    heard.push_back(number);
    if (heard.size() == 2) ::raise(SIGUSR1);
    if (number == SIGUSR1) loop.stop();
  });
  loop.run();
  CHECK(heard == std::vector{SIGHUP, SIGUSR2, SIGUSR1});
}

TEST_CASE("a signal that was caught once ends nothing when nobody listens any more") {
  catch_signals({SIGUSR1, SIGTERM});
  {
    Loop loop;
    const Signals signals(loop, [&](int) { loop.stop(); });
    ::raise(SIGTERM);
    loop.run();
  }
  ::raise(SIGTERM);
  ::raise(SIGUSR1);
  Loop loop;
  int heard = 0;
  const Signals signals(loop, [&](int) {
    if (++heard == 2) loop.stop();
  });
  loop.run();
  CHECK(heard == 2);
}

}  // namespace bastion::loop
