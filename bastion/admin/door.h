// The administrators' door over SSH: which kind of visit a session is.
#pragma once

#include <memory>
#include <string>

#include "bastion/admin/site.h"
#include "bastion/session/admin_door.h"

namespace bastion::admin {

class Door final : public session::AdminDoor {
 public:
  // `site` outlives it.
  explicit Door(const Site& site) : site_(site) {}
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  [[nodiscard]] std::unique_ptr<Visit> open(Visitor visitor, std::unique_ptr<connection::LocalSession> session,
                                            std::string words, std::function<void()> on_over) override;

 private:
  const Site& site_;
};

}  // namespace bastion::admin
