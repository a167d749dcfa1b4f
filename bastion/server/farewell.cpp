#include "bastion/server/farewell.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bastion/access/lifetime.h"

namespace bastion::server {
namespace {

using std::chrono::ceil;
using std::chrono::seconds;

constexpr Farewell::Time kFirst = std::chrono::minutes{10};
constexpr Farewell::Time kLast = std::chrono::minutes{1};

}  // namespace

void Farewell::limit(seconds limit) {
  if (std::exchange(limit_, limit) != limit) told_ = 0;
}

// Ten minutes before the end and one; where the limit is short, once, when a quarter of it is left.
std::optional<Farewell::Time> Farewell::next_notice() const {
  const auto first = std::min<Time>(kFirst, Time(limit_) / 4);
  if (told_ == 0) return over() - first;
  if (told_ == 1 && kLast < first) return over() - kLast;
  return std::nullopt;
}

Farewell::Look Farewell::look(Time now) {
  if (now >= over()) return {.end = End{Reason::handed_over, access::words_for(ceil<seconds>(now - since_)), {}}};
  Look look;
  while (const auto notice = next_notice()) {
    if (now < *notice) break;
    ++told_;
    look.warning =
        fmt::format("this session ends in {}: the bastion was upgraded or reconfigured; log in again to go on",
                    access::words_for(ceil<seconds>(over() - now)));
  }
  look.again = next_notice().value_or(over()) - now;
  return look;
}

}  // namespace bastion::server
