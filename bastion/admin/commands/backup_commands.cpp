#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bastion/admin/commands/audit_row.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/grammar/confirmation.h"
#include "bastion/admin/manifest/administrators.h"
#include "bastion/admin/manifest/timestamp.h"
#include "bastion/base/inherit_owner.h"
#include "bastion/config/state_dir.h"
#include "store/backup.h"
#include "store/restoration.h"

namespace bastion::admin {
namespace {

namespace fs = std::filesystem;

std::string counted(std::int64_t number, std::string_view what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

std::string text_of(const store::Inventory& inventory) {
  return fmt::format("{}, {}, {} and {}", counted(inventory.users, "user"), counted(inventory.keys, "key"),
                     counted(inventory.backends, "backend"), counted(inventory.containers, "container"));
}

// When a backup was made, as far as it knows.
std::string age_of(const store::Inventory& inventory) {
  if (!inventory.last_entry_at) return {};
  return fmt::format(", as they were at {}", text_of_timestamp(*inventory.last_entry_at));
}

// What stands beside the database and is in no backup of it.
std::string key_files_of(const fs::path& database) {
  const config::StateDir state(database.parent_path());
  return fmt::format("{} and {}", state.host_key_folder().string(), state.identity_folder().string());
}

// `replaced-20261125T231500Z.db`, beside the database; `replaced-20261125T231500Z-2.db` when that one is taken.
fs::path place_for_what_goes(const Context& context) {
  auto timestamp = text_of_timestamp(context.now);
  std::erase_if(timestamp, [](char c) { return c == '-' || c == ':'; });
  const auto folder = context.database.file().parent_path();
  auto place = folder / fmt::format("replaced-{}.db", timestamp);
  // Where that cannot be told, writing there says why.
  std::error_code unknown;
  for (int more = 2; fs::exists(place, unknown); ++more)
    place = folder / fmt::format("replaced-{}-{}.db", timestamp, more);
  return place;
}

Result<> keep(const fs::path& database, const fs::path& kept) {
  if (auto written = store::write_backup(database, kept); !written) return written;
  return inherit_owner(kept);
}

}  // namespace

Result<Answer> backup(Context& context, const Arguments& arguments) {
  const auto file = context.path(arguments.text("TO"));
  if (!file) return std::unexpected(file.error());
  const auto database = context.database.file();
  if (auto written = store::write_backup(database, *file); !written) return std::unexpected(written.error());
  auto copy = store::Database::look_into(*file);
  if (!copy) return std::unexpected(copy.error());
  const auto inventory = store::take_inventory(*copy);
  if (!inventory) return std::unexpected(inventory.error());
  const auto audited = context.database.change_here([&] { return write_audit(context, "backup", file->string()); });
  if (!audited) return std::unexpected(audited.error());
  return Answer{
      Sentence{fmt::format("{} holds {}, with host keys, sessions and audit; what is not in it are the "
                           "bastion's own keys: copy {} too",
                           file->string(), text_of(*inventory), key_files_of(database))}};
}

Result<Answer> restore(Context& context, const Arguments& arguments) {
  const auto file = context.path(arguments.text("FROM"));
  if (!file) return std::unexpected(file.error());
  const auto restoration = store::Restoration::prepare(context.database, *file);
  if (!restoration) return std::unexpected(restoration.error());
  const auto& wanted = (*restoration)->inventory();
  const auto kept = place_for_what_goes(context);
  return context.database.change([&]() -> Result<Answer> {
    const auto there = store::take_inventory(context.database);
    if (!there) return std::unexpected(there.error());
    if (!arguments.given(kYesOption)) {
      return ask_for_yes(
          context, fmt::format("Replace {} with {}?", text_of(*there), text_of(wanted)),
          fmt::format("this replaces {} with {}{}: --yes does it", text_of(*there), text_of(wanted), age_of(wanted)));
    }
    const auto before = administration(context.database, context.now);
    if (!before) return std::unexpected(before.error());
    if (auto saved = keep(context.database.file(), kept); !saved) return std::unexpected(saved.error());
    if (auto done = (*restoration)->run(); !done) return fail("{}: {}", file->string(), done.error().text);
    if (auto still = keep_administration(context.database, context.now, *before); !still) {
      return fail("{}: {}", file->string(), still.error().text);
    }
    if (auto audited = write_audit(context, "restore", file->string()); !audited) {
      return std::unexpected(audited.error());
    }
    return Answer{
        Sentence{fmt::format("there are {}{}; what was there before is in {}; the bastion's own keys are "
                             "those that were there: {}",
                             text_of(wanted), age_of(wanted), kept.string(), key_files_of(context.database.file()))}};
  });
}

}  // namespace bastion::admin
