#include "store/fleet/nodes.h"

#include <utility>

#include "store/fleet/connection.h"
#include "store/fleet/parameters.h"
#include "store/fleet/tables.h"

namespace bastion::store::fleet {

Nodes::Nodes(std::string conninfo, std::chrono::milliseconds patience)
    : connection_(std::make_unique<Connection>(std::move(conninfo))), patience_(patience) {}
Nodes::~Nodes() = default;
Nodes::Nodes(Nodes&& other) noexcept = default;
void Nodes::give_up_when(int descriptor) { connection_->give_up_when(descriptor); }

Result<> Nodes::prepare() {
  connection_->begin(patience_);
  return prepare_tables(*connection_);
}

Result<Nodes::Standing> Nodes::beat(const std::string& name, const Heartbeat& heartbeat) {
  constexpr auto* kBeat =
      "INSERT INTO nodes (name, version, schema, number, sessions, since) VALUES ($1, $2, $3, $4, $5, $6)"
      " ON CONFLICT (name) DO UPDATE SET version = EXCLUDED.version, schema = EXCLUDED.schema,"
      " number = EXCLUDED.number, sessions = EXCLUDED.sessions, since = EXCLUDED.since, seen_at = now()"
      " WHERE nodes.removed_at IS NULL RETURNING name";
  Parameters values;
  values.text(name).text(heartbeat.version).number(heartbeat.schema).number(heartbeat.number);
  values.number(heartbeat.sessions).number(heartbeat.since);
  connection_->begin(patience_);
  const auto answer = connection_->do_or_fail(kBeat, values);
  if (!answer) return std::unexpected(answer.error());
  return PQntuples(answer->get()) == 0 ? Standing::removed : Standing::member;
}

Result<std::vector<Node>> Nodes::all() {
  constexpr auto* kAll =
      "SELECT name, version, schema, number, sessions, since,"
      " greatest((SELECT coalesce(max(number), 0) FROM change_log) - number, 0), extract(epoch FROM seen_at)::bigint,"
      " (seen_at > now() - make_interval(secs => $1::bigint))::integer, extract(epoch FROM removed_at)::bigint"
      " FROM nodes ORDER BY name";
  Parameters values;
  values.number(kThere.count());
  connection_->begin(patience_);
  const auto answer = connection_->do_or_fail(kAll, values);
  if (!answer) return std::unexpected(answer.error());
  const auto& rows = **answer;
  std::vector<Node> all;
  for (int row = 0; row < PQntuples(&rows); ++row) {
    Node node{.name = std::string(text_in(rows, row, 0)),
              .last = {.version = std::string(text_in(rows, row, 1)),
                       .schema = static_cast<int>(number_in<std::int64_t>(rows, row, 2)),
                       .number = number_in<std::int64_t>(rows, row, 3),
                       .sessions = number_in<std::int64_t>(rows, row, 4),
                       .since = number_in<std::int64_t>(rows, row, 5)},
              .behind = number_in<std::int64_t>(rows, row, 6),
              .seen_at = number_in<std::int64_t>(rows, row, 7),
              .is_there = number_in<std::int32_t>(rows, row, 8) != 0};
    if (PQgetisnull(&rows, row, 9) == 0) node.removed_at = number_in<std::int64_t>(rows, row, 9);
    all.push_back(std::move(node));
  }
  return all;
}

Result<bool> Nodes::remove(const std::string& name) {
  Parameters values;
  values.text(name);
  connection_->begin(patience_);
  const auto answer = connection_->do_or_fail(
      "UPDATE nodes SET removed_at = now() WHERE name = $1 AND removed_at IS NULL RETURNING name", values);
  if (!answer) return std::unexpected(answer.error());
  return PQntuples(answer->get()) > 0;
}

Result<bool> Nodes::readmit(const std::string& name) {
  Parameters values;
  values.text(name);
  connection_->begin(patience_);
  const auto answer = connection_->do_or_fail(
      "UPDATE nodes SET removed_at = NULL WHERE name = $1 AND removed_at IS NOT NULL RETURNING name", values);
  if (!answer) return std::unexpected(answer.error());
  return PQntuples(answer->get()) > 0;
}

}  // namespace bastion::store::fleet
