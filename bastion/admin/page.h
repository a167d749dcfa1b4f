// Long lists in parts: each part begins after the name that the one before it ended with, so that nothing is skipped or
// said twice when others add and remove meanwhile.
#pragma once

#include <string>

#include "bastion/admin/answer.h"
#include "bastion/admin/arguments.h"

namespace bastion::admin {

// What `--after` and `--limit` of a command ask for. People at a terminal get a page if they do not say how much;
// everybody else gets everything.
class PageWanted {
 public:
  PageWanted(const Context& context, const Arguments& arguments);

  [[nodiscard]] const std::string& after() const { return after_; }  // empty: from the beginning
  // How many rows to read: one more than fits, which tells whether there is more. Negative: all of them.
  [[nodiscard]] int rows() const { return limit_ < 0 ? -1 : limit_ + 1; }

  // The page, from the rows that were read. `name_of` says what `--after` has to be told to go on behind a row.
  [[nodiscard]] Answer answer(Table table, std::string (*name_of)(const std::vector<Cell>& row)) const;

 private:
  std::string after_;
  int limit_ = -1;
  bool is_asked_ = false;
};

}  // namespace bastion::admin
