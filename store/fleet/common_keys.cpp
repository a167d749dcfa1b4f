#include "store/fleet/common_keys.h"

#include <array>
#include <chrono>
#include <string_view>
#include <utility>

#include "store/fleet/connection.h"

namespace bastion::store::fleet {
namespace {

constexpr std::chrono::seconds kPatienceForKeys{10};

constexpr const char* kKeysTable =
    "CREATE TABLE IF NOT EXISTS common_keys (id integer PRIMARY KEY CHECK (id = 1), sealed bytea NOT NULL)";

}  // namespace

CommonKeys::CommonKeys(std::string conninfo) : connection_(std::make_unique<Connection>(std::move(conninfo))) {}
CommonKeys::~CommonKeys() = default;

Result<> CommonKeys::prepare() {
  connection_->begin(kPatienceForKeys);
  const auto made = connection_->do_or_fail(kKeysTable, {});
  return made ? Result<>{} : std::unexpected(made.error());
}

Result<std::optional<ByteVector>> CommonKeys::read() {
  connection_->begin(kPatienceForKeys);
  const auto answer = connection_->do_or_fail("SELECT sealed FROM common_keys", {});
  if (!answer) return std::unexpected(answer.error());
  if (PQntuples(answer->get()) == 0) return std::nullopt;
  const auto sealed = bytes_of(text_in(**answer, 0, 0));
  return ByteVector(sealed.begin(), sealed.end());
}

Result<> CommonKeys::write(Bytes sealed) {
  const std::array values{text_of(sealed)};
  connection_->begin(kPatienceForKeys);
  const auto written = connection_->do_or_fail(
      "INSERT INTO common_keys (id, sealed) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed",
      values);
  return written ? Result<>{} : std::unexpected(written.error());
}

Result<bool> CommonKeys::has_begun() {
  connection_->begin(kPatienceForKeys);
  const auto answer = connection_->do_or_fail("SELECT 1 FROM change_log LIMIT 1", {});
  if (!answer) return std::unexpected(answer.error());
  return PQntuples(answer->get()) > 0;
}

}  // namespace bastion::store::fleet
