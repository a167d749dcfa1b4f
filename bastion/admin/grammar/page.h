// Long lists in parts: each part begins after the name that the one before it ended with, so that nothing is skipped or
// said twice when others add and remove meanwhile.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bastion/admin/grammar/answer.h"
#include "bastion/admin/grammar/arguments.h"

namespace bastion::admin {

// What `--limit` of a command asks for, and the option by which it goes on: `--after`, or another one. Without a limit
// there are `usual` rows; where that is not said either, people at a terminal get a page and everybody else everything.
class PageWanted {
 public:
  PageWanted(const Context& context, const Arguments& arguments, std::string_view option = "--after",
             std::optional<int> usual = std::nullopt);

  [[nodiscard]] const std::string& after() const { return after_; }  // empty: from the beginning
  // How many rows to read: one more than fits, which tells whether there is more. Negative: all of them.
  [[nodiscard]] int rows() const { return limit_ < 0 ? -1 : limit_ + 1; }

  // The page, from the rows that were read. `name_of` says what the option has to be told to go on behind a row.
  [[nodiscard]] Answer answer(Table table, std::string (*name_of)(const std::vector<Cell>& row)) const;

 private:
  std::string option_;
  std::string after_;
  int limit_ = -1;
};

}  // namespace bastion::admin
