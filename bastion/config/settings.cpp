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
     "Where the bastion listens, each as `host:port`; an IPv6 address stands in brackets."},
    {"proxy_protocol", Networks{&Config::proxy_protocol}, Counts::at_once,
     "Networks of load balancers whose connections begin with a PROXY header, version 1 or 2 (HAProxy's `send-proxy` "
     "and "
     "`send-proxy-v2`), and are from whom it says. One from there without a header is refused, and so is a header from "
     "anywhere else."},
    {"state_dir", Folder{&Config::state_dir}, Counts::after_restart,
     "Where the bastion keeps its database (`bastion.db`), its host keys (`host_keys/`) and the key it logs in with "
     "(`identity/`). An absolute path."},
    {"key_agent", Socket{&Config::key_agent}, Counts::by_handover,
     "The unix socket of an ssh-agent that has private keys of the bastion, as HostKeyAgent in sshd_config(5): of a "
     "host key, the identity or the CA the state directory has only the public half then. An absolute path, of a "
     "socket that belongs to root or to the account that the bastion runs as. With it, `metrics` cannot be a unix "
     "socket. `\"\"` is none."},
    {"workers", Number{&Config::workers, 0, 256}, Counts::by_handover,
     "Threads that carry logins. 0 means one for each core."},
    {"log_level", LogLevel{&Config::log_level}, Counts::at_once, "The least important lines that are still logged."},
    {"log", LogForm{&Config::log}, Counts::after_restart,
     "How lines of the log look: `\"text\"` is a sentence with `key=value` behind it, `\"json\"` an object on each "
     "line "
     "with the same fields. `bastion serve --json-log` is the same as `\"json\"`."},
    {"metrics", Watchers{&Config::metrics}, Counts::by_handover,
     "Where /metrics, /healthz and /readyz are, by HTTP: a port of a loopback address like `\"127.0.0.1:9222\"`, or a "
     "unix "
     "socket like `\"unix:/run/bastion/metrics.sock\"` that the user and the group of the process may connect to; see "
     "METRICS.md. `\"\"` is nowhere."},
    {"window", Forward{&Config::window}, Counts::for_new,
     "By what forward the bastion's pages are asked for, as in `ssh -L 8080:bastion:80`: a name and a port. It is a "
     "name "
     "only here and is never looked up; no container and no backend is reached by it at this port. See WINDOW.md. "
     "`\"\"` "
     "is no window."},
    {"auth", Needs{&Config::auth}, Counts::at_once,
     "What an account needs to log in of which nothing else is said (`user set NAME --auth`): `publickey` is a "
     "signature of a key that was enrolled, or of one with a certificate of a CA that is trusted (`ca add`); "
     "`certificate` only the latter; `password` is one that was set (`password set`); `totp` is a one-time code (`totp "
     "enroll`), which comes behind the others; `oidc` is a sign-on at the issuer that `oidc` names, or one that is "
     "remembered (`oidc_remember`). Between "
     "things that are all needed, with different keys, stands `+`, and `|` between alternatives. A session ends that "
     "was begun with less than is needed from then on."},
    {"auth_admin", Needs{&Config::auth_admin, true}, Counts::at_once,
     "The same for accounts with the role admin; `\"\"` is what `auth` says. What is said of an account itself counts "
     "before this."},
    {"auth_operator", Needs{&Config::auth_operator, true}, Counts::at_once,
     "The same for accounts with the role operator."},
    {"auth_auditor", Needs{&Config::auth_auditor, true}, Counts::at_once,
     "The same for accounts with the role auditor."},
    {"fold_names", Flag{&Config::fold_names}, Counts::at_once,
     "Whether names of users are compared without case where somebody logs in: `Alice` and `CORP\\alice` are `alice` "
     "and "
     "`corp\\alice` then. No two users differ in case only, whatever this says."},
    {"oidc_remember", Duration{&Config::oidc_remember, 31'536'000}, Counts::at_once,
     "How long a sign-on stands for another one where the same key is shown that was shown before it: `publickey+oidc` "
     "needs the key alone then, so that scp and editors go on without a browser. `oidc forget` ends that. 0 means not "
     "at all."},
    {"oidc_session", Duration{&Config::oidc_session, 31'536'000}, Counts::at_once,
     "How long after a sign-on the sessions end that it has begun, as they do when a certificate expires. 0 means that "
     "it does not end them."},
    {"authorized_keys_command", Program{&Config::authorized_keys_command}, Counts::by_handover,
     "A program that is asked for keys of a user where the directory has none that lets somebody in, as "
     "AuthorizedKeysCommand in sshd_config(5): it prints lines of authorized_keys(5), 64 KiB at most, and their "
     "options "
     "bind. Words with spaces between them, without quotes: its absolute path, and arguments in which `%u` stands for "
     "the "
     "user's name, `%f`, `%t` and `%k` for the fingerprint, the type and the base64 of the key that was shown, and "
     "`%%` "
     "for a percent sign; without any, the name is the only one. It and all folders above it have to belong to root, "
     "and "
     "nobody else may write there. It runs as the account of the bastion, and cannot read its private keys. Only users "
     "of the directory are asked about. `\"\"` is none."},
    {"authorized_keys_timeout", Seconds{&Config::authorized_keys_timeout, 1, 60}, Counts::by_handover,
     "Seconds after which that program is ended, and has said nothing."},
    {"authorized_keys_cache", Seconds{&Config::authorized_keys_cache, 0, 3600}, Counts::by_handover,
     "Seconds for which what it has said counts, so that a client that shows several keys asks once."},
    {"authorized_keys_again", Duration{&Config::authorized_keys_again, 31'536'000}, Counts::for_new,
     "How often it is asked again in a session that was begun with a key that it has printed: the session ends when "
     "that "
     "is not printed any more, or with other options. 0 means never."},
    {"login_grace", Seconds{&Config::login_grace, 1, 3600}, Counts::for_new, "Seconds a stranger has to authenticate."},
    {"version_grace", Seconds{&Config::version_grace, 1, 3600}, Counts::for_new,
     "Seconds a stranger has to send its version line, which clients send at once."},
    {"max_auth_tries", Number{&Config::max_auth_tries, 1, 1000}, Counts::for_new,
     "Keys and other attempts a client may offer on one connection. Agents offer every key they hold."},
    {"max_startups", Startups{&Config::max_startups}, Counts::at_once,
     "Connections that may be unauthenticated at the same time, as MaxStartups in sshd_config(5): "
     "`\"start:rate:full\"`, or "
     "one number for all. From `start` of them one more is refused with a chance of `rate` percent, which grows to "
     "certainty at `full`; but before anybody is refused, one that has been silent for long makes room: of those that "
     "have not sent their version line yet, from the source that has most of them."},
    {"max_startups_per_source", Number{&Config::max_startups_per_source, 1, kMostStartups}, Counts::at_once,
     "The same for one source. The one that has been silent for long makes room here too, before one more is closed. "
     "Whoever comes while there is no room waits for a second, and goes in as soon as its version line is there and "
     "another one is silent."},
    {"max_rsa_signatures_per_source", Number{&Config::max_rsa_signatures_per_source, 0, 60'000}, Counts::at_once,
     "Key exchanges within a minute that may be signed with an RSA host key for connections from one source that do "
     "not log in; one more ends its connection. Other kinds of host keys cost little, and are not counted; clients "
     "that have a choice take one of them, and `host_key_algorithms` leaves RSA out altogether. 0 means as many as "
     "they like."},
    {"source_block", Blocks{&Config::source_block}, Counts::at_once,
     "How many bits of an address are one source, for IPv4 and IPv6, as PerSourceNetBlockSize in sshd_config(5)."},
    {"penalties", Penalties{&Config::penalties}, Counts::at_once,
     "How long a source is refused for what came from it, as PerSourcePenalties in sshd_config(5). Each connection "
     "that ends "
     "without a login adds seconds: `authfail`, it has tried and failed; `invaliduser`, it has named nobody there is "
     "(a time "
     "that differs from `authfail` tells strangers which names there are); `max_auth_tries`, it has used up its tries; "
     "`noauth`, it has not tried; `grace_exceeded`, it has stayed for `login_grace`; `crash`, it does not keep to the "
     "protocol. They pass as time does. A source that has come to more than `min` together is refused until they have "
     "passed, `max` at most. For as long again it is refused at once for what it does next, for `min` at least. So "
     "many "
     "sources may have penalties, of IPv4 and of IPv6 each: `max_sources`; one more "
     "takes the place of the one that would be free first (`overflow = \"permissive\"`), or nobody without a penalty "
     "comes in either (`\"deny-all\"`). A source with a good login in the last day is not refused: its failed attempts "
     "are answered a second later, and give way when more come than `max_startups_per_source`. What is left out stays "
     "as it is in "
     "the default."},
    {"exempt", Networks{&Config::exempt}, Counts::at_once,
     "Networks whose connections have no penalties, as PerSourcePenaltyExemptList in sshd_config(5), and as many RSA "
     "signatures as they like."},
    {"max_sessions_per_user", Number{&Config::max_sessions_per_user, 0, 100'000}, Counts::for_new,
     "Sessions a user may have at the same time, each of which is a connection with up to 4096 channels. One more "
     "reads why it "
     "ends. 0 means as many as they like."},
    {"max_logins_per_user", Number{&Config::max_logins_per_user, 0, 100'000}, Counts::for_new,
     "Sessions a user may begin within a minute, in the same way."},
    {"max_rekeys_per_user", Number{&Config::max_rekeys_per_user, 0, 100'000}, Counts::for_new,
     "Key exchanges that a user's clients may begin within a minute, over all of the user's sessions and but for the "
     "first of each. One more ends the session it is in. 0 means as many as each session may."},
    {"max_bytes_per_user", Number{&Config::max_bytes_per_user, 0, 2'000'000'000}, Counts::for_new,
     "Bytes a second that a user may move, up and down, over all of the user's sessions. What is more waits: nothing "
     "is lost and no session ends. 0 means as many as they like."},
    {"me", Names{&Config::me, kOwn}, Counts::by_handover,
     "What users may do themselves, each for what is theirs, with `ssh -s NAME@BASTION me` and a command: choose the "
     "container they land in (`container`), add and remove keys (`key`), also who came in without one that is "
     "enrolled here (`key-anyhow`), change a password that their account takes (`password`), end sessions (`session`), "
     "share containers they own (`share`), have one-time codes "
     "(`totp`). Reading what concerns themselves is always theirs."},
    {"banner", Text{&Config::banner}, Counts::for_new,
     "A file whose text everybody reads before they authenticate, as Banner in sshd_config(5); clients show it unless "
     "they are told to be quiet. At most 16 KiB; control characters are left out. An absolute path; `\"\"` is none. "
     "The file is read again with the configuration."},
    {"motd", Text{&Config::motd}, Counts::for_new,
     "A file whose text users read after they have logged in, in a shell on a terminal, before the container's own. "
     "In the same way."},
    {"last_login", Flag{&Config::last_login}, Counts::for_new,
     "Whether users read there when they were here last, and from where, as PrintLastLog in sshd_config(5): `Last "
     "login: Sat Nov 28 10:00:00 2026 from 192.0.2.1`, in UTC, of the bastion that they have come to. A `.hushlogin` "
     "is in the container, and says nothing to the bastion."},
    {"client_env", Variable{&Config::client_env}, Counts::for_new,
     "The name of an environment variable that tells sessions in a container whose they are: the user's address and "
     "port, as "
     "`SSH_CLIENT` begins in ssh(1), which there names the bastion or a backend. It is set where the container's sshd "
     "has it in AcceptEnv; Debian's takes every name that begins with `LC_`. Whatever the user sends by that name is "
     "not passed on. Empty means that nothing is set."},
    {"connect_timeout", Seconds{&Config::connect_timeout, 1, 300}, Counts::for_new,
     "Seconds within which a backend or a container has to be reached and logged in to, each."},
    {"wake_limit", Seconds{&Config::wake_limit, 1, 3600}, Counts::at_once,
     "Seconds that a login waits for a container or a backend that is being started for it (`container set NAME "
     "--wake`, `backend set NAME --wake HOOK`), until its SSH answers."},
    {"wake_hooks", Folder{&Config::wake_hooks}, Counts::by_handover,
     "The folder of the programs that start backends (`backend set NAME --wake HOOK`). An absolute path. It, what is "
     "in "
     "it and the folders above it have to belong to root, and nobody else may write there."},
    {"placement", Placed{&Config::placement}, Counts::by_handover,
     "Where `container create --auto-place` makes something: `\"containers\"`, on the active backend with the fewest "
     "containers, measured by its capacity; `\"memory\"`, on the one that has most memory free, and a processor to "
     "spare, which every backend is asked for then (`bastion-instances resources`)."},
    {"keepalive_interval", Seconds{&Config::keepalive_interval, 1, 3600}, Counts::for_new,
     "Seconds of silence after which a backend or a container is asked for a sign of life, and the system of a user's "
     "machine: a client that is merely suspended keeps its session."},
    {"keepalive_count_max", Number{&Config::keepalive_count_max, 1, 100}, Counts::for_new,
     "Unanswered questions after which it counts as gone. From its last sign of life to that pass at most "
     "`keepalive_count_max` + 2 intervals."},
    {"hop_idle_timeout", Seconds{&Config::hop_idle_timeout, 0, 86'400}, Counts::at_once,
     "Seconds that the connection to a backend is kept when nobody uses it any more."},
    {"idle_timeout", Seconds{&Config::idle_timeout, 0, 31'536'000}, Counts::at_once,
     "Seconds after which a session ends in which nothing has happened: no data in either direction, in none of its "
     "channels. What a page of the window does by itself is not counted: what somebody asks for there is. Whoever sits "
     "at a terminal is warned before. 0 means never. A user may have a limit of their own."},
    {"max_session", Seconds{&Config::max_session, 0, 31'536'000}, Counts::at_once,
     "Seconds after which a session ends whatever happens in it, with the same warning. 0 means never. A user may have "
     "a "
     "limit of their own."},
    {"drain_timeout", Seconds{&Config::drain_timeout, 0, 3600}, Counts::at_once,
     "Seconds that sessions have to end by themselves when the bastion is told to stop."},
    {"handover_limit", Duration{&Config::handover_limit, 31'536'000}, Counts::at_once,
     "How long sessions may stay in a process that another one has taken over from, by an upgrade for instance. "
     "Whoever "
     "sits at a terminal is told before."},
    {"audit_keep", Number{&Config::audit_keep, 0, 36'500}, Counts::at_once,
     "Days that the audit and the list of past sessions go back. 0 means for ever."},
    {"audit_keep_reads", Number{&Config::audit_keep_reads, 0, 36'500}, Counts::at_once,
     "The same for rows of commands that only read, of logins that were denied and of addresses that were refused. 0 "
     "means "
     "as long as all others."},
    {"record", Recorded{&Config::record}, Counts::for_new,
     "What of sessions is recorded: `\"none\"`; `\"terminals\"`, what is shown at terminals; `\"all\"`, that, what "
     "shells without a terminal print, and which commands and subsystems are started, with how they end. A user, a "
     "group and a container may have a word of their own for it (`user set NAME --record WORD`), and this does not "
     "count then: what they say counts, and where several do, the one that records most. Whoever is recorded is "
     "told in one line. Recordings are below `recordings` in the state directory; `session play` shows one."},
    {"record_least", Recorded{&Config::record_least}, Counts::for_new,
     "What of every session is recorded at least, in the same words, whatever a user, a group or a container says: "
     "administrators can have more recorded by commands, and nothing less. What `record_when_full` says counts all the "
     "same."},
    {"record_input", Flag{&Config::record_input}, Counts::for_new,
     "Whether what users type is recorded too, passwords among it that no terminal shows."},
    {"record_when_full", WhenFull{&Config::record_when_full}, Counts::for_new,
     "What becomes of a session that is to be recorded while the disk takes nothing: `\"refuse\"`, it is refused with "
     "a sentence; `\"less\"`, it goes on unrecorded, which the log says. Recordings that have begun have a gap then "
     "and say so, and their sessions go on."},
    {"record_keep", Duration{&Config::record_keep, 946'080'000}, Counts::at_once,
     "How long a recording is kept since something was last written into it. 0 means for ever."},
    {"record_most", Size{&Config::record_most}, Counts::at_once,
     "How much the recordings may take on the disk, compressed: where it is more, the oldest go, once an hour. 0 means "
     "any amount."},
    {"key_exchange", Names{&Config::key_exchange, kKeyExchanges}, Counts::by_handover,
     "Key exchange methods, the preferred one first, in place of our own list. An empty list means our own: "
     "`mlkem768x25519-sha256`, `sntrup761x25519-sha512` and `curve25519-sha256` (both names each), "
     "`ecdh-sha2-nistp256`."},
    {"host_key_algorithms", Names{&Config::host_key_algorithms, kHostKeyAlgorithms}, Counts::by_handover,
     "Signature algorithms of the bastion's host keys, the preferred one first, as HostKeyAlgorithms in "
     "sshd_config(5): "
     "a host key that none of them is for is neither presented nor announced. An empty list means all, in this order. "
     "What costs most is a signature by an RSA key; without `rsa-sha2-512` and `rsa-sha2-256` strangers cannot ask for "
     "one, and clients that know nothing else (OpenSSH before 5.7) cannot log in."},
    {"fleet", Membership{&Config::fleet}, Counts::by_handover,
     "The fleet that this bastion is one of; see FLEET.md. Its `database` says where PostgreSQL is, as libpq has it "
     "(PostgreSQL manual, Connection Strings); a password in it is an error: it has a place in the file that "
     "`passfile=` names, which may be a credential of systemd's. Its `node` is this bastion's name in the fleet, which "
     "no other one has: small letters, digits, `_`, `.` and `-`. A table of its own in the file, `[fleet]`, stands "
     "behind all other keys. Whoever sets this has to run `bastion join` before the bastion serves."},
    {"oidc", SignOnAt{&Config::oidc}, Counts::by_handover,
     "Where users sign on whose account needs `oidc` (`auth`): an issuer of OpenID Connect that has the device "
     "authorization grant (RFC 8628). `issuer` is its address, to the letter as its discovery document has it, by "
     "https "
     "only; `client_id` and `client_secret_file` are what it knows this bastion by: an absolute path, which may be a "
     "credential of systemd's, of a file whose first line is the secret; a client without one is public. `scopes` are "
     "asked for; `name_claim` is the claim of the ID token that has to be the account's name (of `email` the issuer "
     "has "
     "to say `email_verified`). `groups_claim` is the one that lists groups, and `groups` a table of what the issuer "
     "calls them and what they are called here: at each sign-on the user joins those that the claim names and leaves "
     "the others of this table; groups that it does not name, or that are not there, stay as they are. With `create = "
     "true` whoever signs on and has no account gets one, with the role user. OpenSSH and PuTTY show a QR code of the "
     "address too, unless `qr_code` is false. `ca_file` has the CAs that the issuer's "
     "certificate may be of, in the place of the system's. A table of its own in the file, `[oidc]`, stands behind all "
     "other keys."},
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
            [](const Program&) { return std::string("an absolute path and words behind it"); },
            [](const LogForm&) { return fmt::format("one of \"{}\"", fmt::join(kLogForms, "\", \"")); },
            [](const Placed&) { return fmt::format("one of \"{}\"", fmt::join(kPlacements, "\", \"")); },
            [](const Recorded&) { return fmt::format("one of \"{}\"", fmt::join(kRecordPolicies, "\", \"")); },
            [](const WhenFull&) { return fmt::format("one of \"{}\"", fmt::join(kWhenFull, "\", \"")); },
            [](const Size&) { return std::string("a number of bytes, or like \"10GB\""); },
            [](const Membership&) { return std::string("a table with `database` and `node`, or an empty one"); },
            [](const SignOnAt&) {
              return std::string(
                  "a table with `issuer` and `client_id`, and maybe `client_secret_file`, `scopes`, `name_claim`, "
                  "`groups_claim`, `groups`, `create` and `ca_file`, or an empty one");
            },
            [](const Needs&) { return std::string("words of `user set --auth`, `+` and `|`"); },
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
    text += fmt::format("### `{}`\n\n{}\n\nDefault: `{} = {}`. Values: {}. A change counts {}.\n\n", setting.key,
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
        roff_paragraph(fmt::format("Default: `{}`. Values: {}. A change counts {}.", toml_of(setting, Config{}),
                                   limits_of(setting.kind), text_of(setting.counts))));
  }
  return text;
}

}  // namespace bastion::config
