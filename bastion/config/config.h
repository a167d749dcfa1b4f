// The whole configuration. A value: read once at the start, the same for every thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bastion/base/endpoint.h"
#include "bastion/base/local_address.h"
#include "bastion/base/log.h"
#include "bastion/base/network.h"
#include "bastion/base/record_policy.h"
#include "bastion/config/fleet.h"
#include "bastion/config/limits.h"
#include "bastion/config/oidc.h"
#include "bastion/config/state_dir.h"
#include "bastion/config/text_file.h"

namespace bastion::config {

// By what a backend is chosen for something that is made.
enum class Placement : std::uint8_t { containers, memory };

// What a key means, and between which limits, is said in settings.cpp; what stands here is the default.
struct Config {
  std::vector<Endpoint> listen{{"0.0.0.0", 2222}, {"::", 2222}};
  std::vector<Network> proxy_protocol;
  std::filesystem::path state_dir = "/var/lib/bastion";
  std::filesystem::path key_agent;  // empty: none
  int workers = 0;
  log::Level log_level = log::Level::info;
  log::Form log = log::Form::text;
  std::optional<LocalAddress> metrics;
  std::optional<Endpoint> window = Endpoint{"bastion", 80};  // nothing: there is none

  std::string auth = "publickey";  // base/requirement.h
  bool fold_names = false;         // names of users are compared without case
  // Of those with a role, where that is something else; empty: it is not.
  std::string auth_auditor = {};
  std::string auth_operator = {};
  std::string auth_admin = {};
  std::string authorized_keys_command = {};  // base/key_command.h
  std::chrono::seconds authorized_keys_timeout{5};
  std::chrono::seconds authorized_keys_cache{10};
  std::chrono::seconds authorized_keys_again = std::chrono::minutes{10};
  std::chrono::seconds login_grace{60};
  std::chrono::seconds version_grace{10};
  int max_auth_tries = 20;
  MaxStartups max_startups;
  int max_startups_per_source = 20;
  int max_rsa_signatures_per_source = 60;  // a minute
  SourceBlock source_block;
  PenaltyRules penalties;
  std::vector<Network> exempt;
  int max_sessions_per_user = 0;
  int max_logins_per_user = 0;
  int max_rekeys_per_user = 0;
  int max_bytes_per_user = 0;  // a second

  std::string me = "container,password,session";  // what users do themselves: names with commas between them

  TextFile banner;
  TextFile motd;
  bool last_login = false;
  std::string client_env;  // empty: none

  std::chrono::seconds connect_timeout{10};
  std::chrono::seconds wake_limit{90};
  std::filesystem::path wake_hooks = "/etc/bastion/wake.d";
  Placement placement = Placement::containers;
  std::chrono::seconds keepalive_interval{10};
  int keepalive_count_max = 3;
  std::chrono::seconds hop_idle_timeout{300};
  std::chrono::seconds idle_timeout{0};
  std::chrono::seconds max_session{0};
  std::chrono::seconds drain_timeout{5};
  std::chrono::seconds handover_limit = std::chrono::hours{12};

  int audit_keep = 400;       // days
  int audit_keep_reads = 30;  // days

  RecordPolicy record = RecordPolicy::none;
  RecordPolicy record_least = RecordPolicy::none;
  bool record_input = false;
  RecordWhenFull record_when_full = RecordWhenFull::refuse;
  std::chrono::seconds record_keep = std::chrono::days{90};
  std::int64_t record_most = 10'000'000'000;  // bytes; 0: any number

  std::string key_exchange;         // names with commas between them; empty for our own list
  std::string host_key_algorithms;  // likewise

  std::optional<Fleet> fleet;

  std::optional<Oidc> oidc;
  std::chrono::seconds oidc_remember{0};
  std::chrono::seconds oidc_session{0};  // 0: as long as any other

  [[nodiscard]] std::filesystem::path database() const { return StateDir(state_dir).database(); }
};

}  // namespace bastion::config
