// What the path of a login reads, over a connection of its own. One per worker thread.
#pragma once

#include <filesystem>
#include <memory>

#include "bastion/base/result.h"
#include "store/backends.h"
#include "store/cas.h"
#include "store/containers.h"
#include "store/database.h"
#include "store/host_cas.h"
#include "store/host_keys.h"
#include "store/invitations.h"
#include "store/keys.h"
#include "store/links.h"
#include "store/passwords.h"
#include "store/permissions.h"
#include "store/record_policies.h"
#include "store/revocations.h"
#include "store/second_factors.h"
#include "store/sessions.h"
#include "store/sftp_policies.h"
#include "store/sightings.h"
#include "store/sign_ons.h"
#include "store/sources.h"
#include "store/users.h"
#include "store/wakes.h"

namespace bastion::store {

// Changes made by others, commands and other processes, are seen by the next look-up.
class Reader {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Reader>> open(const std::filesystem::path& file);

  explicit Reader(Database database);
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  [[nodiscard]] Users& users() { return users_; }
  [[nodiscard]] Keys& keys() { return keys_; }
  [[nodiscard]] Backends& backends() { return backends_; }
  [[nodiscard]] Containers& containers() { return containers_; }
  [[nodiscard]] HostKeys& host_keys() { return host_keys_; }
  [[nodiscard]] HostCas& host_cas() { return host_cas_; }
  [[nodiscard]] Cas& cas() { return cas_; }
  [[nodiscard]] Revocations& revocations() { return revocations_; }
  [[nodiscard]] SecondFactors& second_factors() { return second_factors_; }
  [[nodiscard]] Passwords& passwords() { return passwords_; }
  [[nodiscard]] SignOns& sign_ons() { return sign_ons_; }
  [[nodiscard]] Invitations& invitations() { return invitations_; }
  [[nodiscard]] Sessions& sessions() { return sessions_; }
  [[nodiscard]] Permissions& permissions() { return permissions_; }
  [[nodiscard]] Wakes& wakes() { return wakes_; }
  [[nodiscard]] SftpPolicies& sftp_policies() { return sftp_policies_; }
  [[nodiscard]] Sources& sources() { return sources_; }
  [[nodiscard]] Sightings& sightings() { return sightings_; }
  [[nodiscard]] Links& links() { return links_; }
  [[nodiscard]] RecordPolicies& record_policies() { return record_policies_; }

 private:
  Database database_;
  Users users_;
  Keys keys_;
  Backends backends_;
  Containers containers_;
  HostKeys host_keys_;
  HostCas host_cas_;
  Cas cas_;
  Revocations revocations_;
  SecondFactors second_factors_;
  Passwords passwords_;
  SignOns sign_ons_;
  Invitations invitations_;
  Sessions sessions_;
  Permissions permissions_;
  Wakes wakes_;
  SftpPolicies sftp_policies_;
  Sources sources_;
  Sightings sightings_;
  Links links_;
  RecordPolicies record_policies_;
};

}  // namespace bastion::store
