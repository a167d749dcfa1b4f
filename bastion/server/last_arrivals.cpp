#include "bastion/server/last_arrivals.h"

#include <algorithm>

#include "bastion/loop/loop.h"

namespace bastion::server {
namespace {

constexpr std::chrono::milliseconds kLook{20};

}  // namespace

void LastArrivals::await(std::chrono::seconds drain_timeout) {
  if (look_) return;
  began_ = place_.loop.now();
  longest_ = std::min<std::chrono::milliseconds>(std::chrono::milliseconds(drain_timeout) / 2, kLongest);
  look_.emplace(place_.loop, [this] { look(); });
  look_->repeat(kLook);
  look();
}

std::chrono::milliseconds LastArrivals::spent() const {
  return look_ ? place_.loop.now() - began_ : std::chrono::milliseconds::zero();
}

void LastArrivals::look() {
  if (place_.is_empty() || spent() >= longest_) place_.loop.stop();
}

}  // namespace bastion::server
