#include "bastion/loop/first_line.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "bastion/loop/loop.h"
#include "bastion/loop/timer.h"
#include "bastion/loop/watcher.h"

namespace bastion::loop {
namespace {

// Byte by byte, because nothing can be put back; the lines are short. Nothing while there is more to come.
std::optional<Result<std::string>> read_on(const Descriptor& socket, std::string& line, std::size_t longest) {
  for (;;) {
    char byte = 0;
    const auto count = ::recv(socket.get(), &byte, 1, MSG_DONTWAIT);
    if (count == 0) return fail("it hangs up");
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
    if (count < 0) return fail("{}", std::strerror(errno));
    if (byte == '\n') return line;
    if (line.size() == longest) return fail("it says too much");
    line += byte;
  }
}

}  // namespace

Task<Result<std::string>> read_first_line(Loop& loop, const Descriptor& socket, std::size_t longest,
                                          std::chrono::milliseconds within) {
  std::string line;
  Event<Result<std::string>> read;
  Timer deadline(loop, [&] { read.set(fail("it says nothing")); });
  deadline.start(within);
  Watcher watcher(loop, socket.get(), [&](unsigned /*readiness*/) {
    if (auto done = read_on(socket, line, longest)) read.set(*std::move(done));
  });
  watcher.watch(Watcher::readable);
  co_return co_await read;
}

}  // namespace bastion::loop
