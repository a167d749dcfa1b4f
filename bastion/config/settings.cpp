#include "bastion/config/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "bastion/base/match.h"
#include "bastion/base/roff.h"

namespace bastion::config {
namespace {

constexpr std::array<std::string_view, 4> kLogLevels{"debug", "info", "warning", "error"};
constexpr std::array<std::string_view, 2> kLogForms{"text", "json"};
constexpr std::array<std::string_view, 2> kPlacements{"containers", "memory"};
constexpr std::array<std::string_view, 3> kRecordPolicies{"none", "terminals", "all"};
constexpr std::array<std::string_view, 2> kWhenFull{"refuse", "less"};
// As the rows of bastion/admin/commands/own_rows.cpp have them.
constexpr std::array<std::string_view, 7> kOwn{"container", "key",   "key-anyhow", "password",
                                               "session",   "share", "totp"};

// Not the groups and group exchange: they cost an unauthenticated stranger nothing and us up to 95 ms each.
constexpr std::array<std::string_view, 8> kKeyExchanges{"mlkem768x25519-sha256",
                                                        "sntrup761x25519-sha512",
                                                        "sntrup761x25519-sha512@openssh.com",
                                                        "curve25519-sha256",
                                                        "curve25519-sha256@libssh.org",
                                                        "ecdh-sha2-nistp256",
                                                        "ecdh-sha2-nistp384",
                                                        "ecdh-sha2-nistp521"};

// As transport/algorithms.h has them.
constexpr std::array<std::string_view, 6> kHostKeyAlgorithms{
    "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "rsa-sha2-512", "rsa-sha2-256"};

constexpr auto kPenaltyTimes = std::to_array<PenaltyTime>({
    {"authfail", &PenaltyRules::authfail},
    {"invaliduser", &PenaltyRules::invaliduser},
    {"max_auth_tries", &PenaltyRules::max_auth_tries},
    {"noauth", &PenaltyRules::noauth},
    {"grace_exceeded", &PenaltyRules::grace_exceeded},
    {"crash", &PenaltyRules::crash},
    {"min", &PenaltyRules::min},
    {"max", &PenaltyRules::max},
});
constexpr std::array<std::string_view, 2> kOverflows{"permissive", "deny-all"};

const auto kSettings = std::to_array<Setting>({
    {"listen", Addresses{&Config::listen}, Counts::by_handover,
     "The addresses on which the bastion listens, each as `host:port`. An IPv6 address is written in brackets."},
    {"proxy_protocol", Networks{&Config::proxy_protocol}, Counts::at_once,
     "Networks of load balancers that send a PROXY header, version 1 or 2 (HAProxy's `send-proxy` and "
     "`send-proxy-v2`). The bastion takes the client's address from the header. A connection from one of these "
     "networks without a header is refused, and so is a header from any other address."},
    {"state_dir", Folder{&Config::state_dir}, Counts::after_restart,
     "The state directory, in which the bastion keeps its database (`bastion.db`), its host keys (`host_keys/`) and "
     "the key with which it logs in (`identity/`). It must be an absolute path."},
    {"key_agent", Socket{&Config::key_agent}, Counts::by_handover,
     "The unix socket of an ssh-agent that holds private keys of the bastion, as HostKeyAgent in sshd_config(5). For a "
     "host key, the identity or the CA that the agent holds, the state directory has only the public key. The value is "
     "an absolute path. The socket must be owned by root or by the account that the bastion runs as. With an agent, "
     "`metrics` cannot be a unix socket. `\"\"` means no agent."},
    {"workers", Number{&Config::workers, 0, 256}, Counts::by_handover,
     "The number of threads that carry logins. 0 means one for each core."},
    {"log_level", LogLevel{&Config::log_level}, Counts::at_once, "The lowest level of messages that are logged."},
    {"log", LogForm{&Config::log}, Counts::after_restart,
     "The format of log lines. `\"text\"` is a sentence followed by `key=value` pairs. `\"json\"` is one object on "
     "each line with the same fields. `bastion serve --json-log` is the same as `\"json\"`."},
    {"metrics", Watchers{&Config::metrics}, Counts::by_handover,
     "The address that serves /metrics, /healthz and /readyz by HTTP. It is a port of a loopback address, like "
     "`\"127.0.0.1:9222\"`, or a unix socket, like `\"unix:/run/bastion/metrics.sock\"`. The user and the group of the "
     "process may connect to the socket. See METRICS.md. `\"\"` disables it."},
    {"window", Forward{&Config::window}, Counts::for_new,
     "The name and the port to which users forward a local port to reach the bastion's web pages, as in `ssh -L "
     "8080:bastion:80`. The name is never looked up. No container and no backend can be reached by this name at this "
     "port. See WINDOW.md. `\"\"` disables the pages."},
    {"auth", Needs{&Config::auth}, Counts::at_once,
     "What accounts need to log in, unless an account has a setting of its own (`user set NAME --auth`). `publickey` "
     "is a signature by an enrolled key, or by a key with a certificate of a trusted CA (`ca add`). `certificate` is "
     "only the latter. `password` is a password that was set with `password set`. `totp` is a one-time code (`totp "
     "enroll`), which is asked for after the others. `oidc` is a sign-on at the issuer in the setting `oidc`, or a "
     "remembered one (`oidc_remember`). `+` joins things that are all needed, each with a different key. `|` separates "
     "alternatives. A session ends when what it was opened with no longer meets this."},
    {"auth_admin", Needs{&Config::auth_admin, true}, Counts::at_once,
     "The same for accounts with the role admin. `\"\"` means as in `auth`. The setting of an account takes precedence "
     "over this."},
    {"auth_operator", Needs{&Config::auth_operator, true}, Counts::at_once,
     "The same for accounts with the role operator."},
    {"auth_auditor", Needs{&Config::auth_auditor, true}, Counts::at_once,
     "The same for accounts with the role auditor."},
    {"fold_names", Flag{&Config::fold_names}, Counts::at_once,
     "Whether user names are compared without regard to case at login. With it, `Alice` and `CORP\\alice` are `alice` "
     "and `corp\\alice`. No two users may have names that differ only in case, whether this is set or not."},
    {"oidc_remember", Duration{&Config::oidc_remember, 31'536'000}, Counts::at_once,
     "How long a sign-on is remembered for the key that was used with it. During this time `publickey+oidc` needs only "
     "that key, so scp and editors work without a browser. `oidc forget` ends it. 0 means that sign-ons are not "
     "remembered."},
    {"oidc_session", Duration{&Config::oidc_session, 31'536'000}, Counts::at_once,
     "How long after a sign-on the sessions that it opened end, as they do when a certificate expires. 0 means that "
     "they do not end for this reason."},
    {"authorized_keys_command", Program{&Config::authorized_keys_command}, Counts::by_handover,
     "A program that prints keys of a user, as AuthorizedKeysCommand in sshd_config(5). It is run if the bastion's "
     "directory of users has no key that lets the user in. It prints lines in the format of authorized_keys(5), 64 KiB "
     "at most, and their options apply. The value is its absolute path and arguments, separated by spaces, without "
     "quotes. In the arguments, `%u` is the user's name; `%f`, `%t` and `%k` are the fingerprint, the type and the "
     "base64 of the key that the client presents; `%%` is a percent sign. Without arguments, it gets the user's name. "
     "The program and all folders above it must be owned by root and writable by nobody else. It runs as the account "
     "of the bastion and cannot read the bastion's private keys. It is run only for users that the bastion knows. "
     "`\"\"` means no program."},
    {"authorized_keys_timeout", Seconds{&Config::authorized_keys_timeout, 1, 60}, Counts::by_handover,
     "The number of seconds after which the program is killed. Its output is then ignored."},
    {"authorized_keys_cache", Seconds{&Config::authorized_keys_cache, 0, 3600}, Counts::by_handover,
     "The number of seconds for which the program's answer is reused, so that a client that presents several keys runs "
     "it once."},
    {"authorized_keys_again", Duration{&Config::authorized_keys_again, 31'536'000}, Counts::for_new,
     "How often the program is run again during a session that was opened with a key that it printed. The session ends "
     "when the key is no longer printed, or is printed with other options. 0 means never."},
    {"login_grace", Seconds{&Config::login_grace, 1, 3600}, Counts::for_new,
     "The number of seconds that a client has to authenticate."},
    {"version_grace", Seconds{&Config::version_grace, 1, 3600}, Counts::for_new,
     "The number of seconds that a client has to send its version line. Clients send it at once."},
    {"max_auth_tries", Number{&Config::max_auth_tries, 1, 1000}, Counts::for_new,
     "The number of keys and other attempts to authenticate that a client may make on one connection. An agent offers "
     "every key that it holds."},
    {"max_startups", Startups{&Config::max_startups}, Counts::at_once,
     "The maximum number of concurrent unauthenticated connections, as MaxStartups in sshd_config(5): "
     "`\"start:rate:full\"`, or one number for all three. From `start` connections on, a new one is refused with a "
     "probability of `rate` percent, which rises to 100 percent at `full`. Before a connection is refused, one that "
     "has long been silent is closed to make room. It is one that has not sent its version line yet, from the source "
     "that has the most of them."},
    {"max_startups_per_source", Number{&Config::max_startups_per_source, 1, kMostStartups}, Counts::at_once,
     "The same for each source. Here too, a connection that has long been silent is closed first. If there is no room, "
     "a new connection waits for a second. It is let in as soon as its version line has arrived and another connection "
     "is silent."},
    {"max_rsa_signatures_per_source", Number{&Config::max_rsa_signatures_per_source, 0, 60'000}, Counts::at_once,
     "The number of key exchanges each minute that an RSA host key may sign for connections from one source that do "
     "not log in. One more closes its connection. Other types of host keys cost little and are not counted. Clients "
     "that have a choice use one of those, and `host_key_algorithms` can disable RSA altogether. 0 means no limit."},
    {"source_block", Blocks{&Config::source_block}, Counts::at_once,
     "The number of bits of an IPv4 and of an IPv6 address that identify a source, as PerSourceNetBlockSize in "
     "sshd_config(5)."},
    {"penalties", Penalties{&Config::penalties}, Counts::at_once,
     "How long a source is refused for connections that end without a login, as PerSourcePenalties in sshd_config(5). "
     "Each such connection adds a number of seconds, by its cause. `authfail`: it tried to authenticate and failed. "
     "`invaliduser`: it named a user that does not exist; a value other than that of `authfail` tells attackers which "
     "names exist. `max_auth_tries`: it used up its attempts. `noauth`: it did not try. `grace_exceeded`: it stayed "
     "for `login_grace`. `crash`: it violated the protocol. Penalties expire as time passes. A source whose penalties "
     "add up to more than `min` is refused until they have expired, for `max` at most. For the same time afterwards, "
     "it is refused at once for its next offence, for `min` at least. `max_sources` is the number of sources that may "
     "have penalties, for IPv4 and for IPv6 each. One more replaces the source that would be free first (`overflow = "
     "\"permissive\"`), or all sources without a penalty are refused too (`\"deny-all\"`). A source with a successful "
     "login in the last day is not refused. Its failed attempts are answered a second later, and they give way when "
     "there are more than `max_startups_per_source`. Keys that are left out keep their defaults."},
    {"exempt", Networks{&Config::exempt}, Counts::at_once,
     "Networks whose connections get no penalties, as PerSourcePenaltyExemptList in sshd_config(5). They also have no "
     "limit on RSA signatures."},
    {"max_sessions_per_user", Number{&Config::max_sessions_per_user, 0, 100'000}, Counts::for_new,
     "The maximum number of concurrent sessions of a user. Each session is one connection with up to 4096 channels. A "
     "user who opens one more is told why it ends. 0 means no limit."},
    {"max_logins_per_user", Number{&Config::max_logins_per_user, 0, 100'000}, Counts::for_new,
     "The maximum number of sessions that a user may open within a minute. A user who opens one more is told why it "
     "ends. 0 means no limit."},
    {"max_rekeys_per_user", Number{&Config::max_rekeys_per_user, 0, 100'000}, Counts::for_new,
     "The maximum number of key exchanges that a user's clients may begin within a minute, over all sessions of the "
     "user. The first one of each session is not counted. One more ends the session that it is in. 0 means no limit "
     "other than that of each session."},
    {"max_bytes_per_user", Number{&Config::max_bytes_per_user, 0, 2'000'000'000}, Counts::for_new,
     "The number of bytes that a user may transfer each second, in both directions together and over all sessions of "
     "the user. Anything above it waits: nothing is lost, and no session ends. 0 means no limit."},
    {"me", Names{&Config::me, kOwn}, Counts::by_handover,
     "What users may do by themselves, with `ssh -s NAME@BASTION me` and a command, always for their own account. "
     "`container`: choose the container in which they land. `key`: add and remove keys. `key-anyhow`: the same, even "
     "if they logged in without a key that is enrolled here. `password`: change a password that their account accepts. "
     "`session`: end sessions. `share`: share containers that they own. `totp`: manage one-time codes. Users may "
     "always read what concerns themselves."},
    {"banner", Text{&Config::banner}, Counts::for_new,
     "A file whose text is shown to everybody before they authenticate, as Banner in sshd_config(5). Clients show it "
     "unless they are told to be quiet. It may have 16 KiB at most, and control characters are removed. The value is "
     "an absolute path; `\"\"` means no banner. The file is read again with the configuration."},
    {"motd", Text{&Config::motd}, Counts::for_new,
     "A file whose text is shown to users after they log in, in a shell at a terminal, before the container's own "
     "message. The rules are those for `banner`."},
    {"last_login", Flag{&Config::last_login}, Counts::for_new,
     "Whether such a shell also shows when and from where the user last logged in, as PrintLastLog in sshd_config(5): "
     "`Last login: Sat Nov 28 10:00:00 2026 from 192.0.2.1`. The time is in UTC, and the login is the last one at the "
     "same bastion. A `.hushlogin` file in the container has no effect on this."},
    {"client_env", Variable{&Config::client_env}, Counts::for_new,
     "The name of an environment variable that gives sessions in a container the address and the port of the user. Its "
     "value has the format of the first two fields of `SSH_CLIENT` in ssh(1), which in a container names the bastion "
     "or a backend. The container's sshd has to accept the variable (AcceptEnv); Debian's accepts every name that "
     "begins with `LC_`. A variable of this name from the user is not passed on. `\"\"` means that nothing is set."},
    {"connect_timeout", Seconds{&Config::connect_timeout, 1, 300}, Counts::for_new,
     "The number of seconds in which a backend or a container must be reached and logged in to. The limit applies to "
     "each of them."},
    {"wake_limit", Seconds{&Config::wake_limit, 1, 3600}, Counts::at_once,
     "The number of seconds that a login waits for a container or a backend that is started for it (`container set "
     "NAME --wake`, `backend set NAME --wake HOOK`) until its sshd answers."},
    {"wake_hooks", Folder{&Config::wake_hooks}, Counts::by_handover,
     "The folder of the programs that start backends (`backend set NAME --wake HOOK`). It must be an absolute path. "
     "The folder, its files and the folders above it must be owned by root and writable by nobody else."},
    {"placement", Placed{&Config::placement}, Counts::by_handover,
     "How `container create --auto-place` chooses a backend. `\"containers\"` takes the active backend with the fewest "
     "containers relative to its capacity. `\"memory\"` takes the one with the most free memory and a spare processor; "
     "every backend is asked for these (`bastion-instances resources`)."},
    {"keepalive_interval", Seconds{&Config::keepalive_interval, 1, 3600}, Counts::for_new,
     "The number of seconds of silence after which a backend or a container is sent a keepalive message. The system of "
     "a user's machine is also checked, but a client that is only suspended keeps its session."},
    {"keepalive_count_max", Number{&Config::keepalive_count_max, 1, 100}, Counts::for_new,
     "The number of unanswered keepalive messages after which a peer is considered gone. This is at most "
     "`keepalive_count_max` + 2 intervals after its last sign of life."},
    {"hop_idle_timeout", Seconds{&Config::hop_idle_timeout, 0, 86'400}, Counts::at_once,
     "The number of seconds that an unused connection to a backend is kept open."},
    {"idle_timeout", Seconds{&Config::idle_timeout, 0, 31'536'000}, Counts::at_once,
     "The number of seconds after which an idle session ends. A session is idle if none of its channels carries data "
     "in either direction. What a web page of the bastion requests by itself is not counted, but what somebody asks "
     "for there is. Users at a terminal are warned before the end. 0 means never. A user may have a limit of their "
     "own."},
    {"max_session", Seconds{&Config::max_session, 0, 31'536'000}, Counts::at_once,
     "The number of seconds after which a session ends, idle or not, with the same warning. 0 means never. A user may "
     "have a limit of their own."},
    {"drain_timeout", Seconds{&Config::drain_timeout, 0, 3600}, Counts::at_once,
     "The number of seconds that sessions have to end by themselves when the bastion is told to stop."},
    {"handover_limit", Duration{&Config::handover_limit, 31'536'000}, Counts::at_once,
     "How long sessions may stay in a process after another one has taken over, for instance at an upgrade. Users at a "
     "terminal are warned before the end."},
    {"audit_keep", Number{&Config::audit_keep, 0, 36'500}, Counts::at_once,
     "The number of days that the audit and the list of past sessions are kept. 0 means forever."},
    {"audit_keep_reads", Number{&Config::audit_keep_reads, 0, 36'500}, Counts::at_once,
     "The same for audit rows of commands that only read, of denied logins and of refused addresses. 0 means as long "
     "as all other rows."},
    {"record", Recorded{&Config::record}, Counts::for_new,
     "What is recorded of sessions. `\"none\"` records nothing. `\"terminals\"` records the output of terminals. "
     "`\"all\"` also records the output of shells without a terminal, and which commands and subsystems are started, "
     "with how they end. A user, a group or a container may have a setting of its own (`user set NAME --record WORD`), "
     "which replaces this one; if several have one, the one that records most applies. A user whose session is "
     "recorded is told so in one line. Recordings are in `recordings` in the state directory; `session play` plays "
     "one."},
    {"record_least", Recorded{&Config::record_least}, Counts::for_new,
     "What is at least recorded of every session, with the same values, whatever a user, a group or a container has. "
     "With commands, administrators can have more recorded than this, but not less. `record_when_full` applies in any "
     "case."},
    {"record_input", Flag{&Config::record_input}, Counts::for_new,
     "Whether the input of users is recorded too. That includes passwords that no terminal shows."},
    {"record_when_full", WhenFull{&Config::record_when_full}, Counts::for_new,
     "What happens to a session that is to be recorded if the disk cannot be written. `\"refuse\"`: the session is "
     "refused with a message. `\"less\"`: the session goes on unrecorded, and this is logged. Recordings that have "
     "already begun get a gap, which they show, and their sessions go on."},
    {"record_keep", Duration{&Config::record_keep, 946'080'000}, Counts::at_once,
     "How long a recording is kept after it was last written to. 0 means forever."},
    {"record_most", Size{&Config::record_most}, Counts::at_once,
     "The maximum space that recordings take on the disk, compressed. If they take more, the oldest are deleted, once "
     "an hour. 0 means no limit."},
    {"key_exchange", Names{&Config::key_exchange, kKeyExchanges}, Counts::by_handover,
     "The key exchange methods, in order of preference, in place of the built-in list. An empty list means the "
     "built-in one: `mlkem768x25519-sha256`, `sntrup761x25519-sha512` and `curve25519-sha256` (both names each), "
     "`ecdh-sha2-nistp256`."},
    {"host_key_algorithms", Names{&Config::host_key_algorithms, kHostKeyAlgorithms}, Counts::by_handover,
     "The signature algorithms of the bastion's host keys, in order of preference, as HostKeyAlgorithms in "
     "sshd_config(5). A host key that none of them is for is neither presented nor announced. An empty list means all, "
     "in this order. Signatures by an RSA key cost the most. Without `rsa-sha2-512` and `rsa-sha2-256`, "
     "unauthenticated clients cannot ask for one, and clients that know nothing else (OpenSSH before 5.7) cannot log "
     "in."},
    {"fleet", Membership{&Config::fleet}, Counts::by_handover,
     "The fleet that this bastion belongs to; see FLEET.md. `database` is the connection string of PostgreSQL, as for "
     "libpq (PostgreSQL manual, Connection Strings). It must not contain a password; put that in the file that "
     "`passfile=` names, which may be a systemd credential. `node` is the name of this bastion, unique in the fleet: "
     "lowercase letters, digits, `_`, `.` and `-`. If it is written as a table of its own, `[fleet]`, it must come "
     "after all other keys. After setting this, run `bastion join` before the bastion serves."},
    {"oidc", SignOnAt{&Config::oidc}, Counts::by_handover,
     "The issuer at which users sign on if their account needs `oidc` (`auth`). It is an OpenID Connect provider that "
     "supports the device authorization grant (RFC 8628). `issuer` is its https address, exactly as in its discovery "
     "document. `client_id` and `client_secret_file` identify this bastion to it. The file, given by its absolute "
     "path, has the secret in its first line and may be a systemd credential; a client without one is public. `scopes` "
     "are the scopes that are requested. `name_claim` is the claim of the ID token that must be equal to the account's "
     "name; for `email`, the issuer must also state `email_verified`. `groups_claim` is the claim that lists groups, "
     "and `groups` is a table from the issuer's names to the bastion's names of groups. At each sign-on the user joins "
     "the groups that the claim lists and leaves the others in this table. Groups that the table does not name, or "
     "that do not exist, stay as they are. With `create = true`, a user who signs on and has no account gets one with "
     "the role user. OpenSSH and PuTTY also show the address as a QR code, unless `qr_code` is false. `ca_file` holds "
     "the CAs that may have signed the issuer's certificate, in place of those of the system. If it is written as a "
     "table of its own, `[oidc]`, it must come after all other keys."},
});

// What stands after the default in the reference.
std::string limits_of(const Kind& kind) {
  return std::visit(
      Match{[](const Number& number) { return fmt::format("{} to {}", number.least, number.most); },
            [](const Seconds& seconds) { return fmt::format("{} to {} seconds", seconds.least, seconds.most); },
            [](const Duration& duration) { return fmt::format("0 to {} seconds, or like \"12h\"", duration.most); },
            [](const Folder&) { return std::string("a path"); },
            [](const Addresses&) { return std::string("a list of addresses"); },
            [](const LogLevel&) { return fmt::format("one of \"{}\"", fmt::join(kLogLevels, "\", \"")); },
            [](const Names& names) { return fmt::format("a list of `{}`", fmt::join(names.known, "`, `")); },
            [](const Startups&) { return fmt::format("1 to {}, the rate 1 to 100", kMostStartups); },
            [](const Blocks&) { return std::string("1 to 32 and 1 to 128 bits"); },
            [](const Penalties&) {
              return fmt::format("0 to {} seconds each, 1 to {} sources; `enabled = false` for none", kLongestPenalty,
                                 kMostSources);
            },
            [](const Networks&) { return std::string("a list of networks or addresses"); },
            [](const Variable&) { return std::string("letters, digits and `_`, no digit first"); },
            [](const Forward&) {
              return std::string("a name of letters, digits, `.` and `-` that begins with a letter, `:` and a port");
            },
            [](const Socket&) { return std::string("an absolute path"); },
            [](const Flag&) { return std::string("true or false"); },
            [](const Text&) { return std::string("an absolute path"); },
            [](const Program&) { return std::string("an absolute path, followed by arguments"); },
            [](const LogForm&) { return fmt::format("one of \"{}\"", fmt::join(kLogForms, "\", \"")); },
            [](const Placed&) { return fmt::format("one of \"{}\"", fmt::join(kPlacements, "\", \"")); },
            [](const Recorded&) { return fmt::format("one of \"{}\"", fmt::join(kRecordPolicies, "\", \"")); },
            [](const WhenFull&) { return fmt::format("one of \"{}\"", fmt::join(kWhenFull, "\", \"")); },
            [](const Size&) { return std::string("a number of bytes, or like \"10GB\""); },
            [](const Membership&) { return std::string("a table with `database` and `node`, or an empty one"); },
            [](const SignOnAt&) {
              return std::string(
                  "a table with `issuer` and `client_id`, and optionally `client_secret_file`, `scopes`, `name_claim`, "
                  "`groups_claim`, `groups`, `create`, `qr_code` and `ca_file`; or an empty one");
            },
            [](const Needs&) { return std::string("words of `user set --auth`, joined by `+` and `|`"); },
            [](const Watchers&) { return std::string("a port of 127.0.0.1 or ::1, or `unix:` and a path"); }},
      kind);
}

// Of what has a text().
template <typename Value>
std::string list_of(const std::vector<Value>& values) {
  std::vector<std::string> texts;
  texts.reserve(values.size());
  for (const auto& value : values) texts.push_back('"' + value.text() + '"');
  return fmt::format("[{}]", fmt::join(texts, ", "));
}

}  // namespace

std::span<const Setting> settings() { return kSettings; }
std::span<const std::string_view> log_levels() { return kLogLevels; }
std::span<const std::string_view> log_forms() { return kLogForms; }
std::span<const std::string_view> placements() { return kPlacements; }
std::span<const std::string_view> record_policies() { return kRecordPolicies; }
std::span<const std::string_view> when_full() { return kWhenFull; }
std::span<const PenaltyTime> penalty_times() { return kPenaltyTimes; }
std::span<const std::string_view> overflows() { return kOverflows; }

namespace {

std::string text_of_duration(std::chrono::seconds duration) {
  const auto count = duration.count();
  if (count > 0 && count % 86'400 == 0) return fmt::format("\"{}d\"", count / 86'400);
  if (count > 0 && count % 3600 == 0) return fmt::format("\"{}h\"", count / 3600);
  if (count > 0 && count % 60 == 0) return fmt::format("\"{}m\"", count / 60);
  return fmt::format("{}", count);
}

std::string text_of_bytes(std::int64_t bytes) {
  constexpr std::array<std::string_view, 4> kUnits{"TB", "GB", "MB", "kB"};
  std::int64_t unit = 1'000'000'000'000;
  for (const auto name : kUnits) {
    if (bytes > 0 && bytes % unit == 0) return fmt::format("\"{}{}\"", bytes / unit, name);
    unit /= 1000;
  }
  return fmt::format("{}", bytes);
}

std::string toml_of(const MaxStartups& startups) {
  if (startups.start == startups.full) return fmt::format("{}", startups.full);
  return fmt::format("\"{}:{}:{}\"", startups.start, startups.rate, startups.full);
}

std::string in_quotes(std::string_view text) {
  std::string inside;
  for (const char c : text) inside += c == '"' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
  return '"' + inside + '"';
}

std::string toml_of(const std::optional<Fleet>& fleet) {
  if (!fleet) return "{}";
  return fmt::format("{{ database = {}, node = \"{}\" }}", in_quotes(fleet->database), fleet->node);
}

std::string toml_of(const std::optional<Oidc>& oidc) {
  if (!oidc) return "{}";
  std::vector<std::string> groups;
  for (const auto& [claimed, group] : oidc->groups) groups.push_back(in_quotes(claimed) + " = " + in_quotes(group));
  return fmt::format(
      "{{ issuer = {}, client_id = {}, client_secret_file = {}, scopes = {}, name_claim = {}, groups_claim = {}, "
      "groups = {{{}}}, create = {}, qr_code = {}, ca_file = {} }}",
      in_quotes(oidc->issuer), in_quotes(oidc->client_id), in_quotes(oidc->client_secret_file.string()),
      in_quotes(oidc->scopes), in_quotes(oidc->name_claim), in_quotes(oidc->groups_claim), fmt::join(groups, ", "),
      oidc->create, oidc->qr_code, in_quotes(oidc->ca_file.string()));
}

std::string toml_of(const PenaltyRules& rules) {
  if (!rules.enabled) return "{ enabled = false }";
  std::string text = "{ ";
  for (const auto& time : kPenaltyTimes) text += fmt::format("{} = {}, ", time.key, (rules.*time.member).count());
  return text + fmt::format("max_sources = {}, overflow = \"{}\" }}", rules.max_sources,
                            kOverflows.at(static_cast<std::size_t>(rules.overflow)));
}

}  // namespace

std::string toml_of(const Setting& setting, const Config& config) {
  return std::visit(
      Match{[&](const Number& number) { return fmt::format("{}", config.*number.member); },
            [&](const Seconds& seconds) { return fmt::format("{}", (config.*seconds.member).count()); },
            [&](const Duration& duration) { return text_of_duration(config.*duration.member); },
            [&](const Folder& folder) { return fmt::format("\"{}\"", (config.*folder.member).string()); },
            [&](const Addresses& addresses) { return list_of(config.*addresses.member); },
            [&](const LogLevel& level) {
              return fmt::format("\"{}\"", kLogLevels.at(static_cast<std::size_t>(config.*level.member)));
            },
            [&](const Names& names) {
              std::string list;
              for (const char c : config.*names.member) list += c == ',' ? std::string("\", \"") : std::string(1, c);
              return list.empty() ? std::string("[]") : "[\"" + list + "\"]";
            },
            [&](const Startups& startups) { return toml_of(config.*startups.member); },
            [&](const Blocks& blocks) {
              const auto& block = config.*blocks.member;
              return fmt::format("\"{}:{}\"", block.ipv4, block.ipv6);
            },
            [&](const Penalties& penalties) { return toml_of(config.*penalties.member); },
            [&](const Networks& networks) { return list_of(config.*networks.member); },
            [&](const Variable& variable) { return fmt::format("\"{}\"", config.*variable.member); },
            [&](const Socket& socket) { return fmt::format("\"{}\"", (config.*socket.member).string()); },
            [&](const Program& program) { return fmt::format("\"{}\"", config.*program.member); },
            [&](const Flag& flag) { return std::string(config.*flag.member ? "true" : "false"); },
            [&](const Needs& needs) { return fmt::format("\"{}\"", config.*needs.member); },
            [&](const Text& text) { return fmt::format("\"{}\"", (config.*text.member).path.string()); },
            [&](const LogForm& form) {
              return fmt::format("\"{}\"", kLogForms.at(static_cast<std::size_t>(config.*form.member)));
            },
            [&](const Placed& placed) {
              return fmt::format("\"{}\"", kPlacements.at(static_cast<std::size_t>(config.*placed.member)));
            },
            [&](const Recorded& recorded) { return fmt::format("\"{}\"", text_of(config.*recorded.member)); },
            [&](const WhenFull& full) {
              return fmt::format("\"{}\"", kWhenFull.at(static_cast<std::size_t>(config.*full.member)));
            },
            [&](const Size& size) { return text_of_bytes(config.*size.member); },
            [&](const Membership& membership) { return toml_of(config.*membership.member); },
            [&](const SignOnAt& sign_on) { return toml_of(config.*sign_on.member); },
            [&](const Forward& forward) {
              const auto& place = config.*forward.member;
              return fmt::format("\"{}\"", place ? place->text() : "");
            },
            [&](const Watchers& watchers) {
              const auto& address = config.*watchers.member;
              return fmt::format("\"{}\"", address ? address->text() : "");
            }},
      setting.kind);
}

std::vector<Change> changes(const Config& before, const Config& after) {
  std::vector<Change> found;
  for (const auto& setting : kSettings) {
    Change change{.setting = &setting, .before = toml_of(setting, before), .after = toml_of(setting, after)};
    const auto* const text = std::get_if<Text>(&setting.kind);
    const bool says_another = text != nullptr && before.*text->member != after.*text->member;
    if (change.before != change.after || says_another) found.push_back(std::move(change));
  }
  return found;
}

void copy(const Setting& setting, const Config& from, Config& to) {
  std::visit([&](const auto& kind) { to.*kind.member = from.*kind.member; }, setting.kind);
}

std::string_view text_of(Counts counts) {
  switch (counts) {
    case Counts::at_once: return "at once";
    case Counts::for_new: return "for new connections";
    case Counts::by_handover: return "for new connections, by a handover";
    case Counts::after_restart: return "after a restart";
  }
  return "never";
}

std::string reference() {
  std::string text;
  for (const auto& setting : kSettings) {
    text += fmt::format("### `{}`\n\n{}\n\nDefault: `{} = {}`. Values: {}. A change takes effect {}.\n\n", setting.key,
                        setting.help, setting.key, toml_of(setting, Config{}), limits_of(setting.kind),
                        text_of(setting.counts));
  }
  return text;
}

std::string manual() {
  std::string text;
  for (const auto& setting : kSettings) {
    text += fmt::format(
        ".TP\n{}\n{}.IP\n{}", roff(fmt::format("`{}`", setting.key)), roff_paragraph(setting.help),
        roff_paragraph(fmt::format("Default: `{}`. Values: {}. A change takes effect {}.", toml_of(setting, Config{}),
                                   limits_of(setting.kind), text_of(setting.counts))));
  }
  return text;
}

}  // namespace bastion::config
