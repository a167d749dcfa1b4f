#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "bastion/admin/commands/directory_answer.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/manifest/apply.h"
#include "bastion/admin/manifest/import.h"
#include "bastion/admin/manifest/some_of.h"
#include "store/backends.h"

namespace bastion::admin {
namespace {

// An import only adds. That something of the same name is there already and says something else is for people to
// decide.
std::vector<std::string> collisions_in(const std::vector<Change>& changes) {
  std::vector<std::string> names;
  for (const auto& change : changes) {
    const bool is_new_key_of_somebody = change.kind == Change::Kind::add && change.what == "key";
    if (change.kind == Change::Kind::add && !is_new_key_of_somebody) continue;
    names.push_back(fmt::format("{} {}{}", change.what, change.name,
                                change.detail.empty() ? " is new" : fmt::format(" ({})", change.detail)));
  }
  return names;
}

bool is_input(const Arguments& arguments, std::string_view name) { return arguments.text(name) == kStandardInput; }

}  // namespace

Result<Answer> take_over(Context& context, const Arguments& arguments) {
  const auto& imported = arguments.imported();
  const auto changes = apply(context.database, imported.directory, Unnamed::stay, context.now);
  if (!changes) return std::unexpected(changes.error());
  const auto collisions = collisions_in(*changes);
  if (!collisions.empty() && !arguments.given("--merge") && !arguments.given("--dry-run")) {
    return fail("there already, and otherwise: {}; nothing was taken over; --merge changes that too",
                some_of(collisions));
  }
  auto answer = answer_of(*changes, arguments);
  Table skipped{{"name", "why"}, {}};
  for (const auto& one : imported.skipped) skipped.rows.push_back({one.name, one.why});
  Table colliding{{"what"}, {}};
  for (const auto& one : collisions) colliding.rows.push_back({one});
  auto& fields = std::get<Record>(answer.content).fields;
  fields.push_back({"collisions", std::move(colliding)});
  fields.push_back({"skipped", std::move(skipped)});
  return answer;
}

Result<Imported> read_authorized_keys(const Context& /*context*/, const Arguments& arguments, const Files& files) {
  const auto user = arguments.optional("--user");
  if (is_input(arguments, "DIR") && !user) {
    return fail("standard input does not say whose keys they are: give --user as well, for one user at a time");
  }
  return import_authorized_keys(files, user);
}

RuntimeQuery ask_instances(const Arguments& arguments) {
  return arguments.given("FILE") ? RuntimeQuery{} : RuntimeQuery(InstancesQuery{arguments.text("--backend")});
}

Result<Imported> read_incus(const Context& context, const Arguments& arguments, const Files& files) {
  const IncusTerms terms{.backend = arguments.optional("--backend"),
                         .owner = arguments.optional("--owner"),
                         .account = arguments.optional("--login")};
  if (!files.empty()) return import_incus(files.front().text, terms);
  const auto backend = store::Backends(context.database).get(*terms.backend);
  if (!backend) return std::unexpected(backend.error());
  const auto& instances = context.snapshot.instances;
  if (!instances) {
    return fail("no running bastion uses this state directory, so {} cannot be asked: give FILE", *terms.backend);
  }
  if (!*instances) {
    return fail("{}; the other way is to bring what it prints, as FILE or as - on standard input",
                instances->error().text);
  }
  auto imported = import_incus(**instances, terms);
  if (!imported) return fail("backend {}: {}", *terms.backend, imported.error().text);
  return imported;
}

Result<Imported> read_ssh_config(const Context& /*context*/, const Arguments& arguments, const Files& files) {
  return import_ssh_config(files.front().text, arguments.optional("--bastion"));
}

Result<Imported> read_sshpiper(const Context& context, const Arguments& arguments, const Files& files) {
  // Paths in it are relative to where it stands.
  const auto folder = std::filesystem::path(arguments.text("FILE")).parent_path();
  const bool is_alone = is_input(arguments, "FILE");
  const auto read = [&](const std::string& path) -> Result<std::string> {
    if (is_alone) return fail("{} does not come with standard input", path);
    auto texts = context.read_file((folder / path).string());
    if (!texts) return std::unexpected(std::move(texts.error()));
    return std::move(texts->front().text);
  };
  return import_sshpiper(files.front().text, {.backend = arguments.text("--backend"), .read = read});
}

}  // namespace bastion::admin
