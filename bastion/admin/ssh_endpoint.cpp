#include "bastion/admin/ssh_endpoint.h"

#include <utility>

#include "bastion/admin/batch.h"
#include "bastion/admin/console.h"
#include "bastion/admin/one_command.h"

namespace bastion::admin {

std::unique_ptr<SshEndpoint::Session> SshEndpoint::open(Client client,
                                                        std::unique_ptr<connection::LocalSession> session,
                                                        std::string words, std::function<void()> on_over) {
  if (words.empty() && session->start().terminal) {
    return std::make_unique<Console>(std::move(client), site_, std::move(session), std::move(on_over));
  }
  if (words.empty()) {
    return std::make_unique<Batch>(std::move(client), site_, std::move(session), std::move(on_over));
  }
  return std::make_unique<OneCommand>(std::move(client), site_, std::move(session), words, std::move(on_over));
}

}  // namespace bastion::admin
