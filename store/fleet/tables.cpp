#include "store/fleet/tables.h"

namespace bastion::store::fleet {
namespace {

// One statement, and so one transaction. Two that make the same table at once would fail, whatever IF NOT EXISTS says.
constexpr const char* kTables = R"(
DO $$ BEGIN
PERFORM pg_advisory_xact_lock(7236851);
CREATE TABLE IF NOT EXISTS change_log (
  number bigint PRIMARY KEY, id text NOT NULL UNIQUE, node text NOT NULL, at timestamptz NOT NULL DEFAULT now(),
  schema integer NOT NULL, changeset bytea NOT NULL);
CREATE TABLE IF NOT EXISTS change_log_identity (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one), id text NOT NULL);
INSERT INTO change_log_identity (id) VALUES (gen_random_uuid()::text) ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS snapshots (
  number bigint PRIMARY KEY, entry text NOT NULL, node text NOT NULL, at timestamptz NOT NULL DEFAULT now(),
  schema integer NOT NULL, name text NOT NULL UNIQUE, parts integer NOT NULL, sequences text NOT NULL);
CREATE TABLE IF NOT EXISTS snapshot_parts (
  snapshot text NOT NULL, part integer NOT NULL, at timestamptz NOT NULL DEFAULT now(),
  digest bytea NOT NULL, changeset bytea NOT NULL, PRIMARY KEY (snapshot, part));
CREATE TABLE IF NOT EXISTS nodes (
  name text PRIMARY KEY, version text NOT NULL, schema bigint NOT NULL, number bigint NOT NULL, sessions bigint NOT NULL,
  since bigint NOT NULL, seen_at timestamptz NOT NULL DEFAULT now(), removed_at timestamptz);
CREATE TABLE IF NOT EXISTS node_messages (
  id text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), sender text NOT NULL, receiver text, question text NOT NULL);
CREATE TABLE IF NOT EXISTS node_answers (
  message text NOT NULL REFERENCES node_messages ON DELETE CASCADE, node text NOT NULL, answer text NOT NULL,
  PRIMARY KEY (message, node));
CREATE TABLE IF NOT EXISTS audit_records (
  node text NOT NULL, origin text NOT NULL, id bigint NOT NULL, at bigint NOT NULL, actor text NOT NULL,
  action text NOT NULL, subject text NOT NULL, outcome text NOT NULL, key_fingerprint text NOT NULL,
  from_host text NOT NULL, session text NOT NULL, detail text NOT NULL, PRIMARY KEY (node, origin, id));
CREATE INDEX IF NOT EXISTS audit_records_by_time ON audit_records (at, node, id);
CREATE INDEX IF NOT EXISTS audit_records_by_actor ON audit_records (actor, at);
CREATE TABLE IF NOT EXISTS session_records (
  node text NOT NULL, origin text NOT NULL, id text NOT NULL, changed bigint NOT NULL, user_name text NOT NULL,
  from_host text NOT NULL, key_fingerprint text NOT NULL, container text NOT NULL, route text NOT NULL,
  opened_at bigint NOT NULL, closed_at bigint, bytes_from_user bigint, bytes_from_container bigint, reason text,
  PRIMARY KEY (node, origin, id));
CREATE INDEX IF NOT EXISTS session_records_by_time ON session_records (opened_at);
CREATE INDEX IF NOT EXISTS session_records_by_user ON session_records (user_name, opened_at);
CREATE TABLE IF NOT EXISTS record_cursors (
  node text NOT NULL, origin text NOT NULL, audit bigint NOT NULL, sessions bigint NOT NULL, PRIMARY KEY (node, origin));
END $$)";

}  // namespace

Result<> prepare_tables(Connection& connection) {
  const auto made = connection.do_or_fail(kTables, {});
  if (!made) return std::unexpected(made.error());
  return {};
}

}  // namespace bastion::store::fleet
