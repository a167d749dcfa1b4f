#include "store/fleet/snapshots.h"

#include <array>
#include <string_view>
#include <utility>

#include "bastion/base/sha256.h"
#include "store/fleet/connection.h"
#include "store/fleet/parameters.h"

namespace bastion::store::fleet {

Result<> Snapshots::run(const char* sql) {
  log_.connection().begin(log_.patience());
  const auto done = log_.connection().do_or_fail(sql, {});
  return done ? Result<>{} : std::unexpected(done.error());
}

Result<bool> Snapshots::is_due(const Limits& limits) {
  constexpr auto* kBehind =
      "SELECT count(*) >= $1 * max(times) OR coalesce(sum(length(changeset)), 0) >= $2 * max(times)"
      " FROM change_log, (SELECT coalesce(max(number), 0) AS last,"
      "  greatest(coalesce((array_agg(parts ORDER BY number DESC))[1], 0) / $3::bigint, 1) AS times FROM snapshots) AS "
      "newest"
      " WHERE number > last";
  Parameters values;
  values.number(limits.entries).number(limits.bytes).number(kSmall);
  log_.connection().begin(log_.patience());
  const auto answer = log_.connection().do_or_fail(kBehind, values);
  if (!answer) return std::unexpected(answer.error());
  return PQntuples(answer->get()) == 1 && number_in<std::uint8_t>(**answer, 0, 0) != 0;
}

Result<std::optional<Snapshot>> Snapshots::newest() const {
  constexpr auto* kNewest =
      "SELECT number, entry, schema, name, parts, sequences FROM snapshots ORDER BY number DESC LIMIT 1";
  log_.connection().begin(log_.patience());
  const auto answer = log_.connection().do_or_fail(kNewest, {});
  if (!answer) return std::unexpected(answer.error());
  if (PQntuples(answer->get()) == 0) return std::nullopt;
  const auto& row = **answer;
  return Snapshot{.number = number_in<std::int64_t>(row, 0, 0),
                  .entry = std::string(text_in(row, 0, 1)),
                  .schema = number_in<std::int32_t>(row, 0, 2),
                  .name = std::string(text_in(row, 0, 3)),
                  .parts = number_in<std::int32_t>(row, 0, 4),
                  .sequences = std::string(text_in(row, 0, 5))};
}

Result<ByteVector> Snapshots::part(const Snapshot& snapshot, int number) const {
  Parameters values;
  values.text(snapshot.name).integer(number);
  log_.connection().begin(log_.patience());
  const auto answer = log_.connection().do_or_fail(
      "SELECT changeset, digest FROM snapshot_parts WHERE snapshot = $1 AND part = $2", values);
  if (!answer) return std::unexpected(answer.error());
  if (PQntuples(answer->get()) == 0) return fail("the fleet's snapshot of entry {} is not whole", snapshot.number);
  const auto changeset = bytes_of(text_in(**answer, 0, 0));
  const auto digest = sha256({changeset});
  if (text_in(**answer, 0, 1) != text_of(digest)) {
    return fail("the fleet's snapshot of entry {} is damaged in part {}", snapshot.number, number);
  }
  return ByteVector(changeset.begin(), changeset.end());
}

Result<int> Snapshots::put_parts(const std::string& name, const NextPart& next) {
  constexpr auto* kPut =
      "INSERT INTO snapshot_parts (snapshot, part, digest, changeset) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
  for (std::int32_t number = 0;; ++number) {
    const auto changeset = next();
    if (!changeset) return std::unexpected(changeset.error());
    if (!*changeset) return number;
    const auto digest = sha256({**changeset});
    Parameters values;
    values.text(name).integer(number).bytes(digest).bytes(**changeset);
    log_.connection().begin(log_.patience());
    if (const auto put = log_.connection().do_or_fail(kPut, values); !put) return std::unexpected(put.error());
  }
}

// The entry at which the older one ends stays: whoever begins with it finds that the log is the same.
Result<> Snapshots::keep(const Snapshot& snapshot, const std::string& node) {
  constexpr auto* kKeep =
      "INSERT INTO snapshots (number, entry, node, schema, name, parts, sequences)"
      " SELECT $1::bigint, $2::text, $3, $4::integer, $5, $6::integer, $7 WHERE EXISTS (SELECT FROM change_log WHERE "
      "number = $1 AND id = $2)"
      " ON CONFLICT DO NOTHING";
  constexpr std::array kCut{
      "WITH gone AS (DELETE FROM snapshots WHERE number < (SELECT min(number) FROM"
      " (SELECT number FROM snapshots ORDER BY number DESC LIMIT 2) AS kept) RETURNING name)"
      " DELETE FROM snapshot_parts WHERE snapshot IN (SELECT name FROM gone)",
      "DELETE FROM change_log WHERE number < (SELECT min(number) FROM snapshots HAVING count(*) > 1)",
      // Of those that were never finished.
      "DELETE FROM snapshot_parts WHERE at < now() - interval '1 hour' AND snapshot NOT IN (SELECT name FROM "
      "snapshots)"};
  Parameters values;
  values.number(snapshot.number).text(snapshot.entry).text(node).integer(snapshot.schema);
  values.text(snapshot.name).integer(snapshot.parts).text(snapshot.sequences);
  log_.connection().begin(log_.patience());
  if (const auto kept = log_.connection().do_or_fail(kKeep, values); !kept) return std::unexpected(kept.error());
  for (const auto* const sql : kCut) {
    if (auto cut = run(sql); !cut) return cut;
  }
  return {};
}

Result<bool> Snapshots::begin() {
  log_.connection().begin(log_.patience());
  const auto answer = log_.connection().do_or_fail("SELECT pg_try_advisory_lock(7236852)", {});
  if (!answer) return std::unexpected(answer.error());
  return PQntuples(answer->get()) == 1 && number_in<std::uint8_t>(**answer, 0, 0) != 0;
}

void Snapshots::end() { std::ignore = run("SELECT pg_advisory_unlock(7236852)"); }

}  // namespace bastion::store::fleet
