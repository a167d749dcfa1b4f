#include "bastion/config/settings.h"

#include <doctest/doctest.h>

#include "bastion/config/file.h"
#include "tests/support/document.h"

namespace bastion::config {

TEST_CASE("docs/CONFIG.md says what the table of settings says") {
  test::Document("docs/CONFIG.md").must_contain(reference());
}

TEST_CASE("the defaults, written as a file, are the defaults") {
  std::string file;
  for (const auto& setting : settings()) {
    file += std::string(setting.key) + " = " + toml_of(setting, Config{}) + "\n";
  }
  const auto config = parse(file, "bastion.toml");
  REQUIRE_MESSAGE(config.has_value(), config.error().text);
  for (const auto& setting : settings()) {
    CAPTURE(setting.key);
    CHECK(toml_of(setting, *config) == toml_of(setting, Config{}));
  }
}

}  // namespace bastion::config
