// What a daemon lists, as whoever has its backend may print it: containers go nowhere but to the backends of the
// source, to an address that is one, and no two machines to one place.
#include "bastion/follow/listing.h"

#include <set>
#include <string>
#include <tuple>

#include "bastion/base/bytes.h"
#include "bastion/base/endpoint.h"
#include "bastion/follow/agreement.h"
#include "tests/fuzz/require.h"

namespace bastion {
namespace {

using fuzz::require;

store::Container container(std::int64_t id, std::string name, std::int64_t backend, std::string address) {
  store::Container one;
  one.id = id;
  one.owner_name = "alice";
  one.name = std::move(name);
  one.backend = backend;
  one.backend_name = backend == 1 ? "be1" : "be2";
  one.address = std::move(address);
  return one;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto listed = follow::parse_listing(text_of(Bytes{data, size}));
  if (!listed) return 0;
  follow::Reach reach{.source = {}, .own = {1, "be1"}, .members = {{"n1", {1, "be1"}}, {"n2", {2, "be2"}}}};
  reach.source.members = {{"n1", "be1"}, {"n2", "be2"}};
  const std::vector known{container(1, "web", 1, "10.0.3.5"), container(2, "db", 1, "10.0.3.6"),
                          container(3, "web", 2, "10.0.3.5")};
  const auto agreement = follow::agree(reach, *listed, known);
  require(agreement.seen.size() + agreement.missing.size() == known.size(), "of each something is said");
  std::set<std::tuple<std::int64_t, std::string>> places;
  std::set<std::int64_t> gone;
  for (const auto& move : agreement.moves) {
    require(move.to.backend == 1 || move.to.backend == 2, "it stays where the source may speak");
    require(canonical_address(move.to.address) == move.to.address, "it goes to an address");
    require(places.emplace(move.to.backend, move.to.address).second, "it is alone there");
    gone.insert(move.from.id);
  }
  for (const auto& one : known) {
    require(gone.contains(one.id) || !places.contains({one.backend, one.address}), "nobody is in its way");
  }
  return 0;
}

}  // namespace bastion
