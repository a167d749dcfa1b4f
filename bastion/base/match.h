// std::visit with one function for each alternative: std::visit(Match{[](int) {…}, [](std::string) {…}}, variant).
#pragma once

namespace bastion {

template <typename... Cases>
struct Match : Cases... {
  using Cases::operator()...;
};

}  // namespace bastion
