#include "store/reader.h"

#include <utility>

namespace bastion::store {

Result<std::unique_ptr<Reader>> Reader::open(const std::filesystem::path& file) {
  auto database = Database::open(file, Database::Access::read);
  if (!database) return std::unexpected(std::move(database.error()));
  // At most 64 MiB, taken as pages are read: what some thousand users among 100,000 need for their sessions.
  if (auto set = database->run("PRAGMA cache_size = -65536"); !set) return std::unexpected(std::move(set.error()));
  return std::make_unique<Reader>(*std::move(database));
}

Reader::Reader(Database database)
    : database_(std::move(database)),
      users_(database_),
      keys_(database_),
      backends_(database_),
      containers_(database_),
      host_keys_(database_),
      host_cas_(database_),
      cas_(database_),
      revocations_(database_),
      second_factors_(database_),
      passwords_(database_),
      sign_ons_(database_),
      invitations_(database_),
      sessions_(database_),
      permissions_(database_),
      wakes_(database_),
      sftp_policies_(database_),
      sources_(database_),
      sightings_(database_),
      links_(database_),
      record_policies_(database_) {}

}  // namespace bastion::store
