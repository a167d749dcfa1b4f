#include "bastion/server/retirement.h"

#include <chrono>

namespace bastion::server {
namespace {

constexpr std::chrono::milliseconds kLook{1000};

// So many looks for what it has counted to be told to the others.
constexpr int kPatienceWithMonitor = 8;

}  // namespace

void Retirement::begin() {
  look_.emplace(place_.loop, [this] { look(); });
  look_->repeat(kLook);
}

// What was counted here goes on being counted by those who stay.
void Retirement::look() {
  if (!place_.is_empty()) {
    empty_looks_ = 0;
    return;
  }
  if (++empty_looks_ > kPatienceWithMonitor) return place_.loop.stop();
  if (empty_looks_ > 1 || last_told_) return;
  place_.monitor->report(
      [this](const monitor::Report& report) { place_.loop.post([this, samples = report.samples] { tell(samples); }); });
}

void Retirement::tell(const metrics::Samples& samples) {
  last_told_.emplace(
      place_.loop, place_.questions,
      [this, samples]() -> loop::Work::Then {
        place_.everywhere.tell_last_figures(place_.process_id, samples);
        return [this] { leave_if_empty(); };
      },
      [this](const Error&) { leave_if_empty(); });
}

void Retirement::leave_if_empty() {
  last_told_.reset();
  empty_looks_ = 0;
  if (place_.is_empty()) place_.loop.stop();
}

}  // namespace bastion::server
