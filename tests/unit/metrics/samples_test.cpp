#include "bastion/metrics/samples.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "bastion/metrics/exposition.h"

namespace bastion::metrics {
namespace {

void say(Exposition& out, Of of, std::uint64_t sessions, std::uint64_t logins, const Histogram& took) {
  out.begin("sessions", Type::gauge, "Sessions.", of);
  out.sample(sessions);
  out.begin("sessions_ended_total", Type::counter, "Ended.", of);
  out.sample(logins, {{"reason", "ok"}});
  out.begin("took_seconds", Type::histogram, "How long.", of);
  out.sample(took);
}

}  // namespace

TEST_CASE("samples: those of an exposition are read back, but for what is 0") {
  Exposition out;
  Histogram took;
  took.observe(std::chrono::milliseconds{2});
  say(out, Of::this_process, 2, 0, took);
  const auto samples = samples_in(out.take());
  CHECK(samples.at("sessions") == 2);
  CHECK_FALSE(samples.contains(R"(sessions_ended_total{reason="ok"})"));
  CHECK_FALSE(samples.contains(R"(took_seconds_bucket{le="0.001"})"));
  CHECK(samples.at(R"(took_seconds_bucket{le="0.0025"})") == 1);
  CHECK(samples.at("took_seconds_sum") == doctest::Approx(0.002));
  CHECK(samples_in("no sample\nx y\n\n# TYPE a b\n").empty());
}

TEST_CASE("samples: what only grows is known by its name") {
  CHECK(is_counted(R"(bastion_logins_total{method="none"})"));
  CHECK(is_counted(R"(bastion_dial_seconds_bucket{le="+Inf"})"));
  CHECK(is_counted("bastion_dial_seconds_sum"));
  CHECK_FALSE(is_counted("bastion_sessions"));
  CHECK_FALSE(is_counted(R"(bastion_executor_queue{executor="x_total"})"));
}

TEST_CASE("exposition: those of other processes are added where they are to be, and what only they have is there too") {
  const Samples others{{"sessions", 40},
                       {R"(sessions_ended_total{reason="ok"})", 5},
                       {R"(sessions_ended_total{reason="of an older one"})", 6},
                       {R"(took_seconds_bucket{le="+Inf"})", 7},
                       {"took_seconds_sum", 1.5},
                       {"sessions_ended_total{reason=\"x\"} 1\nforged", 9},
                       {"unknown_total", 8}};
  Histogram took;
  took.observe(std::chrono::milliseconds{500});
  Exposition added(others);
  say(added, Of::all, 2, 1, took);
  const auto text = added.take();
  const auto samples = samples_in(text);
  CHECK(text.contains("\nsessions 42\n"));
  CHECK(samples.at(R"(sessions_ended_total{reason="ok"})") == 6);
  CHECK(samples.at(R"(sessions_ended_total{reason="of an older one"})") == 6);
  CHECK(samples.at(R"(took_seconds_bucket{le="+Inf"})") == 8);
  CHECK(samples.at("took_seconds_sum") == 2);
  CHECK_FALSE(text.contains("unknown"));
  CHECK_FALSE(text.contains("forged"));
  CHECK(text.find("of an older one") < text.find("# HELP took_seconds"));
  Exposition alone(others);
  say(alone, Of::this_process, 2, 1, took);
  CHECK(samples_in(alone.take()).at("sessions") == 2);
}

}  // namespace bastion::metrics
