#include "bastion/transport/host_certificate.h"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "bastion/base/base64.h"
#include "bastion/base/child_process.h"
#include "bastion/base/whole_file.h"
#include "tests/support/host_certificate_data.h"
#include "tests/support/small_world.h"

namespace bastion::transport {
namespace {

using test::HostCertificateData;
using test::must;
using test::refused;

constexpr std::int64_t kTime = 1'700'000'000;

KeyPair made(KeyPair::Kind kind) { return must(KeyPair::generate(kind)); }

// Folder with a CA and a host's key of this type, and the certificate that ssh-keygen makes of it.
struct Workshop {
  explicit Workshop(const std::string& key_type = "ed25519", const std::string& ca_type = "ed25519") {
    keygen({"-q", "-t", ca_type, "-N", "", "-f", folder / "ca"});
    keygen({"-q", "-t", key_type, "-N", "", "-f", folder / "host"});
  }
  void keygen(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "ssh-keygen");
    const auto ran = must(run_child({.arguments = arguments, .longest = 4096, .within = std::chrono::seconds{30}}));
    REQUIRE_MESSAGE(ran.status == 0, ran.err);
  }
  // `ssh-keygen -s CA -I id` and these.
  ByteVector certificate(std::vector<std::string> arguments) {
    const std::vector<std::string> first{"-q", "-s", folder / "ca", "-I", "id"};
    arguments.insert(arguments.begin(), first.begin(), first.end());
    arguments.push_back(folder / "host.pub");
    keygen(arguments);
    return blob_in("host-cert.pub");
  }
  ByteVector blob_in(const std::string& file) {
    const auto line = must(read_whole_file(folder / file, 65536, Waiting::refused));
    const auto begin = line.find(' ') + 1;
    const auto decoded = decode_base64(line.substr(begin, line.find_first_of(" \n", begin) - begin));
    REQUIRE(decoded);
    return {decoded->begin(), decoded->end()};
  }
  test::TemporaryFolder folder;
};

}  // namespace

TEST_CASE("a host certificate that ssh-keygen has made is read, with keys of every type and CAs of every type") {
  for (const std::string key_type : {"ed25519", "ecdsa", "rsa"}) {
    for (const std::string ca_type : {"ed25519", "ecdsa", "rsa"}) {
      CAPTURE(key_type);
      CAPTURE(ca_type);
      Workshop workshop(key_type, ca_type);
      const auto blob = workshop.certificate({"-h", "-n", "web.example,10.1.1.5", "-z", "42"});
      CHECK(is_certificate(blob));
      const auto certificate = must(parse_host_certificate(blob));
      CHECK(certificate.key.blob == workshop.blob_in("host.pub"));
      CHECK(certificate.ca.blob == workshop.blob_in("ca.pub"));
      CHECK(certificate.serial == 42);
      CHECK(certificate.key_id == "id");
      CHECK(certificate.principals == std::vector<std::string>{"web.example", "10.1.1.5"});
      CHECK_FALSE(objection(certificate, "web.example", kTime));
      CHECK_FALSE(objection(certificate, "10.1.1.5", kTime));
      // As ssh-keygen -l prints it.
      CHECK(fingerprint(blob) == fingerprint(certificate.key.blob));
    }
  }
}

TEST_CASE("each mistake that can be made with ssh-keygen keeps a host certificate from counting") {
  struct Mistake {
    std::vector<std::string> arguments;
    std::string says;
  };
  for (const auto& [arguments, says] : std::vector<Mistake>{
           {{"-n", "web"}, "it is no certificate of a host"},
           {{"-h"}, "it names no host"},
           {{"-h", "-n", "db"}, "it is for db, and not for web"},
           {{"-h", "-n", "we*"}, "it is for we*, and not for web"},
           {{"-h", "-n", "WEB"}, "it is for WEB, and not for web"},
           {{"-h", "-n", "a,b,c,d,e"}, "it is for a, b, c, d, …, and not for web"},
           {{"-h", "-n", "web", "-V", "20200101Z:20210101Z"}, "it has expired at 2021-01-01T00:00:00Z"},
           {{"-h", "-n", "web", "-V", "20900101Z:20910101Z"}, "it begins at 2090-01-01T00:00:00Z"},
           {{"-h", "-n", "web", "-O", "critical:why@example.com=not"},
            "it has a critical option, and there is none for hosts"},
       }) {
    CAPTURE(says);
    Workshop workshop;
    const auto blob = workshop.certificate(arguments);
    const auto certificate = parse_host_certificate(blob);
    const auto why = certificate ? objection(*certificate, "web", kTime) : certificate.error();
    REQUIRE(why);
    CHECK(why->text == says);
    // The key itself may be pinned.
    CHECK(must(key_in_certificate(blob)).blob == workshop.blob_in("host.pub"));
  }
  Workshop workshop("ed25519", "rsa");
  const auto sha1 = parse_host_certificate(workshop.certificate({"-h", "-n", "web", "-t", "ssh-rsa"}));
  CHECK(refused(sha1) == "it is signed with ssh-rsa, which is not accepted");
  const auto extended = workshop.certificate({"-h", "-n", "web", "-O", "extension:note@example.com=this"});
  CHECK_FALSE(objection(must(parse_host_certificate(extended)), "web", kTime));
}

TEST_CASE("a host certificate counts from its first second to the one before its last") {
  const auto ca = made(KeyPair::Kind::ed25519);
  HostCertificateData data{.key = made(KeyPair::Kind::ed25519).public_key()};
  data.valid_after = 100;
  data.valid_before = 200;
  const auto certificate = must(parse_host_certificate(data.signed_by(ca)));
  for (const auto& [now, counts] : {std::pair{99, false}, {100, true}, {199, true}, {200, false}, {-1, false}}) {
    CAPTURE(now);
    CHECK(objection(certificate, "web", now).has_value() != counts);
  }
  CHECK(objection(certificate, "", 150));
  data.valid_before = 1ULL << 63;
  CHECK_FALSE(objection(must(parse_host_certificate(data.signed_by(ca))), "web", kTime));
}

TEST_CASE("a host certificate that is not made as one is refused, and so is each of its bits that is turned") {
  const auto ca = made(KeyPair::Kind::ed25519);
  const auto rsa_ca = made(KeyPair::Kind::rsa);
  const auto key = made(KeyPair::Kind::ed25519).public_key();
  const auto spoilt = [&](const std::function<void(HostCertificateData&)>& spoil) {
    HostCertificateData data{.key = key};
    spoil(data);
    return data.signed_by(ca);
  };
  const auto says = [](const ByteVector& blob) { return refused(parse_host_certificate(blob)); };
  must(parse_host_certificate(spoilt([](auto&) {})));
  CHECK(says({}) == "it is no certificate");
  CHECK(says(key.blob) == "it is no certificate");
  CHECK(says(spoilt([](auto& data) { data.type = "ssh-dss-cert-v01@openssh.com"; })) ==
        "it is for a key of no type that is accepted");
  CHECK(says(spoilt([](auto& data) { data.type = "sk-ssh-ed25519@openssh.com-cert-v01@openssh.com"; })) ==
        "it is for a key of no type that is accepted");
  CHECK(says(spoilt([](auto& data) { data.behind = "more"; })) == "it is malformed");
  CHECK(says(spoilt([](auto& data) { data.behind_signature = "more"; })) == "it is malformed");
  CHECK(says(spoilt([](auto& data) { data.extensions = "half"; })) == "it is malformed");
  CHECK(says(spoilt([](auto& data) { data.key.blob.resize(data.key.blob.size() - 1); })).size() > 0);
  CHECK(says(spoilt([](auto& data) { data.key_id = std::string(kLargestCertificate, 'x'); })) == "it is too large");
  CHECK(says(spoilt([](auto& data) { data.principals = std::vector<std::string>(kMostPrincipals + 1, "w"); })) ==
        "it is malformed");
  HostCertificateData by_sha1{.key = key};
  by_sha1.algorithm = "ssh-rsa";
  CHECK(says(by_sha1.signed_by(rsa_ca)) == "it is signed with ssh-rsa, which is not accepted");
  by_sha1.algorithm = "rsa-sha2-256";
  must(parse_host_certificate(by_sha1.signed_by(rsa_ca)));

  const auto whole = spoilt([](auto&) {});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(parse_host_certificate(Bytes(whole).first(size)));
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    CAPTURE(at);
    auto turned = whole;
    turned[at] ^= 1U << (at % 8);
    CHECK_FALSE(parse_host_certificate(turned));
  }
}

TEST_CASE("keys that are too small or too slow are no better for being certified, and no CA's") {
  const auto ca = made(KeyPair::Kind::ed25519);
  const auto rsa = [](std::size_t bytes, std::string_view exponent) {
    WireWriter blob;
    std::string modulus(bytes, '\x7f');
    blob.string(std::string_view{"ssh-rsa"}).string(exponent).string(modulus);
    return PublicKey{.type = "ssh-rsa", .blob = blob.take()};
  };
  CHECK(refused(parse_host_certificate(HostCertificateData{.key = rsa(128, "\x03")}.signed_by(ca)))
            .starts_with("an RSA key needs 2048 bits"));
  CHECK(refused(parse_host_certificate(HostCertificateData{.key = rsa(264, "\x03\x03\x03\x03\x03")}.signed_by(ca)))
            .starts_with("the exponent of the RSA key is too large"));
  CHECK(refused(parse_host_certificate(HostCertificateData{.key = rsa(4096, "\x03")}.signed_by(ca)))
            .starts_with("an RSA key may have 16384 bits"));
}

}  // namespace bastion::transport
