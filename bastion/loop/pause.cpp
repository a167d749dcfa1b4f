#include "bastion/loop/pause.h"

#include <variant>

#include "bastion/loop/timer.h"

namespace bastion::loop {

Task<> pause(Loop& loop, std::chrono::milliseconds length) {
  Event<std::monostate> over;
  Timer clock(loop, [&] { over.set({}); });
  clock.start(length);
  co_await over;
}

}  // namespace bastion::loop
