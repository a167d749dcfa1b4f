#include "bastion/upstream/agent_login.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "bastion/base/log.h"
#include "bastion/base/wire_format.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/timer.h"
#include "bastion/transport/keys.h"
#include "bastion/upstream/agent_conversation.h"

namespace bastion::upstream {

using transport::ClientSession;

namespace {

constexpr std::chrono::milliseconds kPatience{2000};
constexpr std::string_view kOfCertificate = "-cert-v01@openssh.com";

// `sk-ssh-ed25519-cert-v01@openssh.com` certifies `sk-ssh-ed25519@openssh.com`.
std::string certified_type(std::string_view type) {
  constexpr std::string_view kVendor = "@openssh.com";
  const auto plain = type.ends_with(kVendor) ? type.substr(0, type.size() - kVendor.size()) : type;
  return fmt::format("{}{}", plain, kOfCertificate);
}

std::string_view type_of(Bytes blob) {
  WireReader in(blob);
  const auto type = in.text();
  return in.ok() ? type : std::string_view{};
}

// Names are compared and nothing is computed with the key: the container judges it.
bool can_be_shown(const AgentKey& key) {
  const auto type = type_of(key.blob);
  const auto is_of = [&](std::string_view one) { return type == one || type == certified_type(one); };
  return key.blob.size() <= kLargestAgentKey && std::ranges::any_of(transport::accepted_key_types(), is_of);
}

std::unexpected<AgentLoginFailure> agent_failed(std::string subject, std::string detail = {}) {
  return std::unexpected(
      AgentLoginFailure{.reason = Reason::agent_failed, .subject = std::move(subject), .detail = std::move(detail)});
}

}  // namespace

std::vector<AgentKey> keys_to_show(std::vector<AgentKey> listed, std::string_view first) {
  std::vector<AgentKey> keys;
  std::vector<AgentKey> others;
  for (auto& key : listed) {
    if (!can_be_shown(key)) continue;
    (transport::fingerprint(key.blob) == first ? keys : others).push_back(std::move(key));
  }
  std::ranges::move(others, std::back_inserter(keys));
  if (keys.size() > kMostShown) keys.resize(kMostShown);
  return keys;
}

bool is_signature_by(Bytes signature, std::string_view algorithm) {
  if (signature.size() > kLargestAgentKey) return false;
  const auto type = type_of(signature);
  if (type == algorithm) return true;
  if (!algorithm.ends_with(kOfCertificate)) return false;
  const auto plain = algorithm.substr(0, algorithm.size() - kOfCertificate.size());
  return type == plain || (plain.starts_with("sk-") && type == fmt::format("{}@openssh.com", plain));
}

Task<std::expected<std::string, AgentLoginFailure>> log_in_with_agent(loop::Loop& loop, ClientSession& session,
                                                                      UserAgent& agent, loop::Timer& deadline,
                                                                      std::chrono::seconds within,
                                                                      std::string container) {
  const auto refused = [](std::string detail) {
    return std::unexpected(
        AgentLoginFailure{.reason = Reason::container_refused_agent, .subject = {}, .detail = std::move(detail)});
  };
  const auto lost = [](const Error& why) {
    return std::unexpected(
        AgentLoginFailure{.reason = Reason::container_unreachable, .subject = {}, .detail = why.text});
  };
  deadline.stop();
  auto channel = agent.open();
  if (!channel) co_return agent_failed("cannot be asked now: you have too many channels open");
  AgentConversation conversation(loop, std::move(channel));
  const auto opened = co_await conversation.opened(kAgentAnswers);
  if (!opened) {
    co_return std::unexpected(
        AgentLoginFailure{.reason = Reason::container_wants_agent, .subject = {}, .detail = opened.error().text});
  }

  // OpenSSH's client has said before that the agent is forwarded to the bastion. An agent without restrictions may know
  // nothing of it, so its failure is none of ours; one with restrictions will not sign.
  const AgentConversation::Times soon{.within = kAgentAnswers};
  auto request = encode_session_bind(session.shown_host_key(), session.session_id(), session.host_signature(), false);
  const auto bound = co_await conversation.ask(std::move(request), soon);
  const auto bound_or_not = bound ? decode_success(*bound) : std::unexpected(bound.error());
  if (!bound_or_not) co_return agent_failed("gives no sound answer", bound_or_not.error().text);

  request = encode_request_identities();
  const auto listed = co_await conversation.ask(std::move(request), soon);
  if (!listed) co_return agent_failed("gives no sound answer", listed.error().text);
  auto decoded = decode_identities_answer(*listed);
  if (!decoded) {
    co_return agent_failed(is_agent_failure(*listed) ? "shows no keys" : "gives no sound answer", decoded.error().text);
  }
  const auto count = decoded->size();
  const auto keys = keys_to_show(*std::move(decoded), agent.first);
  if (keys.empty()) {
    co_return agent_failed(fmt::format("has no key for container {}; see `ssh-add -l`", container),
                           fmt::format("{} listed", count));
  }

  deadline.start(within);
  session.begin_userauth();
  const auto begun = co_await session.verdicts().next();
  if (!begun) co_return lost(begun.error());
  std::size_t shown = 0;
  for (const auto& key : keys) {
    const auto algorithm = session.algorithm_of(type_of(key.blob));
    if (!algorithm) continue;
    const ClientSession::ShownKey offer{.algorithm = *algorithm, .blob = key.blob};
    ++shown;
    session.show(offer);
    const auto would = co_await session.verdicts().next();
    if (!would) co_return lost(would.error());
    if (*would == ClientSession::AuthOutcome::refused) continue;
    if (*would == ClientSession::AuthOutcome::hung_up) {
      co_return agent_failed(
          fmt::format("has {} keys, and container {} hung up when it had seen {} (MaxAuthTries of its "
                      "sshd): load fewer",
                      count, container, shown),
          session.loss() ? session.loss()->text : "");
    }

    const auto fingerprint = transport::fingerprint(key.blob);
    deadline.stop();
    AgentConversation::Times patient{.within = kAgentSigns, .patience = kPatience};
    patient.on_waiting = [&] {
      if (agent.tell) {
        agent.tell(
            fmt::format("bastion: waiting for your agent to sign with {}: touch the key, or confirm", fingerprint));
      }
    };
    request = encode_sign_request(key.blob, session.to_sign(offer), *algorithm);
    const auto answer = co_await conversation.ask(std::move(request), std::move(patient));
    const auto signature = answer ? decode_sign_response(*answer) : std::unexpected(answer.error());
    if (answer && is_agent_failure(*answer)) {
      co_return agent_failed(fmt::format("refuses to sign with {} for container {}", fingerprint, container),
                             signature.error().text);
    }
    const auto unsigned_for = fmt::format("has not signed for container {}", container);
    if (!signature) co_return agent_failed(unsigned_for, signature.error().text);
    if (!is_signature_by(*signature, *algorithm)) {
      co_return agent_failed(unsigned_for, fmt::format("its signature is not by {}", *algorithm));
    }
    if (session.loss()) co_return lost(Error{session.loss()->text});
    deadline.start(within);
    session.prove(offer, *signature);
    const auto outcome = co_await session.verdicts().next();
    if (!outcome) co_return lost(outcome.error());
    if (*outcome == ClientSession::AuthOutcome::accepted) co_return fingerprint;
    if (*outcome == ClientSession::AuthOutcome::refused) {
      co_return refused(fmt::format("it refuses the signature of {}", fingerprint));
    }
    co_return std::unexpected(
        AgentLoginFailure{.reason = Reason::container_refused_account,
                          .subject = {},
                          .detail = fmt::format("in place of an answer, {}", session.loss()->text)});
  }
  co_return refused(fmt::format("it was shown {} keys of {}", shown, count));
}

}  // namespace bastion::upstream
