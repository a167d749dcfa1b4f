// What commands need of the bastion that serves. Made once, shared by every endpoint.
#pragma once

#include <filesystem>
#include <string>

#include "bastion/admin/grammar/command.h"
#include "bastion/admin/grammar/runtime.h"
#include "bastion/base/public_identity.h"
#include "bastion/base/result.h"
#include "bastion/base/sealing_key.h"
#include "bastion/base/ssh_question.h"
#include "bastion/fleet/directory.h"

namespace bastion::loop {
class Executor;
}

namespace bastion::store {
class Writer;
}

namespace bastion::admin {

struct Site {
  fleet::Directory directory;
  PublicIdentity identity;
  Result<SealingKey> sealing_key;
  RunSsh run_ssh;  // by another process
  Runtime& runtime;
  PlaceBy place_by = PlaceBy::containers;
  std::string key_command = {};           // `authorized_keys_command`
  std::filesystem::path recordings = {};  // the folder
  store::Writer& writer;                  // for the audit of commands that only read
  loop::Executor& changes;                // runs commands that change something
  loop::Executor& questions;              // those that only read
  loop::Executor& errands;                // and those that have something done elsewhere
  loop::Executor& own;                    // whatever users do about themselves
  std::string me;                         // and what of that they may: grammar/own.h
};

}  // namespace bastion::admin
