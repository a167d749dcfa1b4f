#include "bastion/server/housekeeping.h"

#include <utility>

#include "bastion/base/clock.h"
#include "bastion/loop/loop.h"
#include "store/database.h"
#include "store/writer.h"

namespace bastion::server {

Housekeeping::Housekeeping(loop::Loop& loop, store::Writer& writer, store::Retention retention)
    : loop_(loop), writer_(writer), due_(loop, [this] { pass_ ? step() : begin(); }) {
  keep(std::move(retention));
}

void Housekeeping::keep(store::Retention retention) {
  retention_ = std::move(retention);
  if (!pass_) due_.start(kPause);
}

void Housekeeping::begin() {
  pass_ = std::make_shared<store::RetentionPass>(retention_);
  step();
}

void Housekeeping::step() {
  due_.start(kEvery);  // for a step that gets lost: the writer may have too much to write
  writer_.change("history that is too old stays", [this, pass = pass_](store::Database& database) -> Result<> {
    const auto more = pass->step(database, unix_now());
    loop_.post([this, goes_on = more.value_or(false)] {
      if (!goes_on) pass_.reset();
      due_.start(goes_on ? kPause : std::chrono::milliseconds(kEvery));
    });
    if (!more) return std::unexpected(more.error());
    return {};
  });
}

}  // namespace bastion::server
