#include "bastion/signer/directory.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/signer/packet.h"
#include "bastion/transport/host_certificate.h"
#include "store/accounts.h"
#include "store/database.h"
#include "store/host_cas.h"

namespace bastion::signer {
namespace {

// What is known of the host that a question names.
struct Host {
  ByteVector key;
  std::vector<std::string> names{};  // whose key it is, by a certificate
};

// The database, as soon as it can be opened.
class Reading {
 public:
  explicit Reading(std::filesystem::path file) : file_(std::move(file)) {}

  Standing standing(const Question& question) {
    if (!open()) return Standing::unreadable;
    const auto host = host_of(question.host_key);
    if (!host) return unreadable(host.error());
    if (question.about == Question::About::certificate) return certified(question.account, *host);
    const auto known =
        is_known(question.account, *host, static_cast<InMachine>(&store::Accounts::has), &store::Accounts::has_at);
    if (known && *known) return Standing::known;
    const auto account = known ? accounts_->has(question.account) : known;
    if (account) return *account ? Standing::unknown_host_key : Standing::unknown_account;
    return unreadable(account.error());
  }

 private:
  using InMachine = Result<bool> (store::Accounts::*)(std::string_view account, Bytes host_key);
  using AtName = Result<bool> (store::Accounts::*)(std::string_view account, std::string_view name);

  // The host key may be a certificate: of a CA that is trusted, it says whose it is, by these names. Where it does not
  // count, the key in it may be on record all the same.
  Result<Host> host_of(const ByteVector& shown) {
    if (!transport::is_certificate(shown)) return Host{.key = shown};
    Host host{.key = transport::key_in_certificate(shown).value_or(PublicKey{}).blob};
    const auto certificate = transport::parse_host_certificate(shown);
    if (!certificate) return host;
    const auto cas = host_cas_->all();
    if (!cas) return std::unexpected(cas.error());
    const auto trusted = std::ranges::find(*cas, certificate->ca.blob, &store::HostCa::blob);
    if (trusted == cas->end()) return host;
    for (const auto& name : certificate->principals) {
      if (store::is_trusted_for(*trusted, name) && !objection(*certificate, name, unix_now())) {
        host.names.push_back(name);
      }
    }
    return host;
  }
  Result<bool> is_known(const std::string& account, const Host& host, InMachine in_machine, AtName at_name) {
    auto known = (*accounts_.*in_machine)(account, host.key);
    for (const auto& name : host.names) {
      if (!known || *known) break;
      known = (*accounts_.*at_name)(account, name);
    }
    return known;
  }
  Standing certified(const std::string& account_name, const Host& host) {
    const auto container = is_known(account_name, host, &store::Accounts::container_asks_for_certificates,
                                    &store::Accounts::container_asks_for_certificates_at);
    if (!container) return unreadable(container.error());
    if (*container) return Standing::known_container;
    const auto backend = is_known(account_name, host, &store::Accounts::backend_asks_for_certificates,
                                  &store::Accounts::backend_asks_for_certificates_at);
    if (!backend) return unreadable(backend.error());
    if (*backend) return Standing::known_backend;
    const auto account = accounts_->asks_for_certificates(account_name);
    if (!account) return unreadable(account.error());
    return *account ? Standing::unknown_host_key : Standing::unknown_account;
  }
  Standing unreadable(const Error& why) {
    log::error("the directory cannot be read: {}", why.text);
    close();
    return Standing::unreadable;
  }

  bool open() {
    if (accounts_) return true;
    auto database = store::Database::follow(file_);
    if (!database) log::error("the directory cannot be read: {}", database.error().text);
    if (!database) return false;
    database_.emplace(*std::move(database));
    accounts_.emplace(*database_);
    host_cas_.emplace(*database_);
    return true;
  }
  // What is wrong with it may be over when somebody asks again.
  void close() {
    host_cas_.reset();
    accounts_.reset();
    database_.reset();
  }

  std::filesystem::path file_;
  std::optional<store::Database> database_;
  std::optional<store::Accounts> accounts_;
  std::optional<store::HostCas> host_cas_;
};

}  // namespace

Standing RemoteDirectory::standing(const Question& question) {
  const std::lock_guard lock(mutex_);
  if (!send_packet(socket_.get(), encode(question))) return Standing::unreadable;
  const auto answer = receive_packet(socket_.get());
  if (!answer || !*answer) return Standing::unreadable;
  return parse_standing((*answer)->message).value_or(Standing::unreadable);
}

void answer_questions(int socket, const std::filesystem::path& database) {
  Reading reading(database);
  for (;;) {
    const auto packet = receive_packet(socket);
    if (!packet || !*packet) return;
    const auto question = parse_question((*packet)->message);
    const auto standing = question ? reading.standing(*question) : Standing::unreadable;
    if (!send_packet(socket, encode(standing))) return;
  }
}

}  // namespace bastion::signer
