#include "store/presented.h"

namespace bastion::store {

std::string_view text_of(Presented presented) { return presented == Presented::certificate ? "certificate" : "key"; }

std::optional<Presented> presented_of(std::string_view text) {
  for (const auto presented : {Presented::key, Presented::certificate}) {
    if (text == text_of(presented)) return presented;
  }
  return std::nullopt;
}

}  // namespace bastion::store
