// A page of the documentation with a generated part. The test fails when that part is not what the code says; run the
// tests with BASTION_UPDATE_DOCS=1 to write it anew.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "tests/support/temporary_folder.h"

namespace bastion::test {

class Document {
 public:
  // `name` as seen from the root of the source tree.
  explicit Document(std::string_view name) : file_(std::filesystem::path(BASTION_SOURCE_DIR) / name) {}

  void must_contain(std::string_view generated) const {
    auto page = TemporaryFolder::read(file_);
    const auto begin = page.find(kBegin);
    const auto end = page.find(kEnd);
    REQUIRE_MESSAGE((begin != std::string::npos && end != std::string::npos), file_.string(), " has no generated part");
    const auto first = begin + kBegin.size();
    if (std::getenv("BASTION_UPDATE_DOCS") != nullptr) {
      page.replace(first, end - first, generated);
      std::ofstream(file_) << page;
    }
    CHECK_MESSAGE(page.substr(first, page.find(kEnd) - first) == generated, file_.string(),
                  " is out of date: run the unit tests with BASTION_UPDATE_DOCS=1");
  }

 private:
  static constexpr std::string_view kBegin = "<!-- generated from the table in the code -->\n\n";
  static constexpr std::string_view kEnd = "<!-- end of the generated part -->";

  std::filesystem::path file_;
};

}  // namespace bastion::test
