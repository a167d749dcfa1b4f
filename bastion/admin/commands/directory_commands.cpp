#include <fmt/format.h>

#include <algorithm>

#include "bastion/admin/commands/directory_answer.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/manifest/apply.h"
#include "bastion/admin/manifest/manifest.h"
#include "bastion/admin/manifest/read_manifest.h"
#include "bastion/admin/manifest/some_of.h"

namespace bastion::admin {

Answer answer_of(const std::vector<Change>& changes, const Arguments& arguments) {
  const bool is_dry_run = arguments.given("--dry-run");
  const auto count = [&](Change::Kind kind) { return std::ranges::count(changes, kind, &Change::kind); };
  Table table{{"change", "what", "name", "detail"}, {}};
  std::vector<std::string> names;
  for (const auto& change : changes) {
    names.push_back(fmt::format("{} {}", change.what, change.name));
    table.rows.push_back(
        {text_of(change.kind), change.what, change.name, change.detail.empty() ? Cell(nullptr) : Cell(change.detail)});
  }
  const auto added = count(Change::Kind::add);
  const auto changed = count(Change::Kind::change);
  const auto removed = count(Change::Kind::remove);
  return {.content = Record{{{"added", Cell(added)},
                             {"changed", Cell(changed)},
                             {"removed", Cell(removed)},
                             {"dry_run", Cell(is_dry_run)},
                             {"changes", std::move(table)}}},
          .subject = fmt::format("{} added, {} changed, {} removed{}{}", added, changed, removed,
                                 names.empty() ? "" : ": ", some_of(names)),
          .is_dry_run = is_dry_run};
}

Result<Answer> directory_export(Context& context, const Arguments& /*arguments*/) {
  const auto directory = read_manifest(context.database);
  if (!directory) return std::unexpected(directory.error());
  return Answer{Document{to_json(*directory)}};
}

Result<Imported> read_whole_document(const Context& /*context*/, const Arguments& /*arguments*/, const Files& files) {
  auto directory = parse_directory(files.front().text);
  if (!directory) return std::unexpected(std::move(directory.error()));
  return Imported{.directory = *std::move(directory)};
}

Result<Answer> directory_apply(Context& context, const Arguments& arguments) {
  const auto& document = arguments.imported().directory;
  const auto changes =
      apply(context.database, document, arguments.given("--prune") ? Unnamed::go : Unnamed::stay, context.now);
  if (!changes) return std::unexpected(changes.error());
  return answer_of(*changes, arguments);
}

}  // namespace bastion::admin
