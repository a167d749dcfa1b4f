// A login without a user: every step of the path (session/path.h), tried for real. The one difference is that nobody
// proves a key: it is looked at as if she had.
#pragma once

#include "bastion/access/admission.h"
#include "bastion/base/task.h"
#include "bastion/probe/explanation.h"
#include "bastion/upstream/client_login.h"
#include "bastion/upstream/hop_pool.h"
#include "bastion/wake/alarm.h"

namespace bastion::store {
class Reader;
}

namespace bastion::follow {
class Lookout;
}

namespace bastion::auth {
class ExternalKeys;
}

namespace bastion::probe {

// A connection that is there will do, whoever uses it, and none is made beside it. Those that it makes stay in the
// pool, and host keys it sees for the first time are remembered: as with any login.
//
// What sleeps on the way is started through `alarm` where the question says so, and never without one. Where a
// container is that is not found, its source is asked through `lookout`, as a login does; and for keys that are not in
// the directory, `external_keys`, unless that is asked about each key by itself.
[[nodiscard]] Task<Explanation> explain(Explanation::Question question, store::Reader& reader,
                                        access::Defaults defaults, const upstream::Credentials& credentials,
                                        upstream::HopPool& hops, wake::Alarm* alarm = nullptr,
                                        follow::Lookout* lookout = nullptr,
                                        auth::ExternalKeys* external_keys = nullptr);

}  // namespace bastion::probe
