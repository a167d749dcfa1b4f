// Every row of the table of commands, with values that nobody means well: a row that is new is among them at once.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bastion/admin/local_files.h"
#include "bastion/admin/local_key.h"
#include "bastion/admin/manifest/yaml.h"
#include "tests/support/command_world.h"
#include "tests/support/usual_words.h"

namespace bastion::admin {
namespace {

using Words = std::vector<std::string>;
using OrderedJson = nlohmann::ordered_json;
using test::CommandWorld;
using test::give;
using test::kInstances;
using test::kPipes;
using test::usual_words;
using test::words_of;

// In the place of a word or an option's value.
std::vector<std::string> hostile_values() {
  return {"",
          " ",
          "-",
          "--",
          "---",
          "-1",
          "=",
          "{}",
          "[]",
          "[a,b]",
          "%%",
          "0",
          "1e309",
          "nan",
          "99999999999999999999",
          "9223372036854775807d",
          "99999d",
          "0x10",
          "9999-12-31",
          "0000-00-00",
          "2026-12-31T23:59:60Z",
          "none",
          "never",
          "default",
          "a,b,,",
          "..",
          "/",
          "alice/",
          "/web",
          "alice+bob/web",
          "@:0",
          "::",
          "[::1",
          "[fd00::1]:99999",
          "10.0.0.1:65536",
          "SHA256:",
          "ssh-ed25519 AAAA",
          "restrict,command=\"",
          "from=\"!*\" ssh-ed25519 AAAA",
          "permitopen=\"[::1]:99999999999\"",
          "\xff\xfe",
          "\xc2\x9b[2J",
          "\xed\xa0\x80",
          "\x1b[2J",
          "a\nb",
          std::string("a\0b", 3),
          "{fmt}",
          "{:9999999999}",
          "%s%n",
          "'; DROP TABLE users; --",
          "\u00e9\u4e2d\U0001f511",
          std::string(300, 'a'),
          std::string(70'000, 'x')};
}

// In the place of a value in a document, as it would be written there.
std::vector<std::string> hostile_json() {
  std::vector<std::string> values{"1e309",
                                  "-1e309",
                                  "1e-400",
                                  "-1",
                                  "0",
                                  "1.5",
                                  "18446744073709551616",
                                  "18446744073709551615",
                                  "-9223372036854775809",
                                  "null",
                                  "true",
                                  "[]",
                                  "{}",
                                  "[[]]",
                                  "[null]",
                                  R"({"": 0})",
                                  R"("")",
                                  R"("\ud800")",
                                  R"("\u0000")",
                                  R"("\u001b[2J\u009b")",
                                  R"("{}")",
                                  "\"\xff\"",
                                  "\"\xed\xa0\x80\"",
                                  "nan",
                                  "Infinity",
                                  "",
                                  "01",
                                  "1,",
                                  "\"",
                                  "'a'",
                                  "&a 1",
                                  "*a",
                                  "!!int 1"};
  for (const auto* const text : {"99999999999999999999", "nan", "-1", "2026-02-30", "9999999d", "10.0.0.1:65536"}) {
    values.push_back(fmt::format("\"{}\"", text));
  }
  values.push_back(std::string(100, '[') + std::string(100, ']'));
  values.push_back(std::string(5'000, '['));
  values.push_back("1" + std::string(5000, '0'));
  values.push_back("\"" + std::string(70'000, 'x') + "\"");
  return values;
}

// A world, and what was found in it.
struct Walk : CommandWorld {
  std::size_t commands = 0;

  void must_hold(Words words, const std::string& input = kKey) { run(std::move(words), context(input)); }

  // Somebody on this machine, whose files are read.
  void must_hold_here(Words words, const std::string& input = kKey) {
    auto here = context(input);
    here.read_key = read_local_key;
    here.read_file = [this](std::string_view name) { return read_local_file(inside(name)); };
    here.read_folder = [this](std::string_view name) { return read_local_folder(inside(name)); };
    here.path = [this](std::string_view name) { return local_path(name.empty() || name == "-" ? name : inside(name)); };
    run(std::move(words), std::move(here));
  }

 private:
  // Nothing is read or written elsewhere.
  [[nodiscard]] std::string inside(std::string_view name) const {
    return name.starts_with("/proc/") ? std::string(name) : (folder() / "files").string() + "/" + std::string(name);
  }
  void run(Words words, Context context) {
    // Every other one for programs, and some at a narrow terminal.
    if (++commands % 2 == 0) words.emplace_back("--json");
    if (commands % 3 == 0) context.format.columns = 30;
    const auto broken = broken_promise(words, std::move(context));
    if (!broken) return;
    std::string said;
    for (const auto& word : words) said += fmt::format("{:?} ", std::string_view(word).substr(0, 200));
    FAIL_CHECK(said, "\n", broken->substr(0, 2000));
  }
};

// A document once for each of its parts, which has another value there.
void each_part(const OrderedJson& document, const std::function<void(const OrderedJson& with_a_mark)>& visit) {
  const auto flat = document.flatten();
  auto pointers = std::vector<std::string>{""};
  for (const auto& [pointer, value] : flat.items()) {
    for (auto at = pointer.size(); at > 0; at = pointer.rfind('/', at - 1)) {
      auto part = pointer.substr(0, at);
      if (std::ranges::find(pointers, part) == pointers.end()) pointers.push_back(std::move(part));
    }
  }
  for (const auto& pointer : pointers) {
    auto marked = document;
    marked[OrderedJson::json_pointer(pointer)] = "MARK";
    visit(marked);
  }
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

void walk_document(Walk& walk, const Words& words, const char* document, bool is_yaml) {
  each_part(OrderedJson::parse(document), [&](const OrderedJson& marked) {
    for (const auto& value : hostile_json()) {
      auto text = is_yaml ? to_yaml(marked) : marked.dump();
      replace_all(text, is_yaml ? "MARK" : "\"MARK\"", value);
      replace_all(text, "KEY", CommandWorld::kKey);
      walk.must_hold(words, text);
    }
  });
}

}  // namespace

TEST_CASE("no value of any parameter of any command breaks what commands promise") {
  Walk walk;
  for (const auto& command : commands()) {
    walk.must_hold(words_of(command.words));
    for (const auto& parameter : command.parameters) {
      if (parameter.is_flag()) walk.must_hold(usual_words(command, parameter, {}));
      if (parameter.is_flag())
        walk.must_hold([&] {
          auto twice = usual_words(command, parameter, {});
          twice.emplace_back(parameter.name);
          return twice;
        }());
      if (parameter.is_flag()) continue;
      for (const auto& value : hostile_values()) {
        walk.must_hold(usual_words(command, parameter, value));
        if (!parameter.is_option() || walk.commands % 3 != 0) continue;  // some are enough
        auto joined = usual_words(command, parameter, "MARK");
        std::erase(joined, parameter.name);
        std::ranges::replace(joined, std::string("MARK"), fmt::format("{}={}", parameter.name, value));
        walk.must_hold(joined);
      }
    }
    for (const auto& value : hostile_values()) {
      auto words = words_of(command.words);
      for (const auto& parameter : command.parameters) give(words, parameter, value);
      walk.must_hold(words);
      words = words_of(command.words);
      words.push_back(value);
      walk.must_hold(words);
    }
  }
  for (const auto& value : hostile_values()) walk.must_hold({value});
  for (const auto& value : hostile_values()) walk.must_hold({"user", value});
}

TEST_CASE("no KEY that is read from standard input breaks what commands promise") {
  Walk walk;
  for (const auto& command : commands()) {
    for (const auto& parameter : command.parameters) {
      if (!parameter.is_key()) continue;
      for (const auto& value : hostile_values()) {
        walk.must_hold(usual_words(command, parameter, "-"), value);
        walk.must_hold(usual_words(command, parameter, "-"), value + " " + CommandWorld::kKey);
        walk.must_hold(usual_words(command, parameter, "-"), std::string(CommandWorld::kKey) + value);
      }
    }
  }
}

TEST_CASE("no document breaks what commands promise") {
  Walk walk;
  for (const auto& command : commands()) {
    for (const auto& parameter : command.parameters) {
      if (!parameter.is_document()) continue;
      const auto words = usual_words(command, parameter, "-");
      for (const auto& value : hostile_values()) walk.must_hold(words, value);
      for (const auto& value : hostile_json()) walk.must_hold(words, value);
      for (const auto* const document : {test::kManifest, kInstances, kPipes}) {
        const std::string text = document;
        for (std::size_t size = 0; size < text.size(); size += 7) walk.must_hold(words, text.substr(0, size));
      }
    }
  }
}

TEST_CASE("no value in a directory breaks what commands promise: JSON") {
  Walk walk;
  walk_document(walk, {"apply", "-"}, test::kManifest, false);
}
TEST_CASE("no value in a directory breaks what commands promise: YAML") {
  Walk walk;
  walk_document(walk, {"apply", "-", "--prune"}, test::kManifest, true);
}
TEST_CASE("no value in a foreign document breaks what commands promise") {
  Walk walk;
  walk_document(walk, {"import", "incus", "-"}, kInstances, false);
  walk_document(walk, {"import", "incus", "--backend", "be1"}, kInstances, false);
  walk_document(walk, {"import", "sshpiper", "-", "--backend", "be1"}, kPipes, true);
}

TEST_CASE("no file on this machine breaks what commands promise") {
  Walk walk;
  const auto folder = walk.folder() / "files";
  std::filesystem::create_directories(folder / "folder" / "alice");
  std::ofstream(folder / "alice") << CommandWorld::kKey;
  std::ofstream(folder / "empty");
  std::ofstream(folder / "\xff\x1b") << "\xff";
  std::filesystem::create_symlink("loop", folder / "loop");
  const Words names{"",
                    "-",
                    "alice",
                    "empty",
                    "\xff\x1b",
                    "folder",
                    "folder/alice",
                    ".",
                    "..",
                    "loop",
                    "a/b/c",
                    "alice/web",
                    "missing\x1b[2J",
                    "/proc/self/mem",
                    std::string(300, 'a'),
                    std::string(5000, 'a'),
                    std::string("alice\0b", 7)};
  for (const auto& command : commands()) {
    for (const auto& parameter : command.parameters) {
      const bool is_file = parameter.is_key() || parameter.is_document() || parameter.value == "FILE";
      for (const auto& name : names) {
        if (is_file) walk.must_hold_here(usual_words(command, parameter, name));
      }
    }
  }
}

}  // namespace bastion::admin
