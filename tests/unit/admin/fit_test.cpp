#include "bastion/admin/grammar/fit.h"

#include <doctest/doctest.h>

#include "bastion/admin/grammar/answer.h"
#include "bastion/admin/grammar/cell_text.h"
#include "bastion/base/text_width.h"

namespace bastion::admin {

namespace {

const TextRows kRows{{"ID", "USER", "CONTAINER", "ROUTE"}, {"z798xf7t", "alice", "alice/development", "be1"}};

}  // namespace

TEST_CASE("a table that fits is left as it is") {
  for (const std::size_t columns : {0U, 41U, 200U}) {
    const auto fitted = fit(kRows, {}, columns);
    CHECK(fitted.rows == kRows);
    CHECK(fitted.left_out.empty());
  }
}

TEST_CASE("what there is no room for is cut where that tells something, and left out where it does not") {
  CHECK(fit(kRows, {}, 34).left_out == std::vector<std::size_t>{3});
  const auto cut = fit(kRows, {}, 30);
  CHECK(cut.rows[1] == std::vector<std::string>{"z798xf7t", "alice", "alice/develo…"});
  CHECK(cut.left_out == std::vector<std::size_t>{3});
  const auto narrow = fit(kRows, {}, 22);
  CHECK(narrow.rows[1] == std::vector<std::string>{"z798xf7t", "alice", "be1"});
  CHECK(narrow.left_out == std::vector<std::size_t>{2});
}

TEST_CASE("the first column is there at any width, and a character of several bytes is one") {
  CHECK(fit({{"größer"}}, {}, 4).rows[0][0] == "grö…");
  CHECK(fit({{"größer"}}, {}, 6).rows[0][0] == "größer");
  CHECK(fit(kRows, {}, 3).rows[1] == std::vector<std::string>{"z7…"});
}

TEST_CASE("what is needed most has its room first, wherever it stands") {
  const TextRows rows{{"ID", "AT", "ACTION", "SUBJECT"},
                      {"12", "2026-11-27T03:08:27Z", "key add", "alice and something that is long"}};
  CHECK(fit(rows, {}, 30, {2, 3}).rows[1] == std::vector<std::string>{"12", "key add", "alice and someth…"});
  CHECK(fit(rows, {}, 20).rows[1] == std::vector<std::string>{"12", "2026-11-27T03:0…"});
  CHECK(fit(rows, {}, 20, {3}).rows[1] == std::vector<std::string>{"12", "alice and somet…"});
}

TEST_CASE("a wide column leaves room for narrow ones") {
  const TextRows rows{{"SUBJECT", "OUTCOME"}, {std::string(60, 'x'), "refused"}};
  const auto fitted = fit(rows, {}, 40);
  CHECK(fitted.rows[1] == std::vector<std::string>{std::string(30, 'x') + "…", "refused"});
  CHECK(fitted.left_out.empty());
}

TEST_CASE("wide characters have their room, and no row is longer than the terminal") {
  const TextRows rows{{"NAME", "LOGIN"}, {"漢字漢字", "a"}, {"bob", "b"}};
  CHECK(aligned(rows) == "NAME      LOGIN\n漢字漢字  a\nbob       b\n");
  for (std::size_t columns = 1; columns < 20; ++columns) {
    CAPTURE(columns);
    const auto fitted = fit(rows, {}, columns);
    auto text = aligned(fitted.rows, fitted.widths);
    for (std::size_t end = 0; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1)) {
      CHECK(width_of(text.substr(0, end)) <= columns);
    }
  }
}

TEST_CASE("columns that are to be wider than what stands in them take their room") {
  CHECK(fit(kRows, {8, 20, 0, 0}, 39).rows[1] == std::vector<std::string>{"z798xf7t", "alice", "be1"});
}

TEST_CASE("units stand in the cells, not in the headings") {
  CHECK(heading("idle_seconds") == "IDLE");
  CHECK(heading("last_success") == "LAST SUCCESS");
  CHECK(heading("bytes_from_user") == "SENT");
  const auto idle = [](std::int64_t seconds) { return cell_text(Cell(seconds), "idle_seconds"); };
  CHECK(idle(0) == "0s");
  CHECK(idle(75) == "1m15s");
  CHECK(idle(3600) == "1h0m");
  CHECK(idle(277'000) == "3d4h");
  const auto bytes = [](std::uint64_t count) { return cell_text(Cell(count), "bytes_from_user"); };
  CHECK(bytes(1023) == "1023");
  CHECK(bytes(1536) == "1.5K");
  CHECK(bytes(20 * 1024 * 1024) == "20M");
  CHECK(cell_text(Cell(nullptr), "bytes_from_user") == "-");
}

}  // namespace bastion::admin
