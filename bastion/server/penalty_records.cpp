#include "bastion/server/penalty_records.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "bastion/base/clock.h"
#include "bastion/loop/loop.h"
#include "store/bans.h"
#include "store/database.h"
#include "store/writer.h"

namespace bastion::server {
namespace {

struct PenaltyRows {
  std::vector<store::Ban> there;
  std::vector<std::string> gone;
};

Result<> write_rows(store::Database& database, const PenaltyRows& rows, std::int64_t now) {
  store::Bans bans(database);
  if (auto removed = bans.remove_expired(store::Ban::Origin::penalty, now); !removed) return removed;
  for (const auto& network : rows.gone) {
    if (auto removed = bans.remove(network, store::Ban::Origin::penalty); !removed) {
      return std::unexpected(std::move(removed.error()));
    }
  }
  for (const auto& ban : rows.there) {
    if (auto put = bans.put(ban); !put) return put;
  }
  return {};
}

}  // namespace

PenaltyRecords::PenaltyRecords(loop::Loop& loop, store::Writer& writer, const Penalties& penalties)
    : loop_(loop), writer_(writer), penalties_(penalties), due_(loop, [this] { write(); }) {}

void PenaltyRecords::changed(const Network& source) {
  if (changed_.size() == kMostWaiting) return;
  if (changed_.empty()) due_.start(kEvery);
  changed_.insert(source);
}

void PenaltyRecords::begins(const Network& source, const session::Arrival& arrival, session::Offence cause) {
  const auto now = unix_now();
  const auto* const entry = penalties_.find(source);
  if (entry == nullptr || !budget_.take(now)) return;
  const auto left = std::chrono::ceil<std::chrono::seconds>(entry->until - loop_.now());
  auto detail = fmt::format("seconds={}", left.count());
  if (const auto others = budget_.left_out(); others > 0) detail += fmt::format(" left_out={}", others);
  writer_.audit({.at = now,
                 .actor = "-",
                 .action = "refuse",
                 .subject = source.text(),
                 .outcome = std::string(session::code_of(cause)),
                 .from_host = arrival.from_host,
                 .session = arrival.id,
                 .detail = std::move(detail)});
}

void PenaltyRecords::write() {
  if (changed_.empty()) return;
  const auto now = unix_now();
  const auto here = loop_.now();
  PenaltyRows rows;
  for (std::size_t i = 0; i < kRows && !changed_.empty(); ++i) {
    const auto source = changed_.extract(changed_.begin()).value();
    const auto* const entry = penalties_.find(source);
    if (entry == nullptr) {
      rows.gone.push_back(source.text());
      continue;
    }
    const auto unix_of = [&](Penalties::Time time) {
      return now + std::chrono::floor<std::chrono::seconds>(time - here).count();
    };
    rows.there.push_back({.network = source.text(),
                          .origin = store::Ban::Origin::penalty,
                          .cause = std::string(session::code_of(entry->known.cause)),
                          .actor = {},
                          .since = unix_of(entry->known.since),
                          .expires_at = unix_of(entry->until) + 1});
  }
  if (!changed_.empty()) due_.start(kEvery);
  writer_.change_here("penalties are not in the database", [rows = std::move(rows), now](store::Database& database) {
    return write_rows(database, rows, now);
  });
}

}  // namespace bastion::server
