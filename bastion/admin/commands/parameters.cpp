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
          "which way files may go by SFTP, scp and rsync: read, out of the container; write, into it; none; or all. "
          "What is said of a user, their groups, their key and the container counts together",
          check_sftp};
}

Parameter record_option(Presence presence) {
  return {"--record",
          "WHAT",
          presence,
          "what of sessions is recorded: none; terminals; all, with commands and subsystems; or default, where nothing "
          "is said here",
          check_record,
          nullptr,
          kAdmin};
}

Parameter legacy_option(Presence presence) {
  return {"--legacy", "", presence, "also offer it old algorithms: SHA-1, ssh-rsa, AES-CBC"};
}

Parameter no_legacy_option() { return {"--no-legacy", "", Presence::some_of, "offer it sound algorithms only"}; }

Parameter identity_option(Presence presence) {
  return {"--identity", "WHAT", presence,
          "what the bastion logs in with: key (`identity show`), or a certificate of its own (`identity show --ca`) "
          "for each login",
          check_identity};
}

Parameter after_option(std::string_view value, Parameter::Check check) {
  return {"--after", value, Presence::optional, "only what comes after this one", check};
}

Parameter page_option() {
  return {"--limit", "N", Presence::optional,
          "how many at most; all of them, if it is not given, and 1000 where people read it at a terminal",
          check_count};
}

Parameter newest_option() {
  return {"--limit", "N", Presence::optional, "how many at most, the newest first; 100, if it is not given",
          check_count};
}

}  // namespace bastion::admin
