// Global requests and their replies: who is asked, and in what order the answers leave.
#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "bastion/connection/relay.h"

namespace bastion::connection {
namespace {

constexpr std::size_t kMaxOwedReplies = 1024;

// What can only be asked of a container; anything else can wait for one, or do without.
bool needs_container(std::string_view global_request) {
  return global_request == "tcpip-forward" || global_request == "streamlocal-forward@openssh.com";
}

// Each client has its own name for it: keepalive@openssh.com, @jcraft.com, @libssh2.org, ...
bool is_keepalive(std::string_view global_request) { return global_request.starts_with("keepalive@"); }

}  // namespace

Result<> Relay::on_global_request(Side from, const GlobalRequest& request, Bytes packet) {
  if (from == Side::user) return on_global_request_of_user(request, packet);
  // The container's own host keys are none of the user's business: she knows the bastion's.
  if (request.name == "hostkeys-00@openssh.com") return {};
  if (asked_user_.size() >= kMaxOwedReplies) return fail("too many unanswered global requests");
  if (request.want_reply) asked_user_.push_back({Asker::other_side});
  user_.send(packet);
  return {};
}

Result<> Relay::on_global_request_of_user(const GlobalRequest& request, Bytes packet) {
  if (owed_user_.size() >= kMaxOwedReplies) return fail("too many unanswered global requests");
  const auto change = PermittedOpens::change_of(request);
  if (request.want_reply && !change && owed_user_.are_held_up()) delegate_.on_reply_held_up();
  const auto answer = [&](const ByteVector& reply) {
    if (request.want_reply) owed_user_.owe(reply, user_);
    return Result<>{};
  };
  if (request.name == "hostkeys-prove-00@openssh.com") {
    const auto proof = delegate_.prove_host_keys(request.payload);
    return answer(proof ? encode(RequestSuccess{*proof}) : encode(RequestFailure{}));
  }
  if (phase_ == Phase::refusing) return answer(encode(RequestFailure{}));
  if (const auto refused = delegate_.on_global_request(request)) {
    say(refused->why, Audience::sessions);
    return answer(encode(RequestFailure{}));
  }
  if (const auto why = change ? permitted_.objection_to(*change) : std::string_view{}; !why.empty()) {
    say(fmt::format("bastion: {}", why), Audience::sessions);
    return answer(encode(RequestFailure{}));
  }
  const bool can_wait = request.name == "no-more-sessions@openssh.com";
  const bool nobody_to_ask = phase_ == Phase::idle && !can_wait && !needs_container(request.name);
  // A keepalive before the container is there: it is us she wants to hear from.
  if (nobody_to_ask || (phase_ != Phase::connected && is_keepalive(request.name))) {
    return answer(encode(RequestFailure{}));
  }
  if (change) permitted_.request(*change);
  if (request.want_reply) owed_user_.owe(change ? OwedReplies::Kind::slow : OwedReplies::Kind::prompt);
  if (phase_ == Phase::connected && held_.empty()) {
    forward_global(packet, request);
    return {};
  }
  if (const auto held = hold(std::nullopt, packet); !held) return held;
  if (needs_container(request.name)) want_container();
  return {};
}

void Relay::forward_global(Bytes packet, const GlobalRequest& request) {
  auto change = PermittedOpens::change_of(request);
  if (request.want_reply) {
    asked_container_.push_back({Asker::other_side, std::move(change)});
  } else if (change) {
    permitted_.grant(*change, {});
  }
  container_->send(packet);
}

Result<> Relay::on_global_reply(Side from, Bytes packet) {
  auto& waiting = asked(from);
  if (waiting.empty()) return fail("a reply to a global request that nobody made");
  const auto question = std::move(waiting.front());
  waiting.pop_front();
  if (question.asker == Asker::bastion) return {};
  if (from == Side::container) {
    const bool is_granted = packet.front() == static_cast<std::uint8_t>(Number::request_success);
    if (question.change) {
      is_granted ? permitted_.grant(*question.change, packet.subspan(1)) : permitted_.refuse(*question.change);
    }
    owed_user_.answer(packet, user_);
  } else {
    container_->send(packet);
  }
  return {};
}

void Relay::ping(Side side) {
  asked(side).push_back({Asker::bastion});
  sink(side).send(encode(GlobalRequest{"keepalive@openssh.com", true, {}}));
}

}  // namespace bastion::connection
