// An SFTP channel whose two ends say anything. What is told of it does not depend on the pieces it came in, little is
// kept, and nothing is told after the end. What a filter lets through is permitted or what no server knows, byte for
// byte in its place, and that does not depend on the pieces either.
#include <sanitizer/allocator_interface.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "bastion/sftp/filter.h"
#include "bastion/sftp/operation_reader.h"
#include "tests/fuzz/require.h"
#include "tests/fuzz/script.h"

namespace bastion::sftp {
namespace {

using connection::Side;
using fuzz::require;

// Names, handles, and what tables need around them.
constexpr std::size_t kMostHeld = 8 * 1024 * 1024;
// Of a request, before it is decided: two names and what stands around them.
constexpr std::size_t kMostKeptBack = 2 * kLongestName + 64;

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

// One filter, and what has come out of it.
class Way {
 public:
  explicit Way(Permitted permitted) : permitted_(permitted) {}

  void pass(Side from, Bytes bytes) {
    if (is_broken_) return;
    ByteVector data(bytes.begin(), bytes.end());
    const auto passed = filter_.pass(from, data);
    if (!passed) {
      is_broken_ = true;
      return;
    }
    require(passed->rest.size() <= data.size() && (passed->rest.empty() || passed->rest.data() == data.data()),
            "it passes from the beginning");
    auto& way = from == Side::user ? out_ : back_;
    way.given += data.size();
    way.bytes.insert(way.bytes.end(), passed->before.begin(), passed->before.end());
    way.bytes.insert(way.bytes.end(), passed->rest.begin(), passed->rest.end());
    require(way.bytes.size() <= way.given, "none is added");
    require(way.given - way.bytes.size() <= kMostKeptBack, "little is kept back");
  }

  // What the server would read.
  void check() const {
    PacketCutter cutter;
    Bytes rest = out_.bytes;
    while (cutter.take(rest, [](std::size_t /*size*/, Bytes body) { return request_head(body); }) ==
           PacketCutter::Cut::head) {
      const auto request = parse_request(cutter.body());
      if (!request) {  // of what is always permitted the fields are not read
        require(permits_all(permitted_, Type{cutter.body()[0]}), "what is decided is well formed");
        continue;
      }
      if (request->type == Type::init) require(request->id <= kVersion, "no later version is asked for");
      const bool is_refused =
          request->type == Type::extended && std::string_view("refused@bastion").starts_with(request->extension);
      require(is_refused || permits_all(permitted_, request->type) || permits(permitted_, *request),
              "what passes is permitted");
    }
  }

  bool operator==(const Way& other) const {
    return is_broken_ == other.is_broken_ &&
           (is_broken_ || (out_.bytes == other.out_.bytes && back_.bytes == other.back_.bytes));
  }

 private:
  struct Direction {
    std::size_t given = 0;
    ByteVector bytes;
  };
  Permitted permitted_;
  Filter filter_{permitted_, nullptr};
  Direction out_;
  Direction back_;
  bool is_broken_ = false;
};

// Whole, and in pieces.
struct TwoWays {
  Way whole;
  Way pieces;
  explicit TwoWays(Permitted permitted) : whole(permitted), pieces(permitted) {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto before = __sanitizer_get_current_allocated_bytes();
  Told whole;
  Told pieces;
  TwoWays reader(Permitted{.read = true, .write = false});
  TwoWays writer(Permitted{.read = false, .write = true});
  fuzz::Script script(Bytes{data, size});
  while (const auto step = script.next()) {
    const auto side = step->what % 2 == 0 ? Side::user : Side::container;
    whole.reader.read(side, step->details);
    for (auto* const ways : {&reader, &writer}) ways->whole.pass(side, step->details);
    for (const auto& byte : step->details) {
      pieces.reader.read(side, Bytes{&byte, 1});
      for (auto* const ways : {&reader, &writer}) ways->pieces.pass(side, Bytes{&byte, 1});
    }
    require(__sanitizer_get_current_allocated_bytes() < before + kMostHeld + 8 * size, "little is kept");
  }
  for (auto* const told : {&whole, &pieces}) {
    told->reader.end();
    told->ended = true;
    told->reader.end();
  }
  require(whole.operations == pieces.operations && whole.bytes == pieces.bytes, "pieces make no difference");
  for (const auto* const ways : {&reader, &writer}) {
    ways->whole.check();
    require(ways->whole == ways->pieces, "pieces make no difference to what passes");
  }
  return 0;
}

}  // namespace bastion::sftp
