// Something of everything, the commands that run on it, and what holds of each of them whatever stands in its words and
// documents. For unit tests and for a fuzzer: it knows nothing of doctest.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <stdlib.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bastion/admin/commands/commands.h"
#include "bastion/admin/commands/completion.h"
#include "bastion/admin/commands/names.h"
#include "bastion/admin/commands/run.h"
#include "bastion/admin/remote_key.h"
#include "bastion/base/contained.h"
#include "bastion/base/printable.h"
#include "bastion/transport/keys.h"
#include "store/database.h"

namespace bastion::test {

class CommandWorld {
 public:
  using Words = std::vector<std::string>;

  static constexpr std::int64_t kNow = 1'767'225'600;  // 2026-01-01
  static constexpr const char* kKey =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f alice@laptop";
  static constexpr const char* kOtherKey =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA";

  CommandWorld() : folder_(make_folder()), database_(must(store::Database::open(file(), Access::create))) {
    must(database_.run("PRAGMA synchronous = OFF"));
    furnish();
    tables_ = every_table();
    pristine_ = contents();
    database_.native().backup((folder_ / "pristine.db").c_str(), SQLite::Database::Save);
  }
  ~CommandWorld() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  CommandWorld(const CommandWorld&) = delete;
  CommandWorld& operator=(const CommandWorld&) = delete;

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

  // As it was in the beginning.
  void restore() { database_.native().backup((folder_ / "pristine.db").c_str(), SQLite::Database::Load); }

  // What a remote administrator is asked by; `input` is the text on standard input.
  [[nodiscard]] admin::Context context(std::string_view input) {
    return {.database = database_,
            .actor = "root",
            .key_fingerprint = "SHA256:root",
            .from_host = "10.0.0.9",
            .role = store::Role::admin,
            .now = kNow,
            .read_input = [input]() -> Result<std::string> { return std::string(input); },
            .read_key = admin::read_remote_key,
            .identity = []() -> Result<PublicIdentity> {
              return PublicIdentity{.keys = {must(transport::parse_public_key(kKey)).key},
                                    .ca = must(transport::parse_public_key(kKey)).key};
            },
            .snapshot = snapshot(input)};
  }

  // Runs a command, and says which promise it did not keep. The world is as it was before afterwards.
  [[nodiscard]] std::optional<std::string> broken_promise(const Words& words, admin::Context context) {
    std::ignore = admin::query_for(words);
    std::ignore = admin::is_watched(words);
    std::ignore = admin::is_followed(words);
    std::ignore = admin::keys_in(words);  // and reads_input(), which looks at the same
    std::string line;
    for (const auto& word : words) line += (line.empty() ? "" : " ") + word;
    std::ignore = admin::complete(line, admin::names_in(database_, line), context.role);
    const auto outcome = admin::run(words, context);
    const bool changed = contents() != pristine_;
    auto broken = broken_by(words, outcome, changed);
    if (broken) *broken += fmt::format("\nout: {}\nerr: {}", outcome.out, outcome.err);
    if (changed || ++rows_ % 256 == 0) restore();
    return broken;
  }

 private:
  using Access = store::Database::Access;

  template <typename T>
  static T must(Result<T> result) {
    if (!result) {
      std::fprintf(stderr, "the world of commands cannot be made: %s\n", result.error().text.c_str());
      std::abort();
    }
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }

  static std::filesystem::path make_folder() {
    auto name = (std::filesystem::temp_directory_path() / "bastion.XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    return name;
  }
  [[nodiscard]] std::filesystem::path file() const { return folder_ / "bastion.db"; }

  static admin::RuntimeSnapshot snapshot(std::string_view input) {
    return {.sessions = std::vector{session::LiveSession{.id = "s1",
                                                         .user = "alice",
                                                         .from_host = "10.0.0.1",
                                                         .key_fingerprint = "SHA256:a",
                                                         .container = "alice/web",
                                                         .route = {"be1", "far"},
                                                         .tunnels = {"10.1.1.11:22"},
                                                         .since = kNow}},
            .reachability = std::vector{upstream::Reachability{.backend = 1,
                                                               .state = upstream::Reachability::State::reachable,
                                                               .latency = std::chrono::microseconds(1500),
                                                               .last_success = kNow},
                                        upstream::Reachability{.backend = 2,
                                                               .state = upstream::Reachability::State::unreachable,
                                                               .why = "a hostile \x1b[2J\xc2\x9b \xff sentence"}},
            .explanation = probe::Explanation{.steps = {{.name = "user", .what = "alice\n"}},
                                              .end = End{Reason::killed, "detail\x1b", "advice"}},
            .instances = std::string(input)};
  }

  void command(const Words& words, std::string_view input = {}) {
    auto here = context(input);
    const auto outcome = admin::run(words, here);
    must(outcome.status == admin::Status::done ? Result<>{} : fail("{}", outcome.err));
  }

  // What is no text stands in it too: a comment on a key may be anything.
  void furnish() {
    command({"apply", "-"}, fmt::format(kDocument, kKey, kOtherKey));
    command({"key", "set", "alice", "SHA256:oIVTIburEfZKUwOmv9YkLGMk4rLhYLrW27NcxmLbxTU", "--comment",
             std::string("\x1b[2J \xff\xc2\x9b\0 \u00e9", 13)});
    must(database_.run(
        "INSERT INTO sessions (login, user, from_host, key_fingerprint, container, route, opened_at, server)"
        " VALUES ('s0', 'bob', '10.0.0.2', 'SHA256:b', 'bob/web', 'be1', 1767225000, 'x')"));
  }

  // Every table but the audit, which knows of refusals too.
  [[nodiscard]] std::vector<std::unique_ptr<SQLite::Statement>> every_table() {
    std::vector<std::unique_ptr<SQLite::Statement>> tables;
    SQLite::Statement columns(
        database_.native(),
        "SELECT 'SELECT ' || group_concat('quote(' || p.name || ')', ' || '' '' || ') || ' FROM ' ||"
        " t.name FROM sqlite_schema t, pragma_table_info(t.name) p"
        " WHERE t.type = 'table' AND t.name NOT IN ('audit', 'audit_chain') GROUP BY t.name ORDER BY t.name");
    while (columns.executeStep()) {
      tables.push_back(std::make_unique<SQLite::Statement>(database_.native(), columns.getColumn(0).getString()));
    }
    return tables;
  }
  [[nodiscard]] std::string contents() {
    std::string all;
    for (const auto& rows : tables_) {
      while (rows->executeStep()) all.append(rows->getColumn(0).getText()) += '\n';
      rows->reset();
    }
    return all;
  }

  static bool has(const Words& words, std::string_view word) { return std::ranges::find(words, word) != words.end(); }

  // Whole lines of text, with nothing in them that moves a cursor.
  static bool is_text(std::string_view text) {
    if (text.empty()) return true;
    if (!text.ends_with('\n')) return false;
    std::string lines{text};
    std::erase(lines, '\n');
    return printable(lines) == lines;
  }

  static bool is_json(const Words& words, std::string_view text) {
    if (!has(words, "--follow")) return nlohmann::json::accept(text);
    for (; !text.empty(); text.remove_prefix(text.find('\n') + 1)) {
      if (!nlohmann::json::accept(text.substr(0, text.find('\n')))) return false;
    }
    return true;
  }

  static std::optional<std::string> broken_by(const Words& words, const admin::Outcome& outcome, bool changed) {
    using enum admin::Status;
    const bool is_help = has(words, "--help") || has(words, "-h");
    const bool is_done = outcome.status == done;
    if (!is_done && outcome.status != refused && outcome.status != usage) return "the exit status is 0, 1 or 2";
    if (!is_text(outcome.out)) return "standard output is lines of text";
    if (!is_text(outcome.err)) return "standard error is lines of text";
    if (!is_done && outcome.out.empty() && outcome.err.empty()) return "a refusal says why";
    if (!is_done && changed) return "a refused command changes nothing";
    if (has(words, "--dry-run") && changed) return "a dry run changes nothing";
    if (has(words, "--json") && !is_help && !outcome.out.empty() && !is_json(words, outcome.out)) {
      return "what --json asks for is JSON";
    }
    for (const auto* const inner : {kInternalError.data(), "exception", "std::", "basic_string", "bad_alloc"}) {
      if (outcome.err.contains(inner) && !has_part(words, inner))
        return "a refusal speaks of the input, not of the code";
    }
    return std::nullopt;
  }
  static bool has_part(const Words& words, std::string_view part) {
    return std::ranges::any_of(words, [&](const std::string& word) { return word.contains(part); });
  }

  static constexpr const char* kDocument = R"({{"version": 1,
    "users": [{{"name": "root", "role": "admin"}},
              {{"name": "alice", "options": "no-pty", "idle_timeout": "30m",
                "keys": [{{"key": "{}", "options": "restrict", "expires": "2026-12-31"}}, {{"key": "{}"}}]}},
              {{"name": "bob", "disabled": true}}],
    "backends": [{{"name": "be1", "address": "10.1.1.11", "login": "hop"}},
                 {{"name": "far", "address": "be3.example:2022", "login": "hop", "via": "be1", "capacity": 30}}],
    "containers": [{{"owner": "alice", "name": "web", "backend": "be1", "address": "10.0.3.100", "default": true,
                     "shares": [{{"user": "bob", "expires": "2026-12-31T23:59:59Z"}}]}},
                   {{"owner": "bob", "name": "web", "backend": "far", "address": "[fd00::1]:2222", "login": "root"}}]}})";

  std::filesystem::path folder_;
  store::Database database_;
  std::vector<std::unique_ptr<SQLite::Statement>> tables_;
  std::string pristine_;
  unsigned rows_ = 0;  // of the audit, about
};

}  // namespace bastion::test
