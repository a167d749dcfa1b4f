// One thread's way to the signer: its questions wait for nobody else's.
#pragma once

#include <chrono>
#include <cstdint>

#include "bastion/loop/descriptor.h"
#include "bastion/transport/signing.h"

namespace bastion::signer {

class Channel final : public transport::RemoteSigner {
 public:
  // Longer than the longest queue of a machine that does nothing but key exchanges; a signature takes milliseconds at
  // most.
  static constexpr std::chrono::seconds kPatience{10};

  explicit Channel(loop::Descriptor socket, std::chrono::milliseconds patience = kPatience);
  [[nodiscard]] Result<ByteVector> sign(const transport::SignatureRequest& request) override;

 private:
  loop::Descriptor socket_;
  std::uint32_t last_id_ = 0;
};

}  // namespace bastion::signer
