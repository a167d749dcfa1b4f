#include "store/presented.h"

namespace bastion::store {

std::string_view text_of(Presented presented) {
  switch (presented) {
    case Presented::key: break;
    case Presented::certificate: return "certificate";
    case Presented::agent: return "agent";
  }
  return "key";
}

std::optional<Presented> presented_of(std::string_view text) {
  for (const auto presented : {Presented::key, Presented::certificate, Presented::agent}) {
    if (text == text_of(presented)) return presented;
  }
  return std::nullopt;
}

}  // namespace bastion::store
