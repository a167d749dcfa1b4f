#include "bastion/metrics/counters.h"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

namespace bastion::metrics {

TEST_CASE("counters: bumped from every thread, none is lost") {
  Counters counters;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&counters] {
        for (int n = 0; n < 1000; ++n) counters.accepted.bump();
      });
    }
  }
  counters.ended.bump();
  CHECK(counters.accepted.count() == 4000);
  CHECK(text_of(counters) ==
        "accepted=4000 turned_away=0 refused_proxy_header=0 refused_banned=0 refused_penalty=0 refused_full_source=0 "
        "refused_full=0"
        " made_room=0 no_version_line=0 too_many_rsa=0 authenticated=0 ended=1");
}

}  // namespace bastion::metrics
