#include "bastion/server/settings.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "bastion/admin/grammar/own.h"
#include "bastion/admin/reading_commands.h"
#include "bastion/base/log.h"
#include "bastion/config/state_dir.h"

namespace bastion::server {

namespace {

// Many have it in common.
std::shared_ptr<const std::string> shown(std::string text) {
  return text.empty() ? nullptr : std::make_shared<const std::string>(std::move(text));
}

std::string with_crlf(std::string_view lines) {
  std::string text;
  for (const char c : lines) text += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return text;
}

}  // namespace

store::Retention retention(const config::Config& config) {
  constexpr std::int64_t kDay = 86'400;
  return {.seconds = config.audit_keep * kDay,
          .seconds_reads = config.audit_keep_reads * kDay,
          .reads = admin::reading_commands()};
}

namespace {

// What cannot be read lets nobody in.
std::map<store::Role, Requirement> needs_of_roles(const config::Config& config) {
  std::map<store::Role, Requirement> needs;
  for (const auto& [role, text] :
       {std::pair(store::Role::auditor, &config.auth_auditor), std::pair(store::Role::operator_, &config.auth_operator),
        std::pair(store::Role::admin, &config.auth_admin)}) {
    if (!text->empty()) needs.emplace(role, parse_requirement(*text).value_or(Requirement{}));
  }
  return needs;
}

}  // namespace

Worker::Settings worker_settings(const config::Config& config, const ServerId& server) {
  return {.timeout = {config.keepalive_interval, config.keepalive_count_max},
          .session = {.keepalive_interval = config.keepalive_interval,
                      .keepalive_count_max = config.keepalive_count_max,
                      .client_env = config.client_env,
                      .motd = shown(config.motd.text),
                      .last_login = config.last_login,
                      .record_input = config.record_input,
                      .record_when_full = config.record_when_full,
                      .own_keys = admin::is_open(config.me, "key"),
                      .own_passwords = admin::is_open(config.me, "password"),
                      .authorized_keys_again = config.authorized_keys_again,
                      .window = config.window},
          .hops = {.connection = {.keepalive_interval = config.keepalive_interval,
                                  .keepalive_count_max = config.keepalive_count_max},
                   .idle_timeout = config.hop_idle_timeout},
          .defaults = {.limits = {.idle = config.idle_timeout, .total = config.max_session},
                       .needs = parse_requirement(config.auth).value_or(Requirement{}),
                       .needs_of_roles = needs_of_roles(config),
                       .fold_names = config.fold_names,
                       .sign_ons = {.issuer = config.oidc ? config.oidc->issuer : std::string(),
                                    .remembered = config.oidc_remember,
                                    .session = config.oidc_session},
                       .record = config.record,
                       .record_least = config.record_least},
          .server = server.text(),
          .connect_timeout = config.connect_timeout,
          .drain_timeout = config.drain_timeout,
          .key_exchange = config.key_exchange,
          .host_key_algorithms = config.host_key_algorithms,
          .wake_limit = config.wake_limit,
          .links = config::StateDir(config.state_dir).link_folder()};
}

Strangers::Settings strangers_settings(const config::Config& config, const ServerId& server) {
  auto worker = worker_settings(config, server);
  return {.timeout = worker.timeout,
          .stranger = {.login_grace = config.login_grace,
                       .version_grace = config.version_grace,
                       .max_auth_tries = config.max_auth_tries,
                       .banner = shown(with_crlf(config.banner.text))},
          .defaults = worker.defaults,
          .server = std::move(worker.server),
          .key_exchange = std::move(worker.key_exchange),
          .host_key_algorithms = std::move(worker.host_key_algorithms)};
}

void complain_of_texts(const config::Config& config) {
  for (const auto* const file : {&config.banner, &config.motd}) {
    if (!file->why_not.empty()) log::error("nothing is shown to users: {}", file->why_not);
  }
}

void log_changes(const std::vector<config::Change>& changes, const config::Config& config, const config::Config& read) {
  log::set_level(std::min(config.log_level, read.log_level));
  for (const auto& change : changes) {
    log::info("configuration: {} {} -> {}, counts {}", change.setting->key, change.before, change.after,
              config::text_of(change.setting->counts));
  }
  log::info("configuration read again: {}", changes.empty() ? "nothing has changed" : "that is all");
  complain_of_texts(read);
  log::set_level(config.log_level);
}

record::Keep kept_recordings(const config::Config& config) {
  return {.seconds = config.record_keep.count(), .bytes = config.record_most};
}

UserCaps::Limits caps_per_user(const config::Config& config) {
  return {.sessions = config.max_sessions_per_user,
          .logins = config.max_logins_per_user,
          .rekeys = config.max_rekeys_per_user,
          .bytes = config.max_bytes_per_user};
}

}  // namespace bastion::server
