#include "bastion/hooks/hook.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "bastion/hooks/messages.h"
#include "tests/support/small_world.h"
#include "tests/support/temporary_folder.h"

namespace bastion::hooks {
namespace {

namespace fs = std::filesystem;
using test::must;
using test::refused;

constexpr uid_t kNobody = 65534;

// A folder of hooks as an administrator makes it.
struct HookWorld {
  HookWorld() {
    fs::create_directory(folder);
    ::chmod(folder.c_str(), 0755);
    write("cloud", "#!/bin/sh\nexit 0\n");
  }
  void write(const std::string& name, const std::string& script) const {
    std::ofstream(folder / name) << script;
    ::chmod((folder / name).c_str(), 0755);
  }
  [[nodiscard]] Result<std::string> runs(const std::string& script,
                                         std::chrono::seconds within = std::chrono::seconds(20)) const {
    write("cloud", script);
    return run_hook(folder, {.name = "cloud", .backend = "be1", .within = within});
  }

  test::TemporaryFolder above;
  fs::path folder = above / "wake.d";
};

}  // namespace

TEST_CASE("hook: a file of root's that nobody else can write is one") {
  const HookWorld world;
  CHECK(must(find_hook(world.folder, "cloud")) == world.folder / "cloud");
}

TEST_CASE("hook: a name is a plain one") {
  const HookWorld world;
  for (const auto* const name : {"", ".", "..", "../cloud", "/bin/sh", "cloud/", "-x", "a b", "Cloud", ".hidden"}) {
    CAPTURE(name);
    CHECK(refused(find_hook(world.folder, name)).contains("is no name of a hook"));
  }
}

TEST_CASE("hook: what others than root could have put there is none") {
  const HookWorld world;
  const auto file = world.folder / "cloud";
  struct Row {
    const char* what;
    std::function<void()> change;
    const char* why;
  };
  const std::vector<Row> rows{
      {"the group writes it", [&] { ::chmod(file.c_str(), 0775); }, "wake.d/cloud can be written by others"},
      {"everybody writes it", [&] { ::chmod(file.c_str(), 0757); }, "wake.d/cloud can be written by others"},
      {"it is somebody's", [&] { REQUIRE(::chown(file.c_str(), kNobody, 0) == 0); },
       "wake.d/cloud does not belong to root"},
      {"it is a link", [&] { fs::remove(file), fs::create_symlink("/bin/true", file); }, "wake.d/cloud is not a file"},
      {"it is a folder", [&] { fs::remove(file), fs::create_directory(file); }, "wake.d/cloud is not a file"},
      {"it is not there", [&] { fs::remove(file); }, "No such file"},
      {"it is no program", [&] { ::chmod(file.c_str(), 0644); }, "wake.d/cloud cannot be executed"},
      {"everybody writes the folder", [&] { ::chmod(world.folder.c_str(), 0777); }, "wake.d can be written by others"},
      {"it is sticky, and still theirs", [&] { ::chmod(world.folder.c_str(), 01777); },
       "wake.d can be written by others"},
      {"the folder is somebody's", [&] { REQUIRE(::chown(world.folder.c_str(), kNobody, 0) == 0); },
       "wake.d does not belong to root"},
      {"everybody writes the one above", [&] { ::chmod(world.folder.parent_path().c_str(), 0777); },
       "can be written by others"},
      {"the one above is somebody's", [&] { REQUIRE(::chown(world.folder.parent_path().c_str(), kNobody, 0) == 0); },
       "does not belong to root"},
  };
  for (const auto& row : rows) {
    SUBCASE(row.what) {
      row.change();
      CHECK(refused(find_hook(world.folder, "cloud")).contains(row.why));
    }
  }
}

TEST_CASE("hook: it is told what to do, and has nothing of ours but a path") {
  const HookWorld world;
  CHECK(must(world.runs("#!/bin/sh\necho \"$0 $*\" >&2; env | cut -d= -f1 | sort | tr '\\n' ' ' >&2\n")) ==
        (world.folder / "cloud").native() + " start be1\nHOME LC_ALL PATH PWD SHELL ");
}

TEST_CASE("hook: what does not end well is an error, with the end of what it has said") {
  const HookWorld world;
  const auto path = (world.folder / "cloud").native();
  CHECK(refused(world.runs("#!/bin/sh\necho no such machine >&2; exit 3\n")) ==
        path + " ended with status 3: no such machine");
  CHECK(refused(world.runs("#!/bin/sh\nkill -9 $$\n")) == path + " was killed by a signal");
  CHECK(refused(world.runs("#!/bin/sh\nyes >&2\n")).contains("prints more than"));
  CHECK(refused(world.runs("#!/bin/sh\nexec tail -f /dev/null\n", std::chrono::seconds(1)))
            .contains("has not ended within"));
  CHECK(must(world.runs("#!/bin/sh\nhead -c 5000 /dev/zero | tr '\\0' x >&2; echo end >&2\n")).size() == 1000);
}

TEST_CASE("hook: a program that prints keys is one of root's, has its words and nothing else") {
  const HookWorld world;
  const auto path = (world.folder / "cloud").native();
  const auto prints = [&](const std::string& script, const std::string& arguments = "", const std::string& user = "x") {
    world.write("cloud", script);
    return run_for_keys({.command = must(parse_key_command(path + " " + arguments)),
                         .question = {.user = user, .fingerprint = "SHA256:y"},
                         .within = std::chrono::seconds(20)});
  };
  CHECK(must(prints("#!/bin/sh\nprintf '%s|' \"$@\"; env | cut -d= -f1 | sort | tr '\\n' ' '\n", "-f %f %u",
                    "$(id) b")) == "-f|SHA256:y|$(id) b|HOME LC_ALL PATH PWD SHELL ");
  CHECK(refused(prints("#!/bin/sh\necho no such user >&2; exit 1\n")) == path + " ended with status 1: no such user");
  CHECK(refused(prints("#!/bin/sh\nyes\n")).contains("prints more than"));
  CHECK(refused(run_for_keys({.command = {}, .question = {.user = "x"}, .within = std::chrono::seconds(1)})) ==
        "there is no program that prints keys");
  ::chmod(path.c_str(), 0757);
  CHECK(refused(
            run_for_keys({.command = {.words = {path}}, .question = {.user = "x"}, .within = std::chrono::seconds(1)}))
            .contains("written by others"));
}

TEST_CASE("hook: a message means one thing or nothing") {
  const KeysQuestion keys{
      .user = "alice", .fingerprint = "SHA256:y", .type = "ssh-ed25519", .base64 = "AAAA", .within = 5};
  CHECK(must(about(encode(keys))) == About::keys);
  CHECK(must(parse_keys_question(encode(keys))) == keys);
  CHECK_FALSE(parse_question(encode(keys)).has_value());
  for (const auto& wrong :
       {KeysQuestion{.user = "a", .within = 0}, KeysQuestion{.user = std::string("a\0b", 3), .within = 1},
        KeysQuestion{.user = "a", .base64 = std::string("a\0b", 3), .within = 1}}) {
    CHECK_FALSE(parse_keys_question(encode(wrong)).has_value());
  }
  CHECK_FALSE(about({}).has_value());
  const Question question{.hook = "cloud", .backend = "be1", .within = 90};
  CHECK(must(about(encode(question))) == About::hook);
  CHECK(must(parse_question(encode(question))) == question);
  CHECK_FALSE(parse_keys_question(encode(question)).has_value());
  for (const auto& wrong :
       {Question{.hook = "a", .backend = "b", .within = 0}, Question{.hook = "a", .backend = "b", .within = 3601},
        Question{.hook = std::string("a\0b", 3), .backend = "b", .within = 1}}) {
    CHECK_FALSE(parse_question(encode(wrong)).has_value());
  }
  auto longer = encode(question);
  longer.push_back(0);
  CHECK_FALSE(parse_question(longer).has_value());
  const Answer answer{.started = true, .said = "ok"};
  CHECK(must(parse_answer(encode(answer))) == answer);
  CHECK(encode(Answer{.started = false, .said = std::string(100'000, 'x')}).size() <= kLongestAnswer);
  const Start start{.hooks = "/etc/bastion/wake.d",
                    .not_even_read = {"/var/lib/bastion/identity"},
                    .key_command = "/usr/bin/keys %u"};
  CHECK(must(parse_start(encode(start))) == start);
  CHECK_FALSE(parse_answer({}).has_value());
}

}  // namespace bastion::hooks
