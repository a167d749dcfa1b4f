#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include "bastion/admin/manifest/checks.h"
#include "bastion/admin/manifest/import.h"
#include "bastion/admin/manifest/some_of.h"
#include "bastion/admin/manifest/ssh_config_lines.h"
#include "bastion/admin/manifest/ssh_jump.h"
#include "bastion/base/name.h"

namespace bastion::admin {
namespace {

constexpr std::size_t kLongestChain = 16;
// What `ssh -G` says where nothing else does: who asks is nobody's login.
constexpr std::string_view kNobody = "nobody-is-named-here";

// What `ssh -G` says of a host.
struct SshHost {
  std::string address = {};
  std::string account = {};  // empty: it does not say
  std::string port = {};
  std::vector<SshJump> jumps = {};  // the nearest first

  [[nodiscard]] Endpoint endpoint() const {
    const bool is_ipv6 = address.contains(':');
    return container_address_of(fmt::format("{}{}{}:{}", is_ipv6 ? "[" : "", address, is_ipv6 ? "]" : "", port));
  }
};

// A jump with where it is.
struct Hop {
  SshJump jump;
  SshHost host;
};

// As ssh reads it.
std::string text_of(const SshJump& jump) {
  const bool is_ipv6 = jump.host.contains(':');
  return fmt::format("{}{}{}{}{}{}{}", jump.user, jump.user.empty() ? "" : "@", is_ipv6 ? "[" : "", jump.host,
                     is_ipv6 ? "]" : "", jump.port.empty() ? "" : ":", jump.port);
}

// With the lines of the file for those of what was made of it.
std::string text_of(const SshFailure& failure, const std::vector<std::string>& places) {
  constexpr std::string_view kLine = "line ";
  std::vector<std::string> texts;
  for (const auto& complaint : failure.complaints) {
    const auto colon = std::min(complaint.find(':'), complaint.size());
    std::size_t line = 0;
    std::from_chars(complaint.data() + std::min(kLine.size(), colon), complaint.data() + colon, line);
    const bool is_known = line > 0 && line <= places.size();
    texts.push_back(is_known ? places[line - 1] + complaint.substr(colon) : complaint);
  }
  if (!failure.text.empty()) texts.push_back(failure.text);
  return fmt::format("{}", fmt::join(texts, "; "));
}

std::map<std::string, std::string> settings_in(std::string_view output) {
  std::map<std::string, std::string> settings;
  while (!output.empty()) {
    const auto line = output.substr(0, std::min(output.find('\n'), output.size()));
    output.remove_prefix(std::min(line.size() + 1, output.size()));
    const auto space = std::min(line.find(' '), line.size());
    settings.emplace(line.substr(0, space), line.substr(std::min(space + 1, line.size())));
  }
  return settings;
}

// What makes two hops one, however they are spelled.
std::string place_of(std::string_view account, std::string_view address, std::string_view via) {
  return fmt::format("{}@{} via {}", account, address, via);
}

// The whole file, being turned into a document.
class SshConfigConversion {
 public:
  SshConfigConversion(SshConfigLines lines, const SshConfigTerms& terms, Imported& imported)
      : lines_(std::move(lines)), terms_(terms), imported_(imported) {
    lines_.text += fmt::format("Match all\nUser {}\n", kNobody);
    for (const auto& hop : terms.known_hops) backends_.emplace(place_of(hop.account, hop.address, hop.via), hop.name);
  }

  Result<> run() {
    struct Found {
      std::string name;
      Result<SshHost> host;
      Result<std::vector<Hop>> way;
    };
    std::vector<Found> all;
    for (const auto& name : lines_.hosts) {
      auto host = ask({.host = name}, {});
      auto way = host ? chain_to(*host) : std::unexpected(host.error());
      if (is_out_of_time_) return fail("ssh takes too long for all of them");
      all.push_back({name, std::move(host), std::move(way)});
    }
    if (terms_.bastion && jumped_through_.empty()) return fail("nothing in this file uses a jump");
    if (terms_.bastion && !jumped_through_.contains(canonical_host(*terms_.bastion))) {
      return fail("nothing in it is jumped through as {}: --bastion is one of {}", *terms_.bastion,
                  some_of({jumped_through_.begin(), jumped_through_.end()}));
    }
    for (const auto& [name, host, way] : all) {
      if (!way) {
        skip(name, way.error());
      } else if (!jumped_through_.contains(canonical_host(name))) {
        if (auto added = add_container(name, *host, *way); !added) skip(name, added.error());
      }
    }
    return {};
  }

 private:
  void skip(const std::string& name, const Error& why) { imported_.skipped.push_back({name, why.text}); }

  Result<> add_container(const std::string& alias, const SshHost& host, const std::vector<Hop>& way) {
    if (host.jumps.empty()) return fail("it is reached without a jump: `container add` says where it is");
    const auto name = canonical_host(alias);
    if (auto wrong = check_name(name)) return fail("{}", *wrong);
    if (host.account.empty()) return fail("it does not say who logs in: User is missing");
    const auto owner = canonical_host(host.account);
    if (!is_name(owner)) return fail("\"{}\" cannot be a user: a name is {}", owner, kNameRule);
    const auto address = host.endpoint();
    if (auto wrong = check_address(address.text())) return fail("{}", *wrong);
    const auto backend = backend_at_the_end_of(way);
    if (!backend) return std::unexpected(backend.error());
    if (!*backend) return fail("nothing but the bastion stands before it: add a backend with --direct first");
    const auto full_name = owner + "/" + name;
    const auto place = fmt::format("{}@{} on {}", host.account, address.text(), **backend);
    for (const auto& key : {full_name, place}) {
      const auto there = containers_.find(key);
      if (there != containers_.end()) return fail("it is the same as {}, which is taken over", there->second);
    }
    containers_.emplace(full_name, alias);
    containers_.emplace(place, alias);
    if (owners_.insert(owner).second) imported_.directory.users->push_back({.name = owner});
    imported_.directory.containers->push_back(
        {.owner = owner, .name = name, .backend = *backend, .address = address, .account = host.account});
    return {};
  }

  // Everything that is jumped through on the way to a host, from here on; without the bastion, and what is before it.
  Result<std::vector<Hop>> chain_to(const SshHost& host) {
    std::vector<Hop> way;  // the farthest first
    std::vector<std::string> seen;
    auto jumps = host.jumps;
    note(jumps);
    while (!jumps.empty()) {
      const auto last = jumps.back();
      jumps.pop_back();
      if (is_bastion(last)) break;
      if (std::ranges::find(seen, text_of(last)) != seen.end()) {
        std::ranges::reverse(seen);
        return fail("its jumps lead in a circle: {} > {}", text_of(last), fmt::join(seen, " > "));
      }
      if (way.size() == kLongestChain) return fail("it is reached through more than {} jumps", kLongestChain);
      seen.push_back(text_of(last));
      auto known = ask(last, jumps);
      if (!known) return fail("its jump {}: {}", text_of(last), known.error().text);
      // Jumps that stand before it in a list take the place of its own.
      if (jumps.empty()) {
        jumps = known->jumps;
        note(jumps);
      }
      way.push_back({last, *std::move(known)});
    }
    std::ranges::reverse(way);
    return way;
  }

  void note(const std::vector<SshJump>& jumps) {
    for (const auto& jump : jumps) jumped_through_.insert(canonical_host(jump.host));
  }

  [[nodiscard]] bool is_bastion(const SshJump& jump) const {
    return terms_.bastion && canonical_host(jump.host) == canonical_host(*terms_.bastion);
  }

  // The last one as a backend, with all those before it; nothing when there is none.
  Result<std::optional<std::string>> backend_at_the_end_of(const std::vector<Hop>& way) {
    std::optional<std::string> via;
    for (const auto& hop : way) {
      auto name = backend_for(hop, via);
      if (!name) return fail("its jump {} {}", text_of(hop.jump), name.error().text);
      via = *std::move(name);
    }
    return via;
  }

  // One for each place, login and way there.
  Result<std::string> backend_for(const Hop& hop, const std::optional<std::string>& via) {
    if (hop.host.account.empty()) return fail("does not say who logs in: User is missing");
    if (auto wrong = check_login(hop.host.account)) return fail("cannot be logged in to: {}", *wrong);
    const auto address = hop.host.endpoint();
    if (auto wrong = check_endpoint(address.text())) return fail("is nowhere: {}", *wrong);
    const auto place = place_of(hop.host.account, address.text(), via.value_or(""));
    const auto known = backends_.find(place);
    if (known != backends_.end()) return known->second;
    auto name = free_name_for(hop, address, via);
    if (!name) return name;
    backend_names_.insert(*name);
    backends_.emplace(place, *name);
    imported_.directory.backends->push_back({.name = *name,
                                             .address = address,
                                             .account = hop.host.account,
                                             .via = Given<std::optional<std::string>>(std::in_place, via)});
    return name;
  }

  // As it is called there; where it is jumped through as somebody else or at another port than what is said of it, that
  // is added. If that is taken already, the way there, or a number.
  Result<std::string> free_name_for(const Hop& hop, const Endpoint& address, const std::optional<std::string>& via) {
    constexpr int kMostOfOneName = 99;
    auto host = canonical_host(hop.jump.host);
    if (!is_name(host)) host = "host-" + host;
    std::ranges::replace(host, ':', '-');
    const auto plain = ask({.host = hop.jump.host}, {});
    auto name = host;
    if (!hop.jump.user.empty() && plain && plain->account != hop.host.account) {
      name += "-" + canonical_host(hop.host.account);
    }
    if (!hop.jump.port.empty() && plain && plain->port != hop.host.port) name += fmt::format("-{}", address.port);
    std::vector<std::string> names{name};
    if (via) names.push_back(fmt::format("{}-via-{}", name, *via));
    for (int i = 2; i <= kMostOfOneName; ++i) names.push_back(fmt::format("{}-{}", host, i));
    for (auto& one : names) {
      if (is_name(one) && !backend_names_.contains(one)) return std::move(one);
    }
    return fail("cannot be named {}: a name is {}", name, kNameRule);
  }

  // As ssh itself is started for it: with what stands in the jump, and the jumps that are left before it.
  Result<SshHost> ask(const SshJump& jump, const std::vector<SshJump>& before) {
    std::vector<std::string> jumps(before.size());
    std::ranges::transform(before, jumps.begin(), [](const SshJump& one) { return text_of(one); });
    SshQuestion question{
        .host = jump.host, .user = jump.user, .port = jump.port, .jumps = fmt::format("{}", fmt::join(jumps, ","))};
    auto [known, is_new] =
        answers_.try_emplace(fmt::format("{}\n{}\n{}\n{}", question.host, question.user, question.port, question.jumps),
                             fail("not asked yet"));
    if (is_new) {
      question.config = lines_.text;
      known->second = understood(jump, terms_.ask_ssh(question));
    }
    return known->second;
  }

  Result<SshHost> understood(const SshJump& jump, const SshAnswer& answer) {
    if (!answer) {
      if (answer.error().kind == SshFailure::Kind::out_of_time) is_out_of_time_ = true;
      // The circle is found where it is closed.
      if (answer.error().kind == SshFailure::Kind::own_jump) return SshHost{.jumps = {{.host = jump.host}}};
      return fail("ssh: {}", text_of(answer.error(), lines_.places));
    }
    auto settings = settings_in(*answer);
    for (const auto* const name : {"hostname", "user", "proxycommand"}) {
      const auto why = lines_.left_out.find(settings[name]);
      if (why != lines_.left_out.end()) return fail("{}", why->second);
    }
    const auto why = jump.port.empty() ? lines_.left_out_ports.find(settings["port"]) : lines_.left_out_ports.end();
    if (why != lines_.left_out_ports.end()) return fail("{}", why->second);
    SshHost host{
        .address = canonical_host(settings["hostname"]), .account = settings["user"], .port = settings["port"]};
    if (host.account == kNobody) host.account.clear();
    const SshTokens tokens{.host = host.address, .original = jump.host, .port = host.port, .user = host.account};
    auto jumps = settings.contains("proxyjump") ? parse_proxy_jump(settings["proxyjump"], tokens)
                                                : parse_proxy_command(command(settings["proxycommand"]), tokens);
    if (!jumps) return std::unexpected(jumps.error());
    host.jumps = *std::move(jumps);
    return host;
  }

  // What stood in the place of this number.
  [[nodiscard]] std::string command(const std::string& number) const {
    std::size_t place = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), place);
    const bool is_one = error == std::errc{} && end == number.data() + number.size() && place < lines_.commands.size();
    return is_one ? lines_.commands[place] : number;
  }

  SshConfigLines lines_;
  const SshConfigTerms& terms_;
  Imported& imported_;
  bool is_out_of_time_ = false;
  std::map<std::string, Result<SshHost>> answers_;
  std::set<std::string> jumped_through_;
  std::map<std::string, std::string> backends_;  // by place
  std::set<std::string> backend_names_;
  std::map<std::string, std::string> containers_;  // by place and by name
  std::set<std::string> owners_;
};

}  // namespace

Result<Imported> import_ssh_config(std::string_view text, const SshConfigTerms& terms) {
  Imported imported;
  imported.directory.users.emplace();
  imported.directory.backends.emplace();
  imported.directory.containers.emplace();
  const auto works = terms.ask_ssh({.host = std::string(kNobody)});
  if (!works) return fail("ssh on the machine of the bastion cannot be used: {}", text_of(works.error(), {}));
  const bool knows_tags = terms.ask_ssh({.config = "Tag x\n", .host = std::string(kNobody)}).has_value();
  auto lines = ssh_config_lines(text, {.knows_tags = knows_tags, .read_included = terms.read_included});
  if (!lines) return std::unexpected(lines.error());
  imported.skipped = std::exchange(lines->skipped, {});
  if (auto done = SshConfigConversion(*std::move(lines), terms, imported).run(); !done) {
    return std::unexpected(done.error());
  }
  return imported;
}

}  // namespace bastion::admin
