#include "bastion/session/session_log.h"

#include "bastion/base/endpoint.h"
#include "bastion/base/log.h"

namespace bastion::session {

void SessionLog::on_begin(const Arrival& arrival) {
  log::debug("login begins id={} from={}", arrival.id, Endpoint{arrival.from_host, arrival.from_port}.text());
}

void SessionLog::on_end(const Arrival& arrival, const End& end, const Ended& what) {
  log::info("login ended id={} user={} from={} container={} reason={} detail={:?} from_user={} from_container={}",
            arrival.id, what.identity != nullptr ? what.identity->name : "-", arrival.from_host,
            what.container.empty() ? "-" : what.container, code_of(end.reason), end.detail, what.traffic.from_user,
            what.traffic.from_container);
}

}  // namespace bastion::session
