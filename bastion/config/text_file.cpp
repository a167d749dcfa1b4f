#include "bastion/config/text_file.h"

#include <fmt/format.h>

#include <utility>

#include "bastion/base/printable.h"
#include "bastion/base/whole_file.h"

namespace bastion::config {

TextFile read_text_file(const std::filesystem::path& path) {
  if (path.empty()) return {};
  TextFile file{.path = path};
  auto text = read_whole_file(path, kLongestText, Waiting::refused);
  if (!text) {
    file.why_not = std::move(text.error().text);
  } else if (text->size() > kLongestText) {
    file.why_not = fmt::format("{}: a text that is shown to users has {} bytes at most", path.string(), kLongestText);
  } else {
    file.text = printable_lines(*text);
  }
  return file;
}

}  // namespace bastion::config
