#include "bastion/server/session_counter.h"

#include "bastion/monitor/labels.h"

namespace bastion::server {

using monitor::place_of;
using monitor::place_of_method;
using session::Arrival;

void SessionCounter::on_denied(const Arrival& /*arrival*/, const auth::Try& denied) {
  counters_.denials.at(place_of_method(denied.method)).bump();
}

void SessionCounter::on_authenticated(const Arrival& /*arrival*/, const access::Identity& identity) {
  counters_.authenticated.bump();
  counters_.logins.at(place_of_method(identity.credential)).bump();
}

void SessionCounter::on_phase(const Arrival& /*arrival*/, session::Phase phase, std::chrono::microseconds took) {
  counters_.phases.at(place_of(phase)).observe(took);
}

void SessionCounter::on_entered(const Arrival& /*arrival*/, const access::Identity& /*identity*/,
                                const access::Route& /*route*/) {
  counters_.container_logins.bump();
}

void SessionCounter::on_not_led_in(const Arrival& /*arrival*/, const End& why) {
  counters_.failed_container_logins.at(place_of(why.reason)).bump();
}

void SessionCounter::on_end(const Arrival& /*arrival*/, const End& end, const Ended& what) {
  counters_.ended.bump();
  if (what.identity == nullptr) {
    const auto method = what.tried == nullptr ? 0 : place_of_method(what.tried->method());
    counters_.failed_logins.at(method).at(place_of(end.reason)).bump();
    return;
  }
  counters_.session_ends.at(place_of(end.reason)).bump();
  carried_.from_user += what.traffic.from_user;
  carried_.from_container += what.traffic.from_container;
}

}  // namespace bastion::server
