#include "bastion/connection/relay.h"

#include <doctest/doctest.h>

#include <vector>

#include "tests/unit/connection/relay_rig.h"

namespace bastion::connection {

TEST_CASE("breaking the protocol is noticed") {
  struct Case {
    const char* what;
    Side side;
    Message message;
  };
  const std::vector<Case> cases{
      {"data for a channel nobody opened", Side::user, ChannelData{4, {}}},
      {"a confirmation of nothing", Side::user, ChannelOpenConfirmation{4, 1, 1, 1, {}}},
      {"a confirmation of her own channel", Side::user, ChannelOpenConfirmation{0, 1, 1, 1, {}}},
      {"a second confirmation", Side::container, ChannelOpenConfirmation{0, 9, 1, 1, {}}},
      {"a refusal of an open channel", Side::container, ChannelOpenFailure{0, OpenFailureCode::connect_failed, ""}},
      {"a reply to no question", Side::user, RequestFailure{}},
      {"a reply to no question", Side::container, RequestSuccess{{}}},
  };
  for (const auto& row : cases) {
    CAPTURE(row.what);
    Rig rig;
    rig.connect();
    rig.open_session();
    CHECK_FALSE(rig.receive(row.side, row.message));
  }
}

}  // namespace bastion::connection
