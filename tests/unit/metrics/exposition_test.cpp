#include "bastion/metrics/exposition.h"

#include <doctest/doctest.h>

#include <chrono>
#include <thread>
#include <vector>

namespace bastion::metrics {

using std::chrono::microseconds;
using std::chrono::milliseconds;

TEST_CASE("exposition: a series is its help, its type and its samples") {
  Exposition out;
  out.begin("bastion_things_total", Type::counter, "Things.");
  out.sample(std::uint64_t{3});
  out.sample(std::uint64_t{4}, {{"kind", "small"}, {"where", "here"}});
  out.begin("bastion_share", Type::gauge, "How much.");
  out.sample(0.25);
  CHECK(out.take() ==
        "# HELP bastion_things_total Things.\n# TYPE bastion_things_total counter\n"
        "bastion_things_total 3\nbastion_things_total{kind=\"small\",where=\"here\"} 4\n"
        "# HELP bastion_share How much.\n# TYPE bastion_share gauge\nbastion_share 0.25\n");
}

TEST_CASE("exposition: the steps of a histogram add up, and the last one has all") {
  Histogram histogram;
  histogram.observe(microseconds{500});  // the upper end of a step belongs to it
  histogram.observe(microseconds{501});
  histogram.observe(milliseconds{3});
  histogram.observe(std::chrono::minutes{2});
  Exposition out;
  out.begin("t_seconds", Type::histogram, "T.");
  out.sample(histogram, {{"phase", "p"}});
  const auto text = out.take();
  const auto has = [&](const char* line) { return text.contains(std::string(line) + "\n"); };
  CHECK(has("t_seconds_bucket{phase=\"p\",le=\"0.0005\"} 1"));
  CHECK(has("t_seconds_bucket{phase=\"p\",le=\"0.001\"} 2"));
  CHECK(has("t_seconds_bucket{phase=\"p\",le=\"0.0025\"} 2"));
  CHECK(has("t_seconds_bucket{phase=\"p\",le=\"0.005\"} 3"));
  CHECK(has("t_seconds_bucket{phase=\"p\",le=\"30\"} 3"));
  CHECK(has("t_seconds_bucket{phase=\"p\",le=\"+Inf\"} 4"));
  CHECK(has("t_seconds_sum{phase=\"p\"} 120.004001"));
  CHECK(has("t_seconds_count{phase=\"p\"} 4"));
}

TEST_CASE("histogram: observed from every thread, none is lost") {
  Histogram histogram;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&histogram] {
        for (int n = 0; n < 1000; ++n) histogram.observe(milliseconds{1});
      });
    }
  }
  const auto now = histogram.snapshot();
  CHECK(now.steps.at(1) == 4000);
  CHECK(now.sum == milliseconds{4000});
}

}  // namespace bastion::metrics
