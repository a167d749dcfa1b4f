#include "tests/support/signer_program.h"

#include <utility>

#include "bastion/setup/key_files.h"
#include "bastion/signer/signer_process.h"
#include "bastion/transport/library.h"

namespace bastion::test {

int run_signer() {
  const transport::Library library;
  return signer::run([](const std::filesystem::path& state_dir, std::string_view algorithms) -> Result<signer::Keys> {
    auto files = setup::load_key_files(state_dir, algorithms);
    if (!files) return std::unexpected(std::move(files.error()));
    return signer::Keys{.host_keys = std::move(files->host_keys), .identity = std::move(files->identity)};
  });
}

}  // namespace bastion::test
