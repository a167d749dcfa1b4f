// What a value must look like before a command looks at it. Each says what is wrong and what would be right.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/endpoint.h"
#include "bastion/base/record_policy.h"
#include "store/presented.h"

namespace bastion::admin {

[[nodiscard]] std::optional<std::string> check_name(std::string_view text);
[[nodiscard]] std::optional<std::string> check_standard_input(std::string_view text);  // -, and nothing else
[[nodiscard]] std::optional<std::string> check_user_name(std::string_view text);
[[nodiscard]] std::optional<std::string> check_names_or_none(std::string_view text);  // NAME,NAME…, or `none`
[[nodiscard]] std::optional<std::string> check_full_name(std::string_view text);      // OWNER/NAME
[[nodiscard]] std::optional<std::string> check_role(std::string_view text);
[[nodiscard]] std::optional<std::string> check_hook(std::string_view text);  // a plain file name
[[nodiscard]] std::optional<std::string> check_hook_or_none(std::string_view text);
[[nodiscard]] std::optional<std::string> check_program_or_none(std::string_view text);  // incus, lxd or none
[[nodiscard]] std::optional<std::string> check_duration(std::string_view text);         // `90s`
[[nodiscard]] std::optional<std::string> check_source(std::string_view text);           // as follow/source.h has it
[[nodiscard]] std::optional<std::string> check_identity(std::string_view text);  // of a backend: key or certificate
[[nodiscard]] std::optional<std::string> check_identity_of_container(std::string_view text);  // or agent
[[nodiscard]] std::optional<std::string> check_login(std::string_view text);     // a unix account elsewhere
[[nodiscard]] std::optional<std::string> check_endpoint(std::string_view text);  // HOST[:PORT]
[[nodiscard]] std::optional<std::string> check_address(std::string_view text);   // of a container: HOST[:PORT]
// The name that a host certificate is for, and a pattern-list of such names (base/wildcards.h).
[[nodiscard]] std::optional<std::string> check_certified_name(std::string_view text);
[[nodiscard]] std::optional<std::string> check_host_patterns(std::string_view text);
[[nodiscard]] std::optional<std::string> check_ip(std::string_view text);
[[nodiscard]] std::optional<std::string> check_network(std::string_view text);  // an address, or a block of them
[[nodiscard]] std::optional<std::string> check_capacity(std::string_view text);
[[nodiscard]] std::optional<std::string> check_timestamp(std::string_view text);
[[nodiscard]] std::optional<std::string> check_past_timestamp(std::string_view text);
[[nodiscard]] std::optional<std::string> check_expiry(std::string_view text);       // a timestamp, or `never`
[[nodiscard]] std::optional<std::string> check_cap(std::string_view text);          // a number, `none` or `default`
[[nodiscard]] std::optional<std::string> check_limit(std::string_view text);        // a duration, `none` or `default`
[[nodiscard]] std::optional<std::string> check_options(std::string_view text);      // of authorized_keys(5), or `none`
[[nodiscard]] std::optional<std::string> check_key_options(std::string_view text);  // before a key, or `none`
[[nodiscard]] std::optional<std::string> check_auth(std::string_view text);         // a requirement, or `default`
[[nodiscard]] std::optional<std::string> check_sftp(std::string_view text);         // none, read, write or all
[[nodiscard]] std::optional<std::string> check_record(std::string_view text);       // none, terminals, all or default
[[nodiscard]] std::optional<std::string> check_speed(std::string_view text);        // of a recording
[[nodiscard]] std::optional<std::string> check_pause(std::string_view text);        // in it: seconds
[[nodiscard]] std::optional<std::string> check_fingerprint(std::string_view text);  // SHA256:…, or SHA1:…, all of it
[[nodiscard]] std::optional<std::string> check_principals(std::string_view text);   // one rule of a CA
[[nodiscard]] std::optional<std::string> check_ca_roles(std::string_view text);     // roles with commas, of a CA
[[nodiscard]] std::optional<std::string> check_count(std::string_view text);
[[nodiscard]] std::optional<std::string> check_row_of_fleet(std::string_view text);  // of the audit: ID, or NODE:ID
[[nodiscard]] std::optional<std::string> check_chain_head(std::string_view text);
[[nodiscard]] std::optional<std::string> check_target(std::string_view text);  // USER[+CONTAINER]

[[nodiscard]] std::optional<std::string> check_member(std::string_view text);   // MEMBER=BACKEND
[[nodiscard]] std::optional<std::string> check_project(std::string_view text);  // of Incus
[[nodiscard]] std::optional<std::string> check_profile(std::string_view text);
[[nodiscard]] std::optional<std::string> check_image(std::string_view text);
[[nodiscard]] std::optional<std::string> check_interface(std::string_view text);

// The port of sshd, where none is written.
inline constexpr std::uint16_t kSshPort = 22;

// What the checks above let through, as a value.
[[nodiscard]] std::vector<std::string> names_of_list(std::string_view text);  // each once, sorted
[[nodiscard]] Endpoint container_address_of(std::string_view text);
[[nodiscard]] store::Presented identity_of(std::string_view text);
[[nodiscard]] std::optional<std::int64_t> capacity_of(std::string_view text);  // nothing: `none`
[[nodiscard]] std::optional<std::int64_t> cap_of(std::string_view text);       // as store::Caps has it
[[nodiscard]] std::optional<std::int64_t> limit_of(std::string_view text);     // as store::User has it
[[nodiscard]] std::string options_of(std::string_view text);                   // empty: `none`
[[nodiscard]] std::string auth_of(std::string_view text);                      // as store::User has it
[[nodiscard]] std::optional<RecordPolicy> record_of(std::string_view text);    // nothing: as configured
[[nodiscard]] int count_of(std::string_view text);
[[nodiscard]] std::int64_t row_of(std::string_view text);
struct NodeRow {
  std::string node;  // empty: of this bastion
  std::int64_t id = 0;
};
[[nodiscard]] NodeRow node_row_of(std::string_view text);

}  // namespace bastion::admin
