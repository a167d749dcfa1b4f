// A line of an admin session, as its words.
#include "bastion/admin/grammar/words.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "bastion/admin/commands/run.h"
#include "bastion/admin/remote_key.h"

namespace bastion::admin {
namespace {

using Words = std::vector<std::string>;

Words split(std::string_view line) {
  auto words = split_words(line);
  return words ? *std::move(words) : Words{"error: " + words.error().text};
}

}  // namespace

TEST_CASE("a line is split as a shell would split it") {
  CHECK(split("user list") == Words{"user", "list"});
  CHECK(split("  user\t list \r\n") == Words{"user", "list"});
  CHECK(split("").empty());
  CHECK(split(R"(a 'b c' "d e" f\ g)") == Words{"a", "b c", "d e", "f g"});
  CHECK(split(R"('' "")") == Words{"", ""});
  CHECK(split(R"(--options='command="uptime -p"')") == Words{R"(--options=command="uptime -p")"});
  CHECK(split(R"("a \"b\" \\ \n")") == Words{R"(a "b" \ \n)"});
  CHECK(split(R"('a\')") == Words{R"(a\)"});
  CHECK(split("$HOME * ;") == Words{"$HOME", "*", ";"});
}

TEST_CASE("the quotes of a key's options stay, with what stands between them") {
  CHECK(split(R"(--options restrict,command="uptime -p",pty x)") ==
        Words{"--options", R"(restrict,command="uptime -p",pty)", "x"});
  CHECK(split(R"(from="10.0.0.0/8,192.168.0.0/16" ssh-ed25519)") ==
        Words{R"(from="10.0.0.0/8,192.168.0.0/16")", "ssh-ed25519"});
  CHECK(split(R"(command="echo \"a b\"")") == Words{R"(command="echo \"a b\"")"});
  CHECK(split(R"(--options=restrict,command="a b")") == Words{R"(--options=restrict,command="a b")"});
  CHECK(split(R"(--comment="a b" x"=y z")") == Words{"--comment=a b", "x=y z"});
  CHECK(split(R"("command=\"a b\"" 'command="c d"')") == Words{R"(command="a b")", R"(command="c d")"});
  CHECK(split(R"(command="a b)") == Words{"error: a \" is not closed"});
  CHECK(split(R"(command="a\")") == Words{"error: a \" is not closed"});
}

TEST_CASE("a line that is not finished says what is missing") {
  CHECK(split("user show 'ali") == Words{"error: a ' is not closed"});
  CHECK(split("user show \"ali") == Words{"error: a \" is not closed"});
  CHECK(split("user show \\") == Words{"error: a backslash stands at the end"});
}

TEST_CASE("a key that was not quoted is one word again") {
  CHECK(join_keys(split("key add alice ssh-ed25519 AAAAC3Nz alice at home --expires 30d")) ==
        Words{"key", "add", "alice", "ssh-ed25519 AAAAC3Nz alice at home", "--expires", "30d"});
  CHECK(
      join_keys(split("user add bob --key sk-ssh-ed25519@openssh.com AAAAG --key ecdsa-sha2-nistp256 AAAAE x")) ==
      Words{"user", "add", "bob", "--key", "sk-ssh-ed25519@openssh.com AAAAG", "--key", "ecdsa-sha2-nistp256 AAAAE x"});
  CHECK(join_keys(split("user show ssh-alice")) == Words{"user", "show", "ssh-alice"});
  CHECK(join_keys(split("key list ssh-alice bob")) == Words{"key", "list", "ssh-alice", "bob"});
}

TEST_CASE("who is on another machine names no files here") {
  CHECK(read_remote_key("ssh-ed25519 AAAA").value() == "ssh-ed25519 AAAA");
  CHECK(read_remote_key("/etc/shadow").error().text.contains("cannot be read from here"));
}

TEST_CASE("only a command that is to read standard input waits for it") {
  using enum StandardInput::Kind;
  CHECK(reads_input({"key", "add", "alice", "-"}) == key);
  CHECK(reads_input({"user", "add", "alice", "--key", "-", "--json"}) == key);
  CHECK(reads_input({"apply", "--dry-run", "-"}) == document);
  CHECK(reads_input({"import", "incus", "-", "--backend", "be1"}) == document);
  CHECK(reads_input({"import", "authorized-keys", "-", "--user", "alice"}) == document);
  CHECK_FALSE(reads_input({"key", "add", "alice", "ssh-ed25519 AAAA"}));
  CHECK_FALSE(reads_input({"apply", "site.yaml"}));
  CHECK_FALSE(reads_input({"backup", "-"}));
  CHECK_FALSE(reads_input({"user", "show", "-"}));
  CHECK_FALSE(reads_input({"apply", "-", "--nonsense"}));
  CHECK_FALSE(reads_input({"key", "add"}));
  CHECK_FALSE(reads_input({"-"}));
}

}  // namespace bastion::admin
