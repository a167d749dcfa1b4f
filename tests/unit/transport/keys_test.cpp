#include "bastion/transport/keys.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <string>

#include "bastion/base/wire_format.h"
#include "tests/support/small_world.h"
#include "tests/support/temporary_folder.h"

namespace bastion::transport {
namespace {

// From ssh-keygen, with the fingerprints it prints.
struct Known {
  std::string_view type;
  std::string_view base64;
  std::string_view fingerprint;
};
constexpr Known kKnown[] = {
    {"ssh-ed25519", "AAAAC3NzaC1lZDI1NTE5AAAAINoSe10rvKZI06Sh2wyChXbF1jZwnvS6S0/UnOX3+9eK",
     "SHA256:PqqJIy9X4QDFpnNzsJ8NmzecledHJ3m8MT+5wTpQfTQ"},
    {"ecdsa-sha2-nistp256",
     "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBNrAHhvO8J8eN1xTwR7PmenwPEruC8XDtqGNfn379myTKuhYWt3wi49D0Qiut"
     "D1QJfFcfhpxlv9RrfOn6SwY4+Y=",
     "SHA256:utgjftoNgTvUSvzDLOdmpjNoQVAP0RuFGczePJg2LOM"},
    {"ecdsa-sha2-nistp384",
     "AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBBom8/5pQqc6oNpVzh3VJY3Th58upB1OVpWH721bvt3RmdHXLJ/"
     "TcoByeo+uwNn64e1Lt1Iesg9QS+Gr3cYRMTuYKoF2bd5fzzYqlOg1oBVMYlD8GKvpCLkcUG+v4zY8uA==",
     "SHA256:po1RUqo7XWNuVTj9ofbewpFT4Aj8cSuMgDG9lGicjwM"},
    {"ecdsa-sha2-nistp521",
     "AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAEYUPi1OSZ82MndUQvJrQ3zOwW6Umd9ABdNl3GueXi0gSudQ61HPFqiAj+"
     "Mwr8qOari+TDNbzfgNxVV1grQSTsrlwBOmk+xEdCQ14WIyikD7qbOKELDXU1TSHTmA8/"
     "R30wSamrQ440BrIqBcko+INxuK50FnGv4ULOqFaX1SuzaAP278Q==",
     "SHA256:3c7j+Jf1CqKYnhpxlAUx+f5Yw354CDul6FpwVrGJzHg"},
    {"ssh-rsa",
     "AAAAB3NzaC1yc2EAAAADAQABAAABAQC2FCBtk1wSf2cA0pLj09qZkFoiiRWyXN4QjJbLeffR4HSbQ2bF/"
     "QmVqBXSp7i8uDW2ugC1D2DM52FHfZjozeRhF/vQtwG2LK3Z/aKZFs/taix+XljR7UH+S4h6XSsWejwvO/"
     "XOZVZPVfa0A8AHOPSqp6MdoRz1MRNC36ucrpEdKk3OoVg4CUwzgO1DeAewwmYlcoGtpfpObONa0a5/Eehj4/"
     "erBpbWM1srsptV5odWAh2f21HA9IltrNffB7VsRACPgE3SVNHr8Vr8Uj8BkijXyQ4vRi+dUtFc/"
     "a3ByCF9Z1dchMHccHBZK9tCk+i3fEfOs47RDB+2rMl05NFpzx3Z",
     "SHA256:YeH5WZEenXQC8q0nvzsqnbbS74rhLF3ft2vn5FVUlhA"},
    {"sk-ssh-ed25519@openssh.com",
     "AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAINoSe10rvKZI06Sh2wyChXbF1jZwnvS6S0/UnOX3+9eKAAAABHNzaDo=",
     "SHA256:i6H4/LlUtczP1jcSvc1jLTuGhI6efTM3iPohelotqKg"},
    {"sk-ecdsa-sha2-nistp256@openssh.com",
     "AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZAb3BlbnNzaC5jb20AAAAIbmlzdHAyNTYAAABBBNrAHhvO8J8eN1xTwR7PmenwPEruC8XDtqGNfn379"
     "myTKuhYWt3wi49D0QiutD1QJfFcfhpxlv9RrfOn6SwY4+YAAAAEc3NoOg==",
     "SHA256:ZgsTbNVMoe5x9ZF/jjlIbPC+B3Wr6G79P7/ia5JXjf8"},
};

std::string refusal(std::string_view line) {
  const auto parsed = parse_public_key(line);
  REQUIRE_FALSE(parsed.has_value());
  return parsed.error().text;
}

std::string why_not(const PublicKey& key) {
  const auto why = objection(key);
  return why ? why->text : std::string();
}

std::string line_of(const Known& known) { return std::string(known.type) + " " + std::string(known.base64); }

}  // namespace

TEST_CASE("every kind of key is read, fingerprinted and written again") {
  for (const auto& known : kKnown) {
    CAPTURE(known.type);
    const auto parsed = parse_public_key(" " + line_of(known) + "  alice at home \r\n");
    REQUIRE_MESSAGE(parsed.has_value(), parsed.error().text);
    CHECK(parsed->key.type == known.type);
    CHECK(parsed->comment == "alice at home");
    CHECK(fingerprint(parsed->key.blob) == known.fingerprint);
    CHECK(to_line(parsed->key, "") == line_of(known));
    CHECK(public_key_from_blob(parsed->key.blob) == parsed->key);
    CHECK(parse_public_key(line_of(known))->comment.empty());
  }
}

TEST_CASE("what is no public key is refused with what would be right") {
  const auto good = line_of(kKnown[0]);
  CHECK(refusal("").starts_with("this is not a public key"));
  CHECK(refusal("hello world").starts_with("this is not a public key"));
  CHECK(refusal("ssh-dss AAAAB3NzaC1kc3M=").starts_with("DSA keys are not accepted any more"));
  CHECK(refusal("ssh-ed25519-cert-v01@openssh.com AAAA").starts_with("this is a certificate"));
  CHECK(
      refusal("ssh-rsa "
              "AAAAB3NzaC1yc2EAAAADAQABAAAAgQCsyf2gYvdGFrIwuHM5vQM4CFckX9cPbWQCJX4KdUqGD6pPWrHLlWtGGH85IpcTZ03cPUeQfqDX"
              "0vOQdH5gQXl9l8cWUCuPYiwdo/MhFjQht1QyXVO8vl0bBDlPa1GTijs7p50ZL9IRFE0gScfHyIfILhOYxwlNIoDqP0pGeFoRFw==")
          .starts_with("an RSA key needs 2048 bits"));
  CHECK(refusal("ssh-ed25519").starts_with("the key is damaged"));
  CHECK(refusal("ssh-ed25519 AAAA").starts_with("the key is damaged"));
  CHECK(refusal(good.substr(0, good.size() - 8)).starts_with("the key is damaged"));
  CHECK(refusal("ssh-rsa " + std::string(kKnown[0].base64)).starts_with("the key is damaged"));
  CHECK(refusal(good + " me\n" + good) == "this is more than one line: give one key");
}

TEST_CASE("every kind of key that is accepted may be computed with") {
  for (const auto& known : kKnown) {
    CAPTURE(known.type);
    CHECK(why_not(parse_public_key(line_of(known))->key).empty());
  }
}

TEST_CASE("nothing is computed with a key that a stranger has made costly, or that is none") {
  const auto number = [](std::size_t bits) {
    ByteVector bytes((bits + 7) / 8, 0xff);
    bytes[0] = static_cast<std::uint8_t>(0xff >> (8 * bytes.size() - bits));
    if ((bytes[0] & 0x80) != 0) bytes.insert(bytes.begin(), 0);
    return bytes;
  };
  const auto rsa = [](const ByteVector& exponent, const ByteVector& modulus) {
    WireWriter blob;
    blob.string(std::string_view{"ssh-rsa"}).string(exponent).string(modulus);
    return PublicKey{.type = "ssh-rsa", .blob = blob.take()};
  };
  const ByteVector usual{1, 0, 1};
  CHECK_FALSE(objection(rsa(usual, number(2048))));
  CHECK_FALSE(objection(rsa(usual, number(16384))));
  CHECK_FALSE(objection(rsa({3}, number(3072))));
  CHECK_FALSE(objection(rsa(number(32), number(3072))));

  CHECK(why_not(rsa(usual, number(16385))) == "an RSA key may have 16384 bits at most");
  CHECK(why_not(rsa(usual, number(2047))).starts_with("an RSA key needs 2048 bits"));
  CHECK(why_not(rsa(number(33), number(3072))).starts_with("the exponent of the RSA key is too large"));
  CHECK(why_not(rsa(number(3064), number(3072))).starts_with("the exponent of the RSA key is too large"));
  const ByteVector none;
  for (const auto& exponent : {none, ByteVector{0}, ByteVector{1}, ByteVector{2}, ByteVector{1, 0, 0}, ByteVector{0xff},
                               ByteVector{0, 1, 0, 1}}) {
    CHECK(why_not(rsa(exponent, number(3072))).starts_with("the key is damaged"));
  }
  for (const auto& modulus : {none, ByteVector{0}, ByteVector(384, 0xff), ByteVector(385, 0)}) {
    CHECK(why_not(rsa(usual, modulus)).starts_with("the key is damaged"));
  }
}

TEST_CASE("a key is of its type, whole, and nothing more") {
  for (const auto& known : kKnown) {
    CAPTURE(known.type);
    const auto whole = parse_public_key(line_of(known))->key;
    for (std::size_t size = 0; size < whole.blob.size(); ++size) {
      CHECK(
          objection({.type = whole.type, .blob = {whole.blob.begin(), whole.blob.begin() + static_cast<long>(size)}}));
    }
    auto longer = whole;
    longer.blob.push_back(0);
    CHECK(objection(longer));
    CHECK(objection({.type = "ssh-dss", .blob = whole.blob}));
    for (const auto& other : kKnown) {
      if (other.type != known.type) CHECK(objection({.type = std::string(other.type), .blob = whole.blob}));
    }
  }
  WireWriter other_curve;
  other_curve.string(std::string_view{"ecdsa-sha2-nistp256"}).string(std::string_view{"nistp384"});
  other_curve.string(ByteVector(97, 4));
  CHECK(objection({.type = "ecdsa-sha2-nistp256", .blob = other_curve.take()}));
  WireWriter compressed;
  compressed.string(std::string_view{"ecdsa-sha2-nistp256"}).string(std::string_view{"nistp256"});
  compressed.string(ByteVector(65, 2));
  CHECK(objection({.type = "ecdsa-sha2-nistp256", .blob = compressed.take()}));
}

TEST_CASE("a private key that was given by mistake is not repeated") {
  const auto text = refusal("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n");
  CHECK(text.starts_with("this is a private key"));
  CHECK(text.find("b3Bl") == std::string::npos);
}

TEST_CASE("a key pair that was made is saved for its owner alone, and loaded again") {
  const test::TemporaryFolder folder;
  for (const auto kind : {KeyPair::Kind::ed25519, KeyPair::Kind::ecdsa, KeyPair::Kind::rsa}) {
    const auto file = folder / std::to_string(static_cast<int>(kind));
    const auto pair = KeyPair::generate(kind);
    REQUIRE(pair.has_value());
    REQUIRE(pair->save(file).has_value());
    CHECK(test::TemporaryFolder::read(file).starts_with("-----BEGIN OPENSSH PRIVATE KEY-----"));
    struct stat status{};
    REQUIRE(::stat(file.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    const auto loaded = KeyPair::load(file);
    REQUIRE(loaded.has_value());
    CHECK(loaded->public_key() == pair->public_key());
    CHECK_FALSE(pair->save(file).has_value());
    ::chmod(file.c_str(), 0640);
    CHECK(KeyPair::load(file).error().text.ends_with("others may read this private key; chmod 600 it"));
  }
}

TEST_CASE("a file of a key has either half, or the public one beside its name") {
  const test::TemporaryFolder folder;
  const auto pair = test::must(KeyPair::generate(KeyPair::Kind::ecdsa));
  const auto line = to_line(pair.public_key(), "a comment") + "\n";
  const auto write = [&](const char* name, const std::string& text) { std::ofstream(folder / name) << text; };
  const auto load = [&](const char* name) { return KeyPair::load_either_half(folder / name); };
  write("public", line);
  write("beside.pub", line);
  test::must(pair.save(folder / "private"));
  write("private.pub", to_line(test::must(KeyPair::generate(KeyPair::Kind::ed25519)).public_key(), ""));
  for (const auto* const name : {"public", "beside"}) {
    const auto loaded = test::must(load(name));
    CHECK(loaded.is_elsewhere());
    CHECK(loaded.public_key() == pair.public_key());
  }
  const auto loaded = test::must(load("private"));
  CHECK_FALSE(loaded.is_elsewhere());
  CHECK(loaded.public_key() == pair.public_key());

  write("two", line + line);
  write("none.pub", "ssh-ed25519 AAAA");
  write("touched",
        "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIBERERERERERERERERERERERERERERERERERER"
        "ERERERAAAABHNzaDo=\n");
  write("empty", "");
  CHECK(test::refused(load("two")).ends_with("two: others may read this private key; chmod 600 it"));
  CHECK(test::refused(load("none")).contains("none.pub: "));
  CHECK(test::refused(load("touched")).contains("touched: "));
  CHECK(test::refused(load("missing")).ends_with("missing: No such file or directory"));
  CHECK(test::refused(load("empty")).contains("empty: "));
}

}  // namespace bastion::transport
