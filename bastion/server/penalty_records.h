// Keeps the database at what penalties there are that refuse somebody: what changes is written a moment later, so many
// rows at a time, so that a flood from everywhere costs a bounded number of them.
#pragma once

#include <chrono>
#include <cstddef>
#include <set>

#include "bastion/base/network.h"
#include "bastion/loop/timer.h"
#include "bastion/server/penalties.h"
#include "bastion/session/offence.h"
#include "bastion/session/path.h"
#include "bastion/session/row_budget.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::store {
class Writer;
}

namespace bastion::server {

class PenaltyRecords {
 public:
  static constexpr std::chrono::milliseconds kEvery{1000};
  static constexpr std::size_t kRows = 500;
  // What changes beyond that is not written.
  static constexpr std::size_t kMostWaiting = 10'000;

  // All outlive it.
  PenaltyRecords(loop::Loop& loop, store::Writer& writer, const Penalties& penalties);
  PenaltyRecords(const PenaltyRecords&) = delete;
  PenaltyRecords& operator=(const PenaltyRecords&) = delete;

  // Its penalty is another one, or there is none any more.
  void changed(const Network& source);
  // It is refused from now on, for what this connection did: a row in the audit, as long as there are not too many.
  void begins(const Network& source, const session::Arrival& arrival, session::Offence cause);
  // Hands up to kRows of them to the writer.
  void write();

 private:
  loop::Loop& loop_;
  store::Writer& writer_;
  const Penalties& penalties_;
  std::set<Network> changed_;
  session::RowBudget budget_;
  loop::Timer due_;
};

}  // namespace bastion::server
