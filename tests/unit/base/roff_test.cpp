// What stands on the pages of man(7).
#include "bastion/base/roff.h"

#include <doctest/doctest.h>

namespace bastion {

TEST_CASE("what roff would take for its own is text") {
  CHECK(roff("plain") == "plain");
  CHECK(roff("`user add` and `--role`") == "\\fBuser add\\fR and \\fB\\-\\-role\\fR");
  CHECK(roff(".TH of nobody") == "\\&.TH of nobody");
  CHECK(roff("'it") == "\\&'it");
  CHECK(roff("a\\nb ~/.ssh ^") == "a\\enb \\(ti/.ssh \\(ha");
  CHECK(roff("[--key KEY]… SHA256:…") == "[\\-\\-key KEY]... SHA256:...");
}

TEST_CASE("a paragraph is cut at blanks, and no line of it is a request") {
  CHECK(roff_paragraph("one line") == "one line\n");
  const std::string word(40, 'x');
  CHECK(roff_paragraph(word + " " + word + " .y") == word + "\n" + word + " .y\n");
  CHECK(roff_paragraph(word + " " + std::string(37, 'y') + " .ssh") ==
        word + " " + std::string(37, 'y') + "\n\\&.ssh\n");
  CHECK(roff_paragraph(std::string(90, 'z')) == std::string(90, 'z') + "\n");
}

}  // namespace bastion
