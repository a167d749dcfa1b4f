#include "bastion/loop/signals.h"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <vector>

#include "bastion/loop/loop.h"
#include "bastion/loop/timer.h"

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

TEST_CASE("what is thrown because of one signal keeps back none that came with it") {
  catch_signals({SIGHUP, SIGTERM});
  ::raise(SIGHUP);
  ::raise(SIGTERM);
  Loop loop;
  bool is_over = false;
  const Signals signals(loop, [&](int number) {
    if (number == SIGHUP) throw std::runtime_error("nobody expected it");
    is_over = true;
    loop.stop();
  });
  Timer bound(loop, [&] { loop.stop(); });
  bound.start(std::chrono::seconds{60});
  loop.run();
  CHECK(is_over);
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
