#include "bastion/transport/server_session.h"

#include <fmt/format.h>
#include <libssh/server.h>

#include <string_view>
#include <utility>

#include "bastion/base/wire_format.h"
#include "bastion/transport/message_numbers.h"

namespace bastion::transport {
namespace {

constexpr std::uint8_t kUserauthFailure = 51;
constexpr std::uint8_t kUserauthPkOk = 60;
constexpr std::uint8_t kUserauthPasswdChangereq = 60;
constexpr std::uint8_t kGlobalRequest = 80;
constexpr std::size_t kLongestService = 100;

// SSH-MAJOR.MINOR-SOFTWARE, of a version that libssh has refused.
bool speaks_another_version(std::string_view line) {
  constexpr std::string_view kPrefix = "SSH-";
  constexpr std::string_view kDigits = "0123456789";
  if (!line.starts_with(kPrefix)) return false;
  line.remove_prefix(kPrefix.size());
  for (const char end : {'.', '-'}) {
    const auto number = line.find_first_not_of(kDigits);
    if (number == 0 || number == std::string_view::npos || line[number] != end) return false;
    line.remove_prefix(number + 1);
  }
  return !line.empty();
}

}  // namespace

ServerSession::ServerSession(std::unique_ptr<ByteStream> stream, ServerProfile& profile)
    : Session(std::move(stream), RekeyBudget::Cost::moderate), profile_(&profile) {
  auto* const session = engine().session();
  profile_->accept(session);
  engine().listen_to_output();
  ssh_handle_key_exchange(session);
}

void ServerSession::move_to(std::unique_ptr<ByteStream> stream, ServerProfile& profile) {
  profile_ = &profile;
  go_on(std::move(stream));
}

// Before the service was asked for there is nobody to authenticate to: as OpenSSH's auth2.c has it.
bool ServerSession::on_userauth_request(Bytes packet) {
  if (!takes_requests_) {
    bastion_ssh_unimplemented(engine().session());
    return true;
  }
  waiting_requests_.emplace_back(packet.begin(), packet.end());
  return true;
}

bool ServerSession::on_userauth_answers(Bytes packet) {
  if (!asked_ || answers_) {
    bastion_ssh_unimplemented(engine().session());
    return true;
  }
  answers_.emplace(packet.begin(), packet.end());
  return true;
}

// That is for servers to say.
bool ServerSession::on_userauth_banner(Bytes /*packet*/) {
  bastion_ssh_unimplemented(engine().session());
  return true;
}

void ServerSession::on_role_step() {
  look_for_version_line();
  take_messages();
  hand_out_reply();
  hand_out_request();
}

void ServerSession::look_for_version_line() {
  if (has_version_line_ || over() || engine().failed()) return;
  if (bastion_ssh_client_version(engine().session()) == nullptr) return;
  has_version_line_ = true;
  if (auto* const listener = delegate()) listener->on_version_line();
}

// A service, and what libssh makes a message of although no client should ask it of us. Of services there is one to
// have, before authentication; what comes behind it (ssh-connection) is not asked for (RFC 4252 section 5).
void ServerSession::take_messages() {
  while (auto* message = bastion_ssh_next_message(engine().session())) {
    if (ssh_message_type(message) == SSH_REQUEST_SERVICE) {
      on_service_request(message);
    } else {
      ssh_message_reply_default(message);
    }
    ssh_message_free(message);
  }
}

void ServerSession::on_service_request(ssh_message message) {
  if (authenticated_) return bastion_ssh_unimplemented(engine().session());
  const auto* const name = ssh_message_service_service(message);
  const std::string_view service = name == nullptr ? "" : name;
  if (service != "ssh-userauth") {
    return reject(fmt::format("bad service request {}", service.substr(0, kLongestService)));
  }
  takes_requests_ = true;
  ssh_message_service_reply_success(message);
}

void ServerSession::hand_out_request() {
  if (over() || request_is_out_ || authenticated_ || waiting_requests_.empty()) return;
  auto packet = std::move(waiting_requests_.front());
  waiting_requests_.pop_front();
  request_is_out_ = true;
  hold(true);
  auto fields = parse_userauth_request(packet).value_or(UserauthFields{});
  auth_requests_.push(AuthRequest(*this, std::move(packet), std::move(fields)));
}

// The user may take their time: from here on the client is read.
void ServerSession::ask(const Questions& questions) {
  asked_ = questions.prompts.size();
  bastion_ssh_expect_answers(engine().session(), true);
  send(format_questions(questions));
  hold(false);
  hand_out_reply();
}

// Another request in the place of the answers ends the one that has asked.
void ServerSession::hand_out_reply() {
  if (over() || !asked_ || (!answers_ && waiting_requests_.empty())) return;
  const auto prompts = *std::exchange(asked_, std::nullopt);
  const auto packet = std::exchange(answers_, std::nullopt);
  bastion_ssh_expect_answers(engine().session(), false);
  hold(true);
  if (!packet) return replies_.push(std::unexpected(Unanswered::abandoned));
  auto answers = parse_answers(*packet, prompts);
  replies_.push(answers ? Reply(*std::move(answers)) : std::unexpected(Unanswered::malformed));
}

std::string_view ServerSession::client_version() const {
  const auto* const version = bastion_ssh_client_version(engine().session());
  return version == nullptr ? std::string_view{} : version;
}

void ServerSession::say_banner(std::string_view lines) {
  WireWriter banner;
  banner.u8(kUserauthBanner).string(lines).string(std::string_view{});
  send(banner.view());
}

bool ServerSession::verify(Bytes packet) {
  return bastion_ssh_verify_userauth(engine().session(), packet.data(), packet.size());
}

void ServerSession::answer_failure(std::string_view can_continue, bool partial_success) {
  WireWriter failure;
  failure.u8(kUserauthFailure).string(can_continue).boolean(partial_success);
  send(failure.view());
  answered();
}

void ServerSession::answer_would_do(std::string_view algorithm, Bytes blob) {
  WireWriter ok;
  ok.u8(kUserauthPkOk).string(algorithm).string(blob);
  send(ok.view());
  answered();
}

void ServerSession::answer_to_be_changed(std::string_view prompt) {
  WireWriter wanted;
  wanted.u8(kUserauthPasswdChangereq).string(prompt).string(std::string_view{});
  send(wanted.view());
  answered();
}

void ServerSession::answer_granted() {
  authenticated_ = true;
  waiting_requests_.clear();
  bastion_ssh_authenticated(engine().session());
  answered();
}

void ServerSession::answered() {
  request_is_out_ = false;
  hold(false);
  hand_out_request();
}

// What is not SSH gets a line that whoever sent it may read, as from OpenSSH's kex.c.
void ServerSession::on_role_lost(const Loss& /*loss*/) {
  waiting_requests_.clear();
  if (!engine().failed_at_version()) return;
  write_raw(speaks_another_version(client_version()) ? "Protocol major versions differ.\r\n"
                                                     : "Invalid SSH identification string.\r\n");
}

void ServerSession::announce_host_keys() {
  WireWriter message;
  message.u8(kGlobalRequest).string(std::string_view{"hostkeys-00@openssh.com"}).boolean(false);
  for (const auto& key : profile_->public_keys()) message.string(key.blob);
  send(message.view());
}

std::optional<ByteVector> ServerSession::prove_host_keys(Bytes request) {
  const std::uint8_t* id = nullptr;
  const auto id_size = bastion_ssh_session_id(engine().session(), &id);
  if (id_size == 0 || proofs_left_ == 0) return std::nullopt;
  --proofs_left_;
  WireReader in(request);
  WireWriter proofs;
  // A signature costs time that others wait for: nobody needs more of them than there are keys.
  for (std::size_t keys = 0; in.ok() && !in.at_end(); ++keys) {
    if (keys == profile_->public_keys().size()) return std::nullopt;
    const auto blob = in.string();
    WireWriter challenge;
    challenge.string(std::string_view{"hostkeys-prove-00@openssh.com"}).string(Bytes{id, id_size}).string(blob);
    const auto proof = profile_->sign(engine().session(), blob, challenge.view());
    if (!in.ok() || !proof) return std::nullopt;
    proofs.string(*proof);
  }
  return proofs.take();
}

}  // namespace bastion::transport
