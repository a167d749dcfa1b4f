#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <ranges>
#include <set>
#include <string>
#include <utility>

#include "bastion/admin/commands/directory_answer.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/manifest/apply.h"
#include "bastion/admin/manifest/import.h"
#include "bastion/admin/manifest/some_of.h"
#include "bastion/base/child_process.h"
#include "store/backends.h"
#include "store/containers.h"

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

constexpr std::size_t kMostIncluded = 100;
constexpr std::uintmax_t kLongestIncluded = 1024 * 1024;

// With * and ? in the pattern, as in a shell.
bool matches(std::string_view name, std::string_view pattern) {
  std::size_t at = 0;
  std::size_t in_pattern = 0;
  std::size_t star = std::string_view::npos;  // the last one, and how far it reaches
  std::size_t reach = 0;
  while (at < name.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      star = in_pattern++;
      reach = at;
    } else if (in_pattern < pattern.size() && (pattern[in_pattern] == '?' || pattern[in_pattern] == name[at])) {
      ++in_pattern;
      ++at;
    } else if (star != std::string_view::npos) {
      in_pattern = star + 1;
      at = ++reach;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', in_pattern) == std::string_view::npos;
}

bool is_input(const Arguments& arguments, std::string_view name) { return arguments.text(name) == kStandardInput; }

constexpr std::chrono::seconds kTimeForAll{60};

// As ssh has it, for the file of a user: relative to the folder in which that stands. Of one folder, with * and ? in
// the last part.
Result<std::vector<NamedText>> included(const Context& context, const std::filesystem::path& file,
                                        const std::string& pattern) {
  if (pattern.starts_with('~')) return fail("whose home that is cannot be told: give that file instead");
  const auto wanted = file.parent_path() / pattern;
  const auto folder = wanted.parent_path();
  if (folder.string().find_first_of("*?[") != std::string::npos) return fail("only the last part may be a pattern");
  std::vector<std::string> names;
  std::vector<NamedText> texts;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder.empty() ? "." : folder, error), end; !error && at != end;
       at.increment(error)) {
    const auto name = at->path().filename().string();
    if (name.starts_with('.') || !matches(name, wanted.filename().string())) continue;
    std::error_code unknown;
    if (!at->is_regular_file(unknown)) continue;
    if (names.size() == kMostIncluded) return fail("these are more than {} files", kMostIncluded);
    names.push_back(at->path().string());
  }
  if (error) return fail("{}", error.message());
  if (names.empty()) return fail("there is no such file that could be read");
  std::ranges::sort(names);
  for (const auto& name : names) {
    std::error_code unknown;
    if (std::filesystem::file_size(name, unknown) > kLongestIncluded || unknown) {
      texts.push_back({name, {}, fmt::format("it is longer than {} bytes", kLongestIncluded)});
      continue;
    }
    auto read = context.read_file(name);
    if (!read) {
      texts.push_back({name, {}, std::move(read.error().text)});
      continue;
    }
    texts.insert(texts.end(), std::make_move_iterator(read->begin()), std::make_move_iterator(read->end()));
  }
  return texts;
}

// By its name or address, or as a word of the command that leads to it.
bool is_listed(const std::set<std::string>& instances, const store::Container& container) {
  if (instances.contains(container.name) || instances.contains(container.address)) return true;
  return std::ranges::any_of(container.command | std::views::split(' '), [&](const auto word) {
    return instances.contains(std::string(word.begin(), word.end()));
  });
}

// The containers that are known on these backends, and that the backends do not name any more.
Result<Table> not_listed(store::Database& database, const Imported& imported) {
  // What another project has is not in a list of one: which one that was stands beside it.
  Table table{{"container", "backend", "address", "project"}, {}};
  store::Backends backends(database);
  store::Containers containers(database);
  for (const auto& [name, instances] : imported.listed) {
    const auto backend = backends.find(name);
    if (!backend) return std::unexpected(backend.error());
    if (!*backend) continue;
    const auto known = containers.on_backend((*backend)->id);
    if (!known) return std::unexpected(known.error());
    for (const auto& one : *known) {
      if (is_listed(instances, one)) continue;
      table.rows.push_back(
          {one.full_name(), name, one.place(), imported.project.empty() ? Cell(nullptr) : Cell(imported.project)});
    }
  }
  return table;
}

}  // namespace

Result<Answer> take_over(Context& context, const Arguments& arguments) {
  const auto& imported = arguments.imported();
  std::vector<NotPut> not_put;
  const auto changes = apply(context.database, imported.directory, Unnamed::stay, context.now, &not_put);
  if (!changes) return std::unexpected(changes.error());
  const auto collisions = collisions_in(*changes);
  if (!collisions.empty() && !arguments.given("--merge") && !arguments.given("--dry-run")) {
    return fail("there already, and otherwise: {}; nothing was taken over; --merge changes that too",
                some_of(collisions));
  }
  auto answer = answer_of(*changes, arguments);
  Table skipped{{"name", "why"}, {}};
  for (const auto& one : imported.skipped) skipped.rows.push_back({one.name, one.why});
  for (const auto& one : not_put) skipped.rows.push_back({one.name, one.why});
  Table colliding{{"what"}, {}};
  for (const auto& one : collisions) colliding.rows.push_back({one});
  auto& fields = std::get<Record>(answer.content).fields;
  fields.push_back({"collisions", std::move(colliding)});
  fields.push_back({"skipped", std::move(skipped)});
  if (imported.listed.empty()) return answer;
  auto unlisted = not_listed(context.database, imported);
  if (!unlisted) return std::unexpected(unlisted.error());
  fields.push_back({"not_listed", *std::move(unlisted)});
  return answer;
}

Result<Imported> read_authorized_keys(const Context& context, const Arguments& arguments, const Files& files) {
  const auto user = arguments.optional("--user");
  if (is_input(arguments, "DIR") && !user) {
    return fail("standard input does not say whose keys they are: give --user as well, for one user at a time");
  }
  AuthorizedKeysTerms terms{.user = user};
  if (const auto file = arguments.optional("--passwd")) {
    if (user) return fail("--user and --passwd are mutually exclusive");
    auto passwd = context.read_file(*file);
    if (!passwd) return std::unexpected(std::move(passwd.error()));
    terms.passwd = std::move(passwd->front().text);
  }
  return import_authorized_keys(files, terms);
}

RuntimeQuery ask_instances(const Arguments& arguments) {
  if (arguments.given("FILE")) return RuntimeQuery{};
  const auto project = arguments.optional("--project");
  return InstancesQuery{.backend = arguments.text("--backend"),
                        .projects = arguments.given("--all-projects") ? "--all-projects"
                                    : project                         ? "--project " + *project
                                                                      : std::string{}};
}

Result<Imported> read_incus(const Context& context, const Arguments& arguments, const Files& files) {
  if (arguments.given("--project") && arguments.given("--all-projects")) {
    return fail("--project and --all-projects are mutually exclusive");
  }
  IncusTerms terms{.backend = arguments.optional("--backend"),
                   .owner = arguments.optional("--owner"),
                   .account = arguments.optional("--login"),
                   .interface = arguments.optional("--interface"),
                   .project = arguments.optional("--project"),
                   .has_all_projects = arguments.given("--all-projects")};
  for (const auto& pair : arguments.all("--map")) {
    const auto sign = pair.find('=');
    const auto [member, is_new] = terms.members.emplace(pair.substr(0, sign), pair.substr(sign + 1));
    if (!is_new) return fail("--map says of {} twice what it is called here", member->first);
  }
  if (terms.backend) {
    const auto backend = store::Backends(context.database).get(*terms.backend);
    if (!backend) return std::unexpected(backend.error());
  }
  if (!files.empty()) return import_incus(files.front().text, terms);
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

Result<std::vector<KnownHop>> known_hops(store::Database& database) {
  const auto backends = store::Backends(database).all();
  if (!backends) return std::unexpected(backends.error());
  std::vector<KnownHop> hops;
  for (const auto& backend : *backends) {
    if (backend.route == store::RouteKind::direct) continue;
    hops.push_back({.name = backend.name,
                    .address = Endpoint{.host = backend.host, .port = backend.port}.text(),
                    .account = backend.account,
                    .via = backend.via_name});
  }
  return hops;
}

Result<Imported> read_ssh_config(const Context& context, const Arguments& arguments, const Files& files) {
  if (!is_program("ssh")) {
    return fail(
        "the program ssh is needed on the machine of the bastion to understand an ssh_config (Debian: "
        "openssh-client)");
  }
  const auto deadline = std::chrono::steady_clock::now() + kTimeForAll;
  const auto ask_in_time = [&](const SshQuestion& question) -> SshAnswer {
    if (std::chrono::steady_clock::now() > deadline) return std::unexpected(SshFailure{SshFailure::Kind::out_of_time});
    return ask_ssh(question, context.run_ssh);
  };
  const auto read_included = [&](const std::string& pattern) -> Result<std::vector<NamedText>> {
    if (is_input(arguments, "FILE")) return fail("it does not come with standard input");
    return included(context, arguments.text("FILE"), pattern);
  };
  auto hops = known_hops(context.database);
  if (!hops) return std::unexpected(std::move(hops.error()));
  return import_ssh_config(files.front().text, {.bastion = arguments.optional("--bastion"),
                                                .ask_ssh = ask_in_time,
                                                .read_included = read_included,
                                                .known_hops = *std::move(hops)});
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
