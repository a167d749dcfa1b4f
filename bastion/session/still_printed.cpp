#include "bastion/session/still_printed.h"

#include <utility>
#include <variant>

#include "bastion/base/match.h"

namespace bastion::session {

StillPrinted::StillPrinted(Place place, std::string user, Lines lines)
    : place_(std::move(place)),
      user_(std::move(user)),
      lines_(std::move(lines)),
      timer_(place_.loop, [this] { begin(); }) {
  timer_.start(place_.every);
}

void StillPrinted::begin() {
  asking_ = are_all_there();
  asking_.start([this] {
    if (!asking_.take()) return place_.on_gone();
    timer_.start(place_.every);
  });
}

// A program that cannot be asked throws nobody out.
Task<bool> StillPrinted::are_all_there() {
  for (const auto& line : lines_) {
    auth::ExternalKeys::Asked asked{.user = user_, .shown = line->shown};
    const auto printed = co_await place_.keys.ask(place_.loop, std::move(asked));
    if (!printed) continue;
    const auto* const now = (*printed)->find(line->line.key);
    if (now == nullptr || *now != line->line) co_return false;
  }
  co_return true;
}

StillPrinted::Lines printed_of(const access::Identity& who) {
  StillPrinted::Lines lines;
  for (const auto& credential : access::shown_by(who)) {
    auto printed = std::visit(Match{[](const access::KeyCredential& key) { return key.printed; },
                                    [](const access::CertificateCredential& shown) { return shown.printed; },
                                    [](const auto& /*other*/) { return std::shared_ptr<const access::Printed>{}; }},
                              credential);
    if (printed) lines.push_back(std::move(printed));
  }
  return lines;
}

}  // namespace bastion::session
