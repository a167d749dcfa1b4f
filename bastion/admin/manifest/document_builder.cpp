#include "bastion/admin/manifest/document_builder.h"

#include <fmt/format.h>

#include <utility>

namespace bastion::admin {
namespace {

constexpr std::size_t kDeepest = 32;

}  // namespace

bool DocumentBuilder::is_key_next() const {
  return !open_.empty() && open_.back().value->is_object() && open_.back().has_value;
}

DocumentBuilder::Json* DocumentBuilder::place(Json value) {
  if (open_.empty()) return &(document_ = std::move(value));
  auto& [container, key, has_value] = open_.back();
  if (container->is_array()) return &container->emplace_back(std::move(value));
  has_value = true;
  return &((*container)[key] = std::move(value));
}

DocumentBuilder::Wrong DocumentBuilder::put(Json value) {
  if (!is_key_next()) {
    place(std::move(value));
    return std::nullopt;
  }
  if (!value.is_string()) return "a key must be a text";
  auto& [container, key, has_value] = open_.back();
  key = std::move(value.get_ref<std::string&>());
  has_value = false;
  if (container->contains(key)) return fmt::format("{} is there twice", key);
  return std::nullopt;
}

DocumentBuilder::Wrong DocumentBuilder::enter(Json empty) {
  if (is_key_next()) return "a key must be a text";
  if (open_.size() == kDeepest) return "this is nested too deeply";
  open_.push_back({place(std::move(empty))});
  return std::nullopt;
}

std::string DocumentBuilder::where() const {
  std::string text;
  for (std::size_t i = 0; i < open_.size(); ++i) {
    const auto& [container, key, has_value] = open_[i];
    const bool is_innermost = i + 1 == open_.size();
    if (container->is_array()) {
      text += fmt::format("[{}]", container->size() - (is_innermost ? 0 : 1));
    } else if (!is_innermost || !has_value) {
      text += (text.empty() ? "" : ", ") + key;
    }
  }
  return text;
}

}  // namespace bastion::admin
