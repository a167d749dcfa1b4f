#include "bastion/admin/manifest/whole_directory.h"

#include <utility>

#include "bastion/admin/manifest/read_manifest.h"
#include "store/backends.h"
#include "store/containers.h"

namespace bastion::admin {
namespace {

using store::HostKeyOwner;

class HostReader {
 public:
  explicit HostReader(store::Database& database) : host_keys_(database), host_cas_(database) {}

  Result<> read(const HostKeyOwner& owner, KnownHost& into) {
    auto keys = host_keys_.of(owner);
    if (!keys) return std::unexpected(std::move(keys.error()));
    auto refused = host_keys_.refused(owner);
    if (!refused) return std::unexpected(std::move(refused.error()));
    auto alias = host_cas_.alias_of(owner);
    if (!alias) return std::unexpected(std::move(alias.error()));
    auto certified = host_cas_.certified(owner);
    if (!certified) return std::unexpected(std::move(certified.error()));
    into = {.keys = *std::move(keys),
            .alias = *std::move(alias),
            .certified = *std::move(certified),
            .refused = *std::move(refused)};
    return {};
  }

 private:
  store::HostKeys host_keys_;
  store::HostCas host_cas_;
};

Result<> read_hosts(store::Database& database, WholeDirectory& whole) {
  HostReader reader(database);
  const auto backends = store::Backends(database).all();
  if (!backends) return std::unexpected(backends.error());
  for (const auto& one : *backends) {
    if (auto read = reader.read(HostKeyOwner::of_backend(one.id), whole.backends[one.name]); !read) return read;
  }
  const auto containers = store::Containers(database).all();
  if (!containers) return std::unexpected(containers.error());
  for (const auto& one : *containers) {
    auto read = reader.read(HostKeyOwner::of_container(one.id), whole.containers[one.full_name()]);
    if (!read) return read;
  }
  return {};
}

}  // namespace

Result<WholeDirectory> read_whole_directory(store::Database& database, std::int64_t now) {
  auto document = read_manifest(database);
  if (!document) return std::unexpected(std::move(document.error()));
  WholeDirectory whole{.document = *std::move(document)};
  if (auto read = read_hosts(database, whole); !read) return std::unexpected(std::move(read.error()));
  auto host_cas = store::HostCas(database).all();
  if (!host_cas) return std::unexpected(std::move(host_cas.error()));
  whole.host_cas = *std::move(host_cas);
  auto cas = store::Cas(database).all();
  if (!cas) return std::unexpected(std::move(cas.error()));
  whole.cas = *std::move(cas);
  auto revocations = store::Revocations(database).all();
  if (!revocations) return std::unexpected(std::move(revocations.error()));
  whole.revocations = *std::move(revocations);
  auto bans = store::Bans(database).all(now);
  if (!bans) return std::unexpected(std::move(bans.error()));
  std::erase_if(*bans, [](const store::Ban& ban) { return ban.origin != store::Ban::Origin::admin; });
  whole.bans = *std::move(bans);
  return whole;
}

}  // namespace bastion::admin
