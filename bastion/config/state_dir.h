// Where things are inside the state directory. Paths only: nothing is opened or made here.
#pragma once

#include <array>
#include <filesystem>
#include <utility>

namespace bastion::config {

class StateDir {
 public:
  explicit StateDir(std::filesystem::path root) : root_(std::move(root)) {}

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  [[nodiscard]] std::filesystem::path database() const { return root_ / "bastion.db"; }

  // Where the bastion that serves is asked by whoever sits on the machine.
  [[nodiscard]] std::filesystem::path admin_socket() const { return root_ / "admin.sock"; }

  // Where the processes that serve ask each other, each at a socket that is called by its server id.
  [[nodiscard]] std::filesystem::path peer_folder() const { return root_ / "peers"; }

  // Where each link of a backend that dials in has a socket: see link_place.h.
  [[nodiscard]] std::filesystem::path link_folder() const { return root_ / "links"; }

  // What was recorded of sessions: bastion/record.
  [[nodiscard]] std::filesystem::path recording_folder() const { return root_ / "recordings"; }

  // Locked for as long as a bastion serves from here.
  [[nodiscard]] std::filesystem::path instance_lock() const { return root_ / "instance.lock"; }

  // The servers that run from here, or have run: see server_id.h.
  [[nodiscard]] std::filesystem::path server_folder() const { return root_ / "servers"; }

  // What the bastion presents to users, preferred first: ed25519, ecdsa, rsa. Any other file there is a host key too,
  // which is announced only.
  [[nodiscard]] std::filesystem::path host_key_folder() const { return root_ / "host_keys"; }
  [[nodiscard]] std::array<std::filesystem::path, 3> host_keys() const {
    return {host_key_folder() / "ed25519", host_key_folder() / "ecdsa", host_key_folder() / "rsa"};
  }

  // What the bastion logs in to backends and containers with.
  [[nodiscard]] std::filesystem::path identity_folder() const { return root_ / "identity"; }
  [[nodiscard]] std::filesystem::path identity() const { return identity_folder() / "ed25519"; }
  // Tried after it, while it changes; and what is to take its place.
  [[nodiscard]] std::filesystem::path old_identity() const { return identity_folder() / "old"; }
  [[nodiscard]] std::filesystem::path next_identity() const { return identity_folder() / ".next"; }
  // What secrets of users are sealed with.
  [[nodiscard]] std::filesystem::path sealing_key() const { return identity_folder() / "seal"; }
  // What signs certificates to log in with.
  [[nodiscard]] std::filesystem::path ca() const { return identity_folder() / "ca"; }
  // What is to take its place, and that while it is made.
  [[nodiscard]] std::filesystem::path next_ca() const { return identity_folder() / "ca.next"; }
  [[nodiscard]] std::filesystem::path unfinished_ca() const { return identity_folder() / ".ca"; }

 private:
  std::filesystem::path root_;
};

}  // namespace bastion::config
