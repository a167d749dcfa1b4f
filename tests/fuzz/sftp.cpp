// An SFTP channel whose two ends say anything: what is told of it does not depend on the pieces it came in, little is
// kept, and nothing is told after the end.
#include <sanitizer/allocator_interface.h>

#include <string>
#include <vector>

#include "bastion/sftp/operation_reader.h"
#include "tests/fuzz/require.h"
#include "tests/fuzz/script.h"

namespace bastion::sftp {
namespace {

using connection::Side;
using fuzz::require;

// Names, handles, and what tables need around them.
constexpr std::size_t kMostHeld = 4 * 1024 * 1024;

struct Told {
  std::size_t operations = 0;
  std::size_t bytes = 0;
  bool ended = false;
  OperationReader reader{[this](const Operation& operation) {
    require(!ended, "nothing is told after the end");
    require(operation.first.size() <= kLongestName && operation.second.size() <= kLongestName, "names are bounded");
    ++operations;
    bytes += operation.first.size() + operation.second.size() + operation.read + operation.written;
  }};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto before = __sanitizer_get_current_allocated_bytes();
  Told whole;
  Told pieces;
  fuzz::Script script(Bytes{data, size});
  while (const auto step = script.next()) {
    const auto side = step->what % 2 == 0 ? Side::user : Side::container;
    whole.reader.read(side, step->details);
    for (const auto& byte : step->details) pieces.reader.read(side, Bytes{&byte, 1});
    require(__sanitizer_get_current_allocated_bytes() < before + kMostHeld, "little is kept");
  }
  for (auto* const told : {&whole, &pieces}) {
    told->reader.end();
    told->ended = true;
    told->reader.end();
  }
  require(whole.operations == pieces.operations && whole.bytes == pieces.bytes, "pieces make no difference");
  return 0;
}

}  // namespace bastion::sftp
