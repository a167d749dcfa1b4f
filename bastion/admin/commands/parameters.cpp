#include "bastion/admin/commands/parameters.h"

#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {

using Presence = Parameter::Presence;

std::vector<Parameter> joined(std::vector<Parameter> first, const std::vector<Parameter>& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

Parameter sftp_option(Presence presence) {
  return {"--sftp", "WAY", presence,
          "in which directions files may be transferred by SFTP, scp and rsync: read, out of the container; write, "
          "into it; none; or all. The settings of the user, their groups, their key and the container all apply",
          check_sftp};
}

Parameter record_option(Presence presence) {
  return {"--record",
          "WHAT",
          presence,
          "what is recorded of sessions: none; terminals; all, which adds commands and subsystems; or default, to "
          "leave it to other settings",
          check_record,
          nullptr,
          kAdmin};
}

Parameter legacy_option(Presence presence) {
  return {"--legacy", "", presence, "also offer old algorithms: SHA-1, ssh-rsa, AES-CBC"};
}

Parameter no_legacy_option() { return {"--no-legacy", "", Presence::some_of, "offer only modern algorithms"}; }

Parameter identity_option(Presence presence) {
  return {"--identity", "WHAT", presence,
          "what the bastion logs in with: key (`identity show`); or certificate, its own (`identity show --ca`), "
          "issued for each login",
          check_identity};
}

Parameter after_option(std::string_view value, Parameter::Check check) {
  return {"--after", value, Presence::optional, "only entries after this one", check};
}

Parameter page_option() {
  return {"--limit", "N", Presence::optional, "the maximum number of entries; all by default, or 1000 at a terminal",
          check_count};
}

Parameter newest_option() {
  return {"--limit", "N", Presence::optional, "the maximum number, newest first; 100 by default", check_count};
}

}  // namespace bastion::admin
