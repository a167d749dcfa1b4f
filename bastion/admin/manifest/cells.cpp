#include "bastion/admin/manifest/cells.h"

#include "bastion/admin/manifest/timestamp.h"

namespace bastion::admin {

Cell timestamp_cell(const std::optional<std::int64_t>& unix_seconds) {
  return unix_seconds ? Cell(text_of_timestamp(*unix_seconds)) : Cell(nullptr);
}

Cell options_cell(const std::string& options) { return options.empty() ? Cell(nullptr) : Cell(options); }

Cell limit_cell(const std::optional<std::int64_t>& seconds) {
  if (!seconds) return "default";
  return *seconds == 0 ? "none" : text_of_duration(*seconds);
}

Cell record_cell(const std::optional<RecordPolicy>& said) { return said ? Cell(text_of(*said)) : Cell("default"); }

Cell auth_cell(const std::string& auth) { return auth.empty() ? "default" : auth; }

Cell cap_cell(const std::optional<std::int64_t>& cap) {
  if (!cap) return "default";
  return *cap == 0 ? Cell("none") : Cell(*cap);
}

}  // namespace bastion::admin
