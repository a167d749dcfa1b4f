// CAs and revocations, made to be as a document says.
#pragma once

#include <map>
#include <string>

#include "bastion/admin/manifest/changes.h"
#include "store/cas.h"
#include "store/revocations.h"

namespace bastion::admin {

class CaChanges {
 public:
  CaChanges(store::Database& database, Changes& changes) : changes_(changes), cas_(database), revocations_(database) {}

  // What no document names any more goes first: it may have the name, or the key, of another one.
  Result<> remove_unnamed(const Manifest& document);
  Result<> put(const Manifest& document);

 private:
  Result<> put_ca(const CaEntry& entry);
  Result<> put_revocations(const std::vector<store::Revocation>& revocations);

  Changes& changes_;
  store::Cas cas_;
  store::Revocations revocations_;
};

}  // namespace bastion::admin
