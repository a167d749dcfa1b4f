#include "bastion/launcher/memory_file.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace bastion::launcher {
namespace {

std::unexpected<Error> no_file(int error) { return fail("a file in memory: {}", std::strerror(error)); }

}  // namespace

Result<loop::Descriptor> write_memory_file(std::string_view text) {
  loop::Descriptor file(::memfd_create("text", MFD_CLOEXEC));
  if (!file.valid()) return no_file(errno);
  while (!text.empty()) {
    const auto count = ::write(file.get(), text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return no_file(errno);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return file;
}

Result<std::string> read_memory_file(const loop::Descriptor& file, std::size_t longest) {
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return no_file(errno);
  if (!S_ISREG(status.st_mode)) return fail("what came beside a message is no file");
  if (static_cast<std::size_t>(status.st_size) > longest) return fail("a text of more than {} bytes", longest);
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  for (std::size_t have = 0; have < text.size();) {
    const auto count = ::pread(file.get(), text.data() + have, text.size() - have, static_cast<off_t>(have));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return no_file(errno);
    if (count == 0) return fail("what came beside a message has got shorter");
    have += static_cast<std::size_t>(count);
  }
  return text;
}

}  // namespace bastion::launcher
