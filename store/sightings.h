// What sources have said last (bastion/follow), as this bastion has heard it: no other one of a fleet has these rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"
#include "store/statement.h"

namespace bastion::store {

struct Sighting {
  // In place of a state: it was listed once, and is not any more.
  static constexpr std::string_view kGone = "gone";

  std::int64_t container = 0;
  std::int64_t source = 0;   // the backend that was asked
  std::string state;         // empty: it cannot be told which instance it is
  std::int64_t seen_at = 0;  // when it was listed last
  std::string drift = {};    // why the directory does not follow; empty: it does
};

struct Listing {
  std::int64_t backend = 0;
  std::optional<std::int64_t> listed_at = std::nullopt;
  std::string failure = {};  // why not since; empty: that was the last word
};

class Sightings {
 public:
  explicit Sightings(Database& database);

  // Of sources that there are still.
  [[nodiscard]] Result<std::optional<Sighting>> of_container(std::int64_t container);
  [[nodiscard]] Result<std::vector<Sighting>> of_source(std::int64_t backend);
  // Of every source, those that are gone.
  [[nodiscard]] Result<std::vector<Sighting>> gone();
  [[nodiscard]] Result<std::optional<Listing>> listing(std::int64_t backend);

  // Inside Database::change_here. In place of whatever was said of that container; its `seen_at` counts from here on
  // only where it is gone: as long as it is listed, the listing's time does.
  [[nodiscard]] Result<> put(const Sighting& sighting);
  [[nodiscard]] Result<> forget(std::int64_t container);
  [[nodiscard]] Result<> listed(std::int64_t backend, std::int64_t at);
  [[nodiscard]] Result<> failed(std::int64_t backend, std::string_view why);

 private:
  Statement of_container_;
  Statement of_source_;
  Statement gone_;
  Statement listing_;
  Statement put_;
  Statement forget_;
  Statement listed_;
  Statement failed_;
};

}  // namespace bastion::store
