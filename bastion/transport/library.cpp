#include "bastion/transport/library.h"

#include <libssh/libssh.h>

namespace bastion::transport {

Library::Library() { ssh_init(); }

Library::~Library() { ssh_finalize(); }

}  // namespace bastion::transport
