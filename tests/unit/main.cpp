#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <string_view>

#include "bastion/launcher/launcher.h"
#include "bastion/launcher/launcher_process.h"
#include "bastion/server/serve.h"
#include "bastion/signer/signer.h"

// What stands beside the process that serves is the same program, started anew: here that is this one.
int main(int argc, char** argv) {
  if (argc == 2 && argv[1] == std::string_view(bastion::signer::kVerb)) return bastion::server::serve_signatures();
  if (argc == 2 && argv[1] == std::string_view(bastion::launcher::kVerb)) return bastion::launcher::run();
  return doctest::Context(argc, argv).run();
}
