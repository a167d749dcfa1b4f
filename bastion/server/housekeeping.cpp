#include "bastion/server/housekeeping.h"

#include <utility>

#include "bastion/base/clock.h"
#include "bastion/loop/loop.h"
#include "store/database.h"
#include "store/writer.h"

namespace bastion::server {

Housekeeping::Housekeeping(loop::Loop& loop, store::Writer& writer, store::Retention retention)
    : loop_(loop), writer_(writer), due_(loop, [this] { step(); }) {
  keep(std::move(retention));
}

void Housekeeping::keep(store::Retention retention) {
  pruner_ = std::make_shared<store::HistoryPruner>(std::move(retention));
  due_.start(kPause);
}

void Housekeeping::step() {
  due_.start(kEvery);  // for a step that gets lost: the writer may have too much to write
  writer_.change_here("history that is too old stays", [this, pruner = pruner_](store::Database& database) -> Result<> {
    const auto more = pruner->step(database, unix_now());
    loop_.post([this, pruner, goes_on = more.value_or(false)] {
      if (goes_on && pruner == pruner_) due_.start(kPause);
    });
    if (!more) return std::unexpected(more.error());
    return {};
  });
}

}  // namespace bastion::server
