// A page of the documentation, or of the manual, with a generated part. The test fails when that part is not what the
// code says; run the tests with BASTION_UPDATE_DOCS=1 to write it anew.
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
  explicit Document(std::string_view name)
      : file_(std::filesystem::path(BASTION_SOURCE_DIR) / name), marks_(name.ends_with(".md") ? kMarkdown : kRoff) {}

  void must_contain(std::string_view generated) const {
    auto page = TemporaryFolder::read(file_);
    const auto begin = page.find(marks_.begin);
    const auto end = page.find(marks_.end);
    REQUIRE_MESSAGE((begin != std::string::npos && end != std::string::npos), file_.string(), " has no generated part");
    const auto first = begin + marks_.begin.size();
    if (std::getenv("BASTION_UPDATE_DOCS") != nullptr) {
      page.replace(first, end - first, generated);
      std::ofstream(file_) << page;
    }
    CHECK_MESSAGE(page.substr(first, page.find(marks_.end) - first) == generated, file_.string(),
                  " is out of date: run the unit tests with BASTION_UPDATE_DOCS=1");
  }

 private:
  // What stands around the generated part, as comments.
  struct Marks {
    std::string_view begin;
    std::string_view end;
  };
  static constexpr Marks kMarkdown{.begin = "<!-- generated from the table in the code -->\n\n",
                                   .end = "<!-- end of the generated part -->"};
  static constexpr Marks kRoff{.begin = ".\\\" generated from the table in the code\n",
                               .end = ".\\\" end of the generated part"};

  std::filesystem::path file_;
  Marks marks_;
};

}  // namespace bastion::test
