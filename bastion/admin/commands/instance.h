// One instance of Incus or LXD on a backend, as `bastion-instances` there makes, changes and removes it
// (packaging/backend). For commands that are errands: whatever is asked of it waits for the backend, off the loops.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/grammar/command.h"
#include "bastion/base/public_key.h"
#include "bastion/base/result.h"

namespace bastion::admin {

// What has come of it there.
struct Told {
  enum class Verdict : std::uint8_t {
    done,
    not_yet,        // and it is worth asking again
    there_already,  // one of that name; nothing was done
    missing,        // there is none; nothing was done
    not_allowed,    // by the file on the backend; nothing was done
    failed,         // some of it may have been done
    unknown,        // nobody can say
  };
  Verdict verdict = Verdict::unknown;
  std::string out;
  std::string why;  // of everything but done: a sentence that names the backend

  [[nodiscard]] bool is_done() const { return verdict == Verdict::done; }
};

// How it is made.
struct InstancePlan {
  std::string login;
  std::string image;                  // empty: whatever the backend takes
  std::vector<std::string> profiles;  // none: the backend's default
  std::string project;                // empty: the backend's default
};

// What the machine of each of these backends has, all asked at once: a document, as `bastion-instances resources`
// prints it.
[[nodiscard]] std::vector<Told> ask_resources(Context& context, const std::vector<std::string>& backends);

class Instance {
 public:
  // The names of a backend and of the instance there.
  Instance(Context& context, std::string backend, std::string name);

  // Why a container cannot be called so, where its instance is to have the same name.
  [[nodiscard]] static Result<> check_name(std::string_view name);

  // With a mark of its own: what remove_made() removes is this one and no other.
  [[nodiscard]] Told create(const InstancePlan& plan, const std::string& key);
  [[nodiscard]] Told remove_made();
  // Its address, as soon as it has one.
  [[nodiscard]] Told address();
  // The lines of its host keys, as soon as its sshd listens.
  [[nodiscard]] Told host_keys();
  [[nodiscard]] Told push_key(const std::string& login, const std::string& key);

  enum class Change : std::uint8_t { start, stop, restart, remove };
  // Whether it would be done: there is such an instance, and the file there allows it.
  [[nodiscard]] Told try_change(Change change);
  [[nodiscard]] Told make(Change change);

  // As somebody on the backend would type it.
  [[nodiscard]] std::string removing_command() const;

 private:
  [[nodiscard]] Told tell(const std::string& words, std::chrono::seconds within);
  [[nodiscard]] std::string in_project() const;

  Context& context_;
  std::string backend_;
  std::string name_;
  std::string mark_;
  std::string project_;
};

}  // namespace bastion::admin
