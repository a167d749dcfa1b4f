#include "bastion/admin/commands/source.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "bastion/admin/commands/lookup.h"
#include "bastion/admin/grammar/tables.h"
#include "bastion/admin/manifest/cells.h"
#include "bastion/admin/manifest/timestamp.h"
#include "bastion/follow/source.h"
#include "store/sightings.h"
#include "store/sources.h"

namespace bastion::admin {
namespace {

constexpr std::array<std::string_view, 4> kOfSource{"--every", "--project", "--interface", "--map"};

bool says_more(const Arguments& arguments) {
  return std::ranges::any_of(kOfSource, [&](std::string_view option) { return arguments.given(option); });
}

// What there is to begin with.
Result<follow::Source> begun(const Arguments& arguments, const std::string& before, const std::string& backend) {
  follow::Source source;
  if (const auto program = arguments.optional("--source")) {
    source.program = *program == "lxd" ? follow::Source::Program::lxd : follow::Source::Program::incus;
    return source;
  }
  if (before.empty()) return fail("backend {} has no source: give --source incus or --source lxd with it", backend);
  return follow::parse_source(before);
}

Result<> set_members(Context& context, const Arguments& arguments, follow::Source& source) {
  if (!arguments.given("--map")) return {};
  source.members.clear();
  for (const auto& pair : arguments.all("--map")) {
    const auto sign = pair.find('=');
    const auto [member, is_new] = source.members.emplace(pair.substr(0, sign), pair.substr(sign + 1));
    if (!is_new) return fail("--map says of {} twice what it is called here", member->first);
    if (!follow::is_member(member->first)) return fail("\"{}\" cannot be a member of a cluster", member->first);
    if (const auto backend = find_backend(context, member->second); !backend) return std::unexpected(backend.error());
  }
  return {};
}

Result<> set_every(const Arguments& arguments, follow::Source& source) {
  const auto every = arguments.optional("--every");
  if (!every) return {};
  const auto seconds = parse_duration(*every);
  if (!seconds) return std::unexpected(seconds.error());
  source.every = std::chrono::seconds(*seconds);
  if (source.every >= follow::Source::kShortest && source.every <= follow::Source::kLongest) return {};
  return fail("--every {}: it is {} to {}", *every, text_of_duration(follow::Source::kShortest.count()),
              text_of_duration(follow::Source::kLongest.count()));
}

ShownSighting cells_of(const std::optional<store::Sighting>& sighting) {
  ShownSighting cells;
  if (!sighting) return cells;
  cells.state = sighting->state.empty() ? Cell("unknown") : Cell(sighting->state);
  cells.seen = timestamp_cell(sighting->seen_at);
  if (!sighting->drift.empty()) cells.drift = sighting->drift;
  return cells;
}

}  // namespace

Result<> set_source(Context& context, const Arguments& arguments, const store::Backend& backend) {
  const auto wanted = arguments.optional("--source");
  if (!wanted && !says_more(arguments)) return {};
  store::Sources sources(context.database);
  if (wanted && *wanted == "none") {
    if (says_more(arguments)) return fail("--source none has no --every, --project, --interface and --map");
    return sources.set(backend.id, "");
  }
  if (backend.route == store::RouteKind::direct) {
    return fail("the bastion does not log in to backend {}, so it cannot ask there what runs", backend.name);
  }
  const auto before = sources.of_backend(backend.id);
  if (!before) return std::unexpected(before.error());
  auto source = begun(arguments, *before, backend.name);
  if (!source) return std::unexpected(source.error());
  if (auto set = set_every(arguments, *source); !set) return set;
  if (auto project = arguments.optional("--project")) source->project = std::move(project);
  if (auto interface = arguments.optional("--interface")) source->interface = std::move(interface);
  if (auto set = set_members(context, arguments, *source); !set) return set;
  return sources.set(backend.id, text_of(*source));
}

std::string source_of_arguments(const Arguments& arguments) {
  std::string text;
  if (const auto source = arguments.optional("--source")) text = " --source " + *source;
  for (const auto option : kOfSource) {
    if (!arguments.given(option)) continue;
    for (const auto& value : arguments.all(option)) text += fmt::format(" {} {}", option, value);
  }
  return text;
}

Result<ShownSource> shown_source(Context& context, std::int64_t backend) {
  const auto text = store::Sources(context.database).of_backend(backend);
  if (!text) return std::unexpected(text.error());
  if (text->empty()) return ShownSource{};
  const auto listing = store::Sightings(context.database).listing(backend);
  if (!listing) return std::unexpected(listing.error());
  ShownSource shown{.source = *text};
  if (!*listing) return shown;
  shown.listed = timestamp_cell((*listing)->listed_at);
  if (!(*listing)->failure.empty()) shown.failure = (*listing)->failure;
  return shown;
}

Result<ShownSighting> shown_sighting(Context& context, std::int64_t container) {
  const auto sighting = store::Sightings(context.database).of_container(container);
  if (!sighting) return std::unexpected(sighting.error());
  return cells_of(*sighting);
}

Result<Table> table_with_states(Context& context, const std::vector<store::Container>& containers) {
  store::Sightings sightings(context.database);
  auto table = table_of(containers);
  table.columns.insert(table.columns.end(), {"state", "seen"});
  for (std::size_t i = 0; i < containers.size(); ++i) {
    const auto sighting = sightings.of_container(containers[i].id);
    if (!sighting) return std::unexpected(sighting.error());
    auto cells = cells_of(*sighting);
    table.rows[i].push_back(std::move(cells.state));
    table.rows[i].push_back(std::move(cells.seen));
  }
  return table;
}

}  // namespace bastion::admin
