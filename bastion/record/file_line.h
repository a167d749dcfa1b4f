// What was done by SFTP, as one line of a recording. Pure.
#pragma once

#include <string>

#include "bastion/sftp/operation.h"

namespace bastion::record {

// Such as `sftp open "notes.txt", 1204 bytes read`; behind that, what has failed. Names are as log_value() has them,
// but longer: nothing in them looks like something else.
[[nodiscard]] std::string file_line(const sftp::Operation& operation);

}  // namespace bastion::record
