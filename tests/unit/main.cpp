#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <string_view>

#include "bastion/server/serve.h"
#include "bastion/signer/signer.h"

// What holds the private keys starts the program that it is in anew: here that is this one.
int main(int argc, char** argv) {
  if (argc == 2 && argv[1] == std::string_view(bastion::signer::kVerb)) return bastion::server::serve_signatures();
  return doctest::Context(argc, argv).run();
}
