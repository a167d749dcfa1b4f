// What another process, or another bastion of the fleet, says of what happens there, twice: what is understood comes
// over again as it was, becomes a document that is read again, and can be shown.
#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/grammar/overview.h"
#include "bastion/admin/peer_messages.h"
#include "bastion/admin/top_screen.h"
#include "bastion/base/bytes.h"
#include "tests/fuzz/drawn_screen.h"
#include "tests/fuzz/require.h"

namespace bastion::admin {
namespace {

using fuzz::require;

const std::vector<PlacedBackend> kBackends{
    {.id = 1, .name = "be1", .via = {}, .containers = 7, .direct = {"alice/web"}},
    {.id = 2, .name = "be2", .via = {"be1"}, .containers = 0}};

Activities activities_of(std::string_view line) {
  auto parts = activities_in(line);
  if (!parts) return {};
  const auto again = activities_in(line_of(*parts));
  require(again && line_of(*again) == line_of(*parts), "what is passed on is the same");
  return {.parts = *std::move(parts), .missing = {}};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = text_of(Bytes{data, size});
  const auto end = std::min(text.find('\n'), text.size());
  const auto before = activities_of(text.substr(0, end));
  const auto now = activities_of(text.substr(std::min(end + 1, text.size())));
  auto overview = overview_of(before, now, kBackends);
  require(overview.refusals.size() <= session::kMostRefusals, "there is room for so many");
  require(overview_in(cell_of(overview).dump()).has_value(), "the document is read again");
  constexpr ScreenSize kScreen{.columns = 132, .rows = 40};
  TopScreen screen({.coloured = true, .glyphs = Glyphs::unicode}, kScreen);
  fuzz::DrawnScreen terminal;
  screen.show(std::make_shared<const Overview>(std::move(overview)));
  for (const std::string_view pane : {"", "\t", "\t"}) {
    auto keys = pane;
    require(screen.type(keys) == TopScreen::Wish::nothing, "a list was left");
    terminal.draw(screen, kScreen);
  }
  // A document of somebody else's is shown as well as ours.
  if (auto other = overview_in(text)) {
    screen.show(std::make_shared<const Overview>(*std::move(other)));
    terminal.draw(screen, kScreen);
  }
  return 0;
}

}  // namespace bastion::admin
