#include "bastion/loop/descriptor.h"

#include <unistd.h>

namespace bastion::loop {

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace bastion::loop
