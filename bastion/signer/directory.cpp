#include "bastion/signer/directory.h"

#include <optional>
#include <utility>

#include "bastion/base/log.h"
#include "bastion/signer/packet.h"
#include "store/accounts.h"
#include "store/database.h"

namespace bastion::signer {
namespace {

// The database, as soon as it can be opened.
class Reading {
 public:
  explicit Reading(std::filesystem::path file) : file_(std::move(file)) {}

  Standing standing(const Question& question) {
    if (!open()) return Standing::unreadable;
    if (question.about == Question::About::certificate) return certified(question);
    const auto known = accounts_->has(question.account, question.host_key);
    if (known && *known) return Standing::known;
    const auto account = known ? accounts_->has(question.account) : known;
    if (account) return *account ? Standing::unknown_host_key : Standing::unknown_account;
    return unreadable(account.error());
  }

 private:
  Standing certified(const Question& question) {
    const auto container = accounts_->container_asks_for_certificates(question.account, question.host_key);
    if (!container) return unreadable(container.error());
    if (*container) return Standing::known_container;
    const auto backend = accounts_->backend_asks_for_certificates(question.account, question.host_key);
    if (!backend) return unreadable(backend.error());
    if (*backend) return Standing::known_backend;
    const auto account = accounts_->asks_for_certificates(question.account);
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
    return true;
  }
  // What is wrong with it may be over when somebody asks again.
  void close() {
    accounts_.reset();
    database_.reset();
  }

  std::filesystem::path file_;
  std::optional<store::Database> database_;
  std::optional<store::Accounts> accounts_;
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
