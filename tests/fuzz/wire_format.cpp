// Reading hostile bytes: nothing is made up, nothing outside of them is seen, and after the first read past the end
// everything is empty. What was read is written to the same bytes again.
#include "bastion/base/wire_format.h"

#include "tests/fuzz/require.h"

namespace bastion {
namespace {

using fuzz::require;

// The first byte of the input says how many of those that follow name what to read; the rest is read.
struct Input {
  explicit Input(Bytes all) {
    if (all.empty()) return;
    const auto kinds = std::min<std::size_t>(all[0], all.size() - 1);
    order = all.subspan(1, kinds);
    bytes = all.subspan(1 + kinds);
  }
  Bytes order;
  Bytes bytes;
};

void copy(std::uint8_t kind, WireReader& in, WireWriter& out) {
  switch (kind % 4) {
    case 0: out.u8(in.u8()); break;
    case 1: out.u32(in.u32()); break;
    case 2: out.string(in.string()); break;
    default: out.raw(in.rest());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Input input({data, size});
  WireReader in(input.bytes);
  WireWriter out;
  for (const auto kind : input.order) {
    const auto written = out.view().size();
    const bool was_ok = in.ok();
    copy(kind, in, out);
    require(was_ok || !in.ok(), "a failed read is never forgotten");
    if (!in.ok()) {
      require(in.u8() == 0 && in.u32() == 0 && in.string().empty() && in.rest().empty(), "nothing comes after it");
      return 0;
    }
    const auto all = out.view();
    require(all.size() <= input.bytes.size(), "no more is read than there is");
    require(std::equal(all.begin() + static_cast<std::ptrdiff_t>(written), all.end(),
                       input.bytes.begin() + static_cast<std::ptrdiff_t>(written)),
            "what is read is written to the same bytes");
  }
  require(in.at_end() == (out.view().size() == input.bytes.size()), "the end is where all was read");
  return 0;
}

}  // namespace bastion
