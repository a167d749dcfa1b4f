#include "bastion/base/contained.h"

#include <exception>

#include "bastion/base/log.h"

namespace bastion::detail {

void log_unexpected(std::string_view what) noexcept {
  // The log itself may be what has no memory; then there is nobody left to be told.
  try {
    try {
      throw;
    } catch (const std::exception& exception) {
      log::error("internal error: {} ended detail={:?}", what, exception.what());
    } catch (...) {
      log::error("internal error: {} ended detail=unknown", what);
    }
  } catch (...) {
    return;
  }
}

}  // namespace bastion::detail
