#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

#include "bastion/access/target.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/run.h"
#include "bastion/transport/keys.h"

namespace bastion::admin {
namespace {

using probe::Explanation;

std::string new_host_key_advice(std::string_view was, std::string_view host, std::string_view kind) {
  return fmt::format(
      "if it was {0} anew: host-key accept {1} FINGERPRINT, with the fingerprint that ssh-keygen -lf shows there of "
      "its "
      "host key, or, to trust the next one unseen, {2} forget-host-key {1}; otherwise somebody is in between",
      was, host, kind);
}

// What there is to be done about it, in words that work as they stand here. `who` is the user; `container` is the one
// they would be led to, as `owner/name`.
std::string advice_for(const End& end, const std::string& who, const std::string& container) {
  const auto& what = end.subject;
  switch (end.reason) {
    case Reason::no_container:
      return fmt::format("container add NAME --owner {} … makes one; container share shares one", who);
    case Reason::container_not_found: return fmt::format("user show {} lists what they may enter", who);
    case Reason::container_ambiguous: return fmt::format("they have to name the owner too: {}+OWNER/NAME", who);
    case Reason::no_default_container:
      return fmt::format("at a terminal they are asked; container set {}/NAME --default decides it", who);
    case Reason::backend_not_active:
      return fmt::format("backend show {} says its state; backend resume {}", what, what);
    case Reason::backend_serves_others:
      return fmt::format(
          "backend show {} names its groups: group join lets the owner of {} be served, container move "
          "puts it elsewhere",
          what, container.empty() ? "the container" : container);
    case Reason::backend_unreachable:
      return fmt::format("is its sshd running, and is {} where backend show says it is?", what);
    case Reason::backend_key_changed: return new_host_key_advice("installed", what, "backend");
    case Reason::backend_refused_identity:
    case Reason::container_refused_identity:
      return "put what identity show prints into authorized_keys of that account, or, where it asks for a certificate, "
             "what "
             "identity show --ca prints into TrustedUserCAKeys of its sshd, whose clock has to be right then; if it is "
             "there, "
             "that sshd's log says why not: a locked account (useradd without a password, and UsePAM no) is refused "
             "too";
    case Reason::container_unreachable: return "is it running, with an sshd at that address?";
    case Reason::backend_not_dialled_in:
      return "does its machine run, and bastion-link@ there? Its journal says what the bastion answers: "
             "journalctl -u 'bastion-link@*'";
    case Reason::container_command_failed:
      return "is it running, and has it an sshd? Run the command on the backend, as the account that backend show "
             "names: "
             "it has to print a line that begins with SSH-";
    case Reason::container_not_started:
      return "what the backend said is in the log; the account there has to be allowed to run incus start or lxc start";
    case Reason::backend_not_started: return "what its hook said is in the log";
    case Reason::container_still_starting:
    case Reason::backend_still_starting: return "it may need longer than wake_limit";
    case Reason::container_key_changed: return new_host_key_advice("made", container, "container");
    case Reason::backend_not_certified:
    case Reason::container_not_certified:
      return "a CA is trusted for it (host-ca list): HostCertificate in its sshd_config has to name a certificate of "
             "that CA (ssh-keygen -s CA -h -n NAME), for the name it has here, and its HostKey the key in it; or pin "
             "its host key: host-key pin";
    case Reason::backend_refused_account:
    case Reason::container_refused_account:
      return "sshd hangs up like that when PAM refuses an account: is it expired or locked there, is there a "
             "/etc/nologin, does pam_access forbid it? Its own log says which";
    case Reason::backend_no_common_algorithm:
    case Reason::container_no_common_algorithm:
      return "let its sshd offer something newer: ADMIN.md says what the bastion speaks";
    case Reason::backend_forbids_forwarding:
      return fmt::format(
          "on {}, sshd_config has to allow it for the account that backend show names: AllowTcpForwarding "
          "local, no PermitOpen that leaves the container out, no such option in authorized_keys",
          what);
    case Reason::backend_runs_no_command:
      return fmt::format(
          "on {}, sshd_config and authorized_keys have to allow sessions for the account that backend "
          "show names; a backend that is --direct has none",
          what);
    case Reason::backend_exhausted:
      return fmt::format("{} is out of processes, memory, descriptors, or sessions: those it counts by MaxSessions",
                         what);
    case Reason::bastion_exhausted: return "raise LimitNOFILE of the bastion's service";
    case Reason::own_key_unusable:
      return "is the agent of key_agent there and unlocked, with the keys that bastion check names? The host it leads "
             "to has no part in this";
    case Reason::passwords_busy: return "many log in by passwords at once, or somebody guesses: penalties, ban list";
    case Reason::database_unreadable: return "bastion check says what is wrong with the database";
    case Reason::fleet_away: return "the fleet's database is away: its servers, and the network to them";
    case Reason::database_busy: return "another program has the database locked, or an admin command takes long";
    default: return "the log of the bastion says more";
  }
}

// At a terminal a menu opens: that is no failure.
bool is_asked(const Explanation& explanation) {
  return explanation.end && explanation.end->reason == Reason::no_default_container;
}

Table table_of(const Explanation& explanation) {
  Table table{{"step", "outcome", "took_ms", "what"}, {}, {}, {"step", "outcome", "what"}};
  for (const auto& step : explanation.steps) {
    const auto* const outcome = step.good ? "good" : is_asked(explanation) ? "asks" : "failed";
    table.rows.push_back({step.name, outcome, step.took.count(), step.what});
  }
  return table;
}

// A key may be given itself: whoever asks is often sent that.
std::optional<std::string> fingerprint_in(const std::optional<std::string>& given) {
  const auto key = given ? transport::parse_public_key(*given) : fail("no key");
  return key ? transport::fingerprint(key->key.blob) : given;
}

}  // namespace

RuntimeQuery ask_for_explanation(const Arguments& arguments) {
  auto target = access::parse_target(arguments.text("USER"));
  if (!target) return {};
  Explanation::Question question{.target = *std::move(target),
                                 .from_host = arguments.optional("--from"),
                                 .fingerprint = fingerprint_in(arguments.optional("--key")),
                                 .wake = arguments.given("--wake")};
  if (const auto node = arguments.optional("--on")) {
    if (question.wake) return {};
    return NodeExplanationQuery{.node = *node, .question = std::move(question)};
  }
  return question;
}

Result<Answer> explain(Context& context, const Arguments& arguments) {
  if (arguments.given("--on") && arguments.given("--wake")) {
    return fail("--on and --wake are mutually exclusive: what sleeps is started from the bastion that is asked");
  }
  if (const auto& why = context.snapshot.unexplained) return std::unexpected(*why);
  if (!context.snapshot.explanation) {
    return fail("no running bastion uses this state directory, so nothing can be tried; route says what is planned");
  }
  const auto& explanation = *context.snapshot.explanation;
  const auto& denied = explanation.denied;
  const auto& end = explanation.end;
  const auto& who = arguments.text("USER");
  const auto user = who.substr(0, who.find('+'));
  Cell user_sees;
  Cell why;
  if (denied) {
    user_sees = fmt::format("Permission denied ({}).", explanation.methods);
    why = *denied;
  } else if (end) {
    user_sees = (is_asked(explanation) ? "at a terminal a menu of them, elsewhere: " : "") + sentence_of(*end);
    const auto advice = advice_for(*end, user, explanation.container);
    why = end->detail.empty() ? advice : fmt::format("{}; {}", end->detail, advice);
  }
  const bool succeeds = !denied && (!end || is_asked(explanation));
  Answer answer{Record{{{"login", who},
                        {"succeeds", succeeds},
                        {"user_sees", std::move(user_sees)},
                        {"why", std::move(why)},
                        {"steps", table_of(explanation)}}}};
  answer.is_no = !succeeds;
  return answer;
}

}  // namespace bastion::admin
