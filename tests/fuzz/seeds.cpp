// Writes the first inputs of every target into FOLDER/TARGET/: what honest peers say, for the fuzzers to spoil.
//
//   fuzz_seeds FOLDER
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "bastion/admin/commands/commands.h"
#include "bastion/admin/manifest/yaml.h"
#include "bastion/base/wire_format.h"
#include "bastion/connection/message.h"
#include "bastion/launcher/messages.h"
#include "bastion/transport/certificate.h"
#include "bastion/transport/keys.h"
#include "tests/support/command_world.h"
#include "tests/support/host_certificate_data.h"
#include "tests/support/sftp_packets.h"
#include "tests/support/signed_data.h"
#include "tests/support/usual_words.h"

namespace {

using bastion::Bytes;
using bastion::bytes_of;
using bastion::ByteVector;
using bastion::WireWriter;
using namespace bastion::connection;

class Corpus {
 public:
  explicit Corpus(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
  }
  void add(Bytes seed) {
    std::ofstream out(folder_ / ("seed" + std::to_string(count_++)), std::ios::binary);
    out.write(reinterpret_cast<const char*>(seed.data()), static_cast<std::streamsize>(seed.size()));
  }
  void add(std::string_view seed) { add(bytes_of(seed)); }

 private:
  std::filesystem::path folder_;
  int count_ = 0;
};

// A script (script.h) in the making.
class Steps {
 public:
  Steps& step(std::uint8_t what, Bytes details = {}) {
    bytes_.u8(what).u8(static_cast<std::uint8_t>(details.size())).raw(details);
    return *this;
  }
  Steps& step(std::uint8_t what, std::initializer_list<std::uint8_t> details) {
    return step(what, Bytes{details.begin(), details.size()});
  }
  Steps& step(std::uint8_t what, const Message& message) {
    const auto packet = encode(message);
    return step(what, Bytes{packet});
  }
  [[nodiscard]] Bytes bytes() const { return bytes_.view(); }

 private:
  WireWriter bytes_;
};

// One of each message of the connection protocol.
std::vector<Message> one_of_each() {
  const auto payload = bytes_of("payload");
  return {GlobalRequest{"tcpip-forward", true, payload},
          RequestSuccess{payload},
          RequestFailure{},
          ChannelOpen{"session", 1, 2, 3, payload},
          ChannelOpenConfirmation{1, 2, 3, 4, payload},
          ChannelOpenFailure{1, OpenFailureCode::connect_failed, "no"},
          ChannelWindowAdjust{1, 2},
          ChannelData{1, payload},
          ChannelExtendedData{1, kStderr, payload},
          ChannelEof{1},
          ChannelClose{1},
          ChannelRequest{1, "exec", true, payload},
          ChannelSuccess{1},
          ChannelFailure{1}};
}

void agent_messages(Corpus corpus) {
  const auto answer = [&](const WireWriter& message) {
    WireWriter out;
    corpus.add(out.string(message.view()).view());
    corpus.add(message.view());
  };
  WireWriter keys;
  answer(keys.u8(12).u32(2).string("key1").string("comment").string("key2").string(""));
  WireWriter signature;
  answer(signature.u8(14).string("signature"));
  WireWriter success;
  answer(success.u8(6));
  WireWriter failure;
  answer(failure.u8(5));
}

void codec(Corpus corpus) {
  for (const auto& message : one_of_each()) corpus.add(encode(message));
}

// Every row of the table with what it needs, then with each of its other words and options; and a document for each
// that reads one.
void command_line(Corpus corpus) {
  using namespace bastion::admin;
  const auto add = [&](const bastion::test::Words& words, std::string input) {
    std::string line;
    for (const auto& word : words) line += (line.empty() ? "" : " ") + word;
    const std::string mark = "KEY";
    for (auto at = input.find(mark); at != std::string::npos; at = input.find(mark)) {
      input.replace(at, mark.size(), bastion::test::CommandWorld::kKey);
    }
    corpus.add(line + "\n" + input);
  };
  for (const auto& command : commands()) {
    add(bastion::test::words_of(command.words), "");
    for (const auto& parameter : command.parameters) {
      auto words = bastion::test::usual_words(command, parameter, bastion::test::usual_value(command, parameter));
      add(words, "KEY");
      words.emplace_back("--json");
      add(words, "KEY");
      if (!parameter.is_document()) continue;
      for (const auto* const document : {bastion::test::kManifest, bastion::test::kInstances, bastion::test::kPipes}) {
        add(words, document);
        add(words, to_yaml(nlohmann::ordered_json::parse(document)));
      }
    }
  }
  add({"import", "ssh-config", "-"},
      "Host jump\n  HostName 10.9.9.9\n  User hop\nHost box\n  HostName 10.0.9.9\n"
      "  User petra\n  ProxyJump jump\n");
  add({"import", "authorized-keys", "-", "--user", "petra"}, "# hers\nrestrict,pty KEY\nKEY\n");
  add({"import", "incus", "--backend", "be1", "--merge"}, bastion::test::kInstances);
  add({"apply", "-", "--dry-run"}, R"({"version":1,"users":[{"name":"a","idle_timeout":1e309}]})");
}

void wire_format(Corpus corpus) {
  WireWriter seed;
  seed.u8(4).u8(0).u8(1).u8(2).u8(3).u8(7).u32(7).string(std::string_view{"string"}).raw(bytes_of("rest"));
  corpus.add(seed.view());
}

void target(Corpus corpus) {
  for (const std::string_view text : {"alice", "alice+web", "alice+bob/web.2", "a-b_c.9+d/e", "+", "alice+../etc"}) {
    corpus.add(text);
  }
}

WireWriter userauth(std::string_view method) {
  WireWriter out;
  out.u8(50).string(std::string_view{"alice"}).string(std::string_view{"ssh-connection"}).string(method);
  return out;
}

ByteVector ed25519_request(bool is_signed, std::string_view algorithm = "ssh-ed25519") {
  const auto key = bastion::transport::KeyPair::generate(bastion::transport::KeyPair::Kind::ed25519);
  auto request = userauth("publickey");
  request.boolean(is_signed).string(algorithm).string(key->public_key().blob);
  WireWriter signature;
  signature.string(algorithm).string(ByteVector(64, 's'));
  if (is_signed) request.string(signature.view());
  return request.take();
}

// Behind the key exchange: messages as they are.
void authentication(Corpus corpus) {
  WireWriter service;
  service.u8(5).string(std::string_view{"ssh-userauth"});
  Steps usual;
  usual.step(0, service.view()).step(0, userauth("none").view()).step(0, ed25519_request(false));
  usual.step(0, ed25519_request(true));
  corpus.add(usual.bytes());
  Steps odd;
  odd.step(0, ed25519_request(true))
      .step(0, service.view())
      .step(0, service.view())
      .step(0, ed25519_request(true, "x"));
  for (const auto& message : one_of_each()) odd.step(0, message);
  for (const auto number : ByteVector{1, 2, 3, 4, 6, 7, 20, 21, 30, 31, 51, 52, 53, 60, 61, 192, 255}) {
    odd.step(0, {number, 0, 0, 0, 1, 0, 0, 0, 0});
  }
  corpus.add(odd.bytes());
}

void userauth_request(Corpus corpus) {
  constexpr std::string_view kType = "sk-ssh-ed25519@openssh.com";
  WireWriter blob;
  blob.string(kType).string(std::string_view{"key"});
  WireWriter signature;
  signature.string(kType).string(std::string_view{"signature"}).u8(1).u32(7);
  corpus.add(userauth("none").view());
  corpus.add(userauth("publickey").boolean(false).string(kType).string(blob.view()).view());
  corpus.add(userauth("publickey").boolean(true).string(kType).string(blob.view()).string(signature.view()).view());
  corpus.add(userauth("publickey-hostbound-v00@openssh.com")
                 .boolean(true)
                 .string(kType)
                 .string(blob.view())
                 .string(std::string_view{"host key"})
                 .string(signature.view())
                 .view());
  using bastion::transport::KeyPair;
  bastion::test::HostCertificateData certificate{
      .key = KeyPair::generate(KeyPair::Kind::ed25519)->public_key(), .kind = 1, .principals = {"alice"}};
  corpus.add(userauth("publickey")
                 .boolean(false)
                 .string(std::string_view{"ssh-ed25519-cert-v01@openssh.com"})
                 .string(certificate.signed_by(*KeyPair::generate(KeyPair::Kind::ed25519)))
                 .view());
}

void public_key(Corpus corpus) {
  using bastion::transport::KeyPair;
  for (const auto kind : {KeyPair::Kind::ed25519, KeyPair::Kind::ecdsa, KeyPair::Kind::rsa}) {
    corpus.add(bastion::transport::to_line(KeyPair::generate(kind)->public_key(), "alice@laptop"));
  }
  corpus.add("ssh-dss AAAA");
  corpus.add("ssh-ed25519-cert-v01@openssh.com AAAA");
  corpus.add("-----BEGIN OPENSSH PRIVATE KEY-----");
}

void host_certificate(Corpus corpus) {
  using bastion::transport::KeyPair;
  for (const auto kind : {KeyPair::Kind::ed25519, KeyPair::Kind::ecdsa, KeyPair::Kind::rsa}) {
    bastion::test::HostCertificateData data{.key = KeyPair::generate(kind)->public_key()};
    corpus.add(data.signed_by(*KeyPair::generate(kind)));
    data.principals = {"another name", "web"};
    data.valid_before = 1'800'000'000;
    data.algorithm = kind == KeyPair::Kind::rsa ? "rsa-sha2-512" : "";
    corpus.add(data.signed_by(*KeyPair::generate(kind)));
  }
}

// A line of authorized_keys, the user's options, and a host.
void policy(Corpus corpus) {
  corpus.add("restrict,pty,permitopen=\"db:5432\",permitopen=\"[fd00::1]:*\" ssh-ed25519 AAAA\nno-pty\ndb");
  corpus.add(
      "from=\"10.0.0.0/8,!10.1.0.0/16,fd00::/8,192.0.2.*\",expiry-time=\"20301231Z\"\nlocal-forwarding\n10.0.0.1");
  corpus.add(
      "command=\"echo \\\"hi\\\"\",permitlisten=\"*.example:8080\",permitlisten=\"9\"\ncommand=\"ls\"\na.example");
  corpus.add("no-port-forwarding,no-X11-forwarding,no-agent-forwarding,user-rc\nrestrict,port-forwarding\n");
}

// As RFC 4253 section 7.1 has it, in the pieces of a script.
void handshake(Corpus corpus) {
  WireWriter kexinit;
  kexinit.u8(20).raw(ByteVector(16, 'c')).string(std::string_view{"curve25519-sha256,ext-info-c"});
  kexinit.string(std::string_view{"ssh-ed25519"});
  for (int i = 0; i < 2; ++i) kexinit.string(std::string_view{"aes256-gcm@openssh.com"});
  for (int i = 0; i < 2; ++i) kexinit.string(std::string_view{"hmac-sha2-256"});
  for (int i = 0; i < 2; ++i) kexinit.string(std::string_view{"none"});
  for (int i = 0; i < 2; ++i) kexinit.string(std::string_view{});
  kexinit.boolean(false).u32(0);
  const auto packet = [](Bytes payload) {
    const auto padding = 8 - (payload.size() + 5) % 8 + 8;
    WireWriter out;
    out.u32(static_cast<std::uint32_t>(payload.size() + padding + 1)).u8(static_cast<std::uint8_t>(padding));
    out.raw(payload).raw(ByteVector(padding, 0));
    return out.take();
  };
  WireWriter ecdh;
  ecdh.u8(30).string(ByteVector(32, 9));
  const auto in_pieces = [](Steps& steps, Bytes bytes) {
    for (; !bytes.empty(); bytes = bytes.subspan(std::min<std::size_t>(bytes.size(), 200))) {
      steps.step(0, bytes.first(std::min<std::size_t>(bytes.size(), 200)));
    }
  };
  Steps steps;
  steps.step(0, bytes_of("SSH-2.0-OpenSSH_9.2\r\n"));
  in_pieces(steps, packet(kexinit.view()));
  in_pieces(steps, packet(ecdh.view()));
  corpus.add(steps.bytes());
  Steps odd;
  odd.step(0, bytes_of("hello\r\nSSH-2.0-x\n"));
  for (const auto number : ByteVector{1, 2, 3, 4, 5, 6, 7, 21, 50, 80, 90, 192, 255}) {
    in_pieces(odd, packet(ByteVector{number, 0, 0, 0, 0, 0, 0, 0, 0}));
  }
  corpus.add(odd.bytes());
}

// The moves of mux.cpp, by number.
void mux(Corpus corpus) {
  Steps steps;
  steps.step(0).step(1, ChannelOpenConfirmation{0, 7, 1000, 100, {}}).step(3, {0, 20, 20}).step(2, {0, 255, 255});
  steps.step(1, ChannelWindowAdjust{0, 5000}).step(7).step(3, {0, 9, 9}).step(8).step(4, {0}).step(2, {0, 99, 99});
  steps.step(5, {0}).step(1, ChannelRequest{0, "exit-status", true, {}}).step(1, ChannelEof{0});
  steps.step(1, ChannelClose{0}).step(6, {0});
  corpus.add(steps.bytes());
  Steps refused;
  refused.step(0).step(0).step(1, ChannelOpenFailure{0, OpenFailureCode::connect_failed, "refused"}).step(6, {0});
  refused.step(6, {0}).step(1, ChannelOpenConfirmation{1, 3, 10, 10, {}}).step(1, ChannelClose{1});
  refused.step(1, GlobalRequest{"keepalive@openssh.com", true, {}}).step(9).step(1, RequestFailure{});
  refused.step(1, ChannelOpen{"x11", 4, 5, 6, {}});
  corpus.add(refused.bytes());
  Steps command;
  command.step(0, {1}).step(1, ChannelOpenConfirmation{0, 7, 1000, 100, {}}).step(3, {0}).step(1, ChannelSuccess{0});
  command.step(2, {0, 200, 200}).step(1, ChannelExtendedData{0, kStderr, bytes_of("careful")});
  const ByteVector status{0, 0, 0, 1};
  command.step(1, ChannelRequest{0, "exit-status", false, status}).step(1, ChannelEof{0}).step(1, ChannelClose{0});
  corpus.add(command.bytes());
}

// The moves of link_mux.cpp, by number, which are those of mux.cpp.
void link_mux(Corpus corpus) {
  const auto forward = [](std::string_view what, std::string_view host, std::uint32_t port) {
    WireWriter where;
    where.string(host).u32(port);
    return encode(GlobalRequest{what, true, where.view()});
  };
  Steps link;
  link.step(0).step(1, forward("tcpip-forward", "localhost", 22)).step(0);
  link.step(1, ChannelOpenConfirmation{0, 7, 1000, 100, {}}).step(3, {0, 20, 20}).step(2, {0, 255, 255});
  link.step(1, ChannelWindowAdjust{0, 5000}).step(9).step(1, RequestFailure{}).step(1, ChannelEof{0});
  link.step(1, ChannelClose{0}).step(6, {0}).step(0).step(6, {0});
  link.step(1, forward("cancel-tcpip-forward", "localhost", 22)).step(0);
  corpus.add(link.bytes());
  Steps others;
  others.step(1, forward("tcpip-forward", "", 0)).step(1, forward("tcpip-forward", "localhost", 23));
  others.step(1, forward("streamlocal-forward@openssh.com", "/tmp/x", 0)).step(1, ChannelOpen{"session", 1, 2, 3, {}});
  others.step(1, GlobalRequest{"hostkeys-prove-00@openssh.com", true, bytes_of("key")});
  others.step(1, forward("cancel-tcpip-forward", "", 23)).step(1, forward("cancel-tcpip-forward", "", 22));
  corpus.add(others.bytes());
}

// Of sftp.cpp: even steps are what a client says.
void sftp(Corpus corpus) {
  using namespace bastion::sftp;
  Steps files;
  files.step(0, init_packet(kVersion)).step(1, packet_of(Type::version, kVersion));
  files.step(0, open_packet(1, "/etc/passwd", kOpenRead)).step(1, handle_packet(1, "h"));
  files.step(0, read_packet(2, "h", 0, 100)).step(1, data_packet(2, "root:x:0:0")).step(0, read_packet(3, "h", 10, 9));
  files.step(1, status_packet(3, kEof)).step(0, request_packet(Type::close, 4, {"h"})).step(1, status_packet(4, kOk));
  files.step(0, open_packet(5, "new", kOpenWrite | kOpenCreate)).step(1, handle_packet(5, "i"));
  files.step(0, write_packet(6, "i", 0, "data")).step(1, status_packet(6, kOk));
  corpus.add(files.bytes());
  Steps names;
  names.step(0, request_packet(Type::rename, 1, {"a", "b"})).step(0, request_packet(Type::remove, 2, {"a"}));
  names.step(1, status_packet(2, kOk)).step(1, status_packet(1, kUnsupported, "Operation unsupported"));
  names.step(0, extended_packet(3, "posix-rename@openssh.com", {"a", "b"})).step(1, status_packet(3, kOk));
  names.step(0, request_packet(Type::opendir, 4, {"."})).step(1, handle_packet(4, "d"));
  names.step(0, request_packet(Type::readdir, 5, {"d"})).step(1, packet_of(Type::name, 5));
  corpus.add(names.bytes());
}

// The moves of relay.cpp, by number.
enum RelayMove : std::uint8_t {
  user,
  container,
  user_sends,
  container_sends,
  comes,
  goes,
  refuse,
  say,
  decide,
  answer
};

ByteVector exec(std::uint32_t channel) {
  WireWriter command;
  command.string(std::string_view{"ls"});
  return encode(ChannelRequest{channel, "exec", true, command.view()});
}

void relayed_session(Corpus& corpus) {
  Steps steps;
  steps.step(user, ChannelOpen{"session", 5, 1000, 100, {}})
      .step(user, GlobalRequest{"no-more-sessions@openssh.com", false, {}});
  steps.step(user, exec(0)).step(comes).step(container, ChannelOpenConfirmation{0, 9, 2000, 200, {}});
  steps.step(container, ChannelSuccess{0}).step(user_sends, {0, 30, 30}).step(container_sends, {0, 30, 30});
  steps.step(user, ChannelWindowAdjust{0, 700})
      .step(say, {0})
      .step(container, GlobalRequest{"keepalive@openssh.com", true, {}});
  steps.step(user, RequestFailure{})
      .step(user, ChannelEof{0})
      .step(container, ChannelRequest{0, "exit-status", false, ByteVector(4, 0)});
  steps.step(container, ChannelEof{0}).step(container, ChannelClose{0}).step(user, ChannelClose{0});
  corpus.add(steps.bytes());
}

void forwards(Corpus& corpus) {
  Steps steps;
  steps.step(user, GlobalRequest{"tcpip-forward", true, {}}).step(comes).step(container, RequestSuccess{});
  steps.step(user, ChannelOpen{"direct-tcpip", 1, 1000, 100, {}})
      .step(container, ChannelOpenFailure{0, OpenFailureCode::connect_failed, "no"});
  steps.step(container, ChannelOpen{"forwarded-tcpip", 2, 500, 100, {}})
      .step(user, ChannelOpenConfirmation{0, 4, 800, 100, {}});
  steps.step(container_sends, {0, 20, 20})
      .step(user_sends, {0, 20, 20})
      .step(container, ChannelOpen{"x11", 3, 5, 5, {}});
  steps.step(goes).step(user, ChannelClose{0}).step(user, ChannelOpenConfirmation{1, 6, 10, 10, {}});
  corpus.add(steps.bytes());
}

void served(Corpus& corpus) {
  Steps steps;
  steps.step(decide, {5}).step(user, ChannelOpen{"direct-tcpip", 1, 1000, 100, {}}).step(answer, {0, 0});
  steps.step(user_sends, {0, 9, 9}).step(10, {0, 0, 9}).step(10, {0, 3}).step(user, ChannelEof{0});
  steps.step(user, ChannelOpen{"session", 2, 1000, 100, {}})
      .step(user, exec(1))
      .step(answer, {1, 0})
      .step(10, {1, 0, 2});
  steps.step(10, {1, 5})
      .step(comes)
      .step(container, ChannelOpenConfirmation{1, 3, 900, 100, {}})
      .step(user_sends, {1, 9, 9});
  steps.step(user, ChannelOpen{"session", 3, 1000, 100, {}})
      .step(user, exec(2))
      .step(answer, {1, 0})
      .step(10, {1, 4})
      .step(10, {1, 6});
  steps.step(user, ChannelClose{2}).step(10, {0, 6}).step(user, ChannelClose{0}).step(refuse);
  corpus.add(steps.bytes());
}

void relay(Corpus corpus) {
  relayed_session(corpus);
  forwards(corpus);
  served(corpus);
}

void launcher_question(Corpus corpus) {
  using namespace bastion::launcher;
  corpus.add(encode(Start{{"/var/lib/bastion/host_keys", "/var/lib/bastion/identity"}}));
  corpus.add(encode(Started{{"this system cannot forbid that"}}));
  corpus.add(encode(Question{.id = 1, .ssh = {.host = "web", .user = "alice", .port = "22", .jumps = "a@gw,b"}}));
  corpus.add(encode(Answer{.id = 1, .ended = Ended{.status = 255, .out_size = 1000, .err_size = 20}}));
  corpus.add(encode(Answer{.id = 1, .ended = Ended{}}));
  corpus.add(encode(Answer{.id = 1, .ended = bastion::fail("no")}));
}

// Letters stand for keys: signer_request.cpp says which.
void signer_request(Corpus corpus) {
  using bastion::test::LoginData;
  const auto request = [](std::string_view key, Bytes data, std::string_view host_key = {}) {
    WireWriter out;
    out.u32(7).string(key).string(std::string_view{"ssh-ed25519"}).string(data);
    return out.string(host_key).string(std::string_view{}).take();
  };
  const std::string identity(51, 'I');
  const std::string host(51, 'H');
  const ByteVector hash(32, 'h');
  LoginData login{.method = std::string(bastion::test::kHostBound), .key = ByteVector(51, 'I')};
  login.host_key = {'h', 'o', 's', 't', ' ', 'k', 'e', 'y'};
  corpus.add(request(identity, login.bytes()));
  login.method = "publickey";
  corpus.add(request(identity, login.bytes(), "host key"));
  corpus.add(request(host, hash));
  corpus.add(request(host, bastion::test::proof_data(hash, bytes_of(host))));
  corpus.add(request(identity, hash));
  const std::string ca(51, 'C');
  const bastion::transport::CertificateRequest wanted{.account = "hop",
                                                      .key_id = "alice@bastion 1",
                                                      .use = bastion::transport::CertificateUse::container,
                                                      .now = 1'700'000'000};
  WireWriter key;
  key.string(std::string_view{"ssh-ed25519"}).string(ByteVector(32, 'k'));
  const auto certificate = bastion::transport::certificate_to_sign(wanted, key.view(), bytes_of(ca));
  corpus.add(request(ca, certificate, "host key"));
  corpus.add(request(identity, certificate, "host key"));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::filesystem::path folder = argv[1];
  agent_messages(Corpus(folder / "agent_messages"));
  authentication(Corpus(folder / "authentication"));
  codec(Corpus(folder / "codec"));
  command_line(Corpus(folder / "command_line"));
  handshake(Corpus(folder / "handshake"));
  host_certificate(Corpus(folder / "host_certificate"));
  launcher_question(Corpus(folder / "launcher_question"));
  link_mux(Corpus(folder / "link_mux"));
  mux(Corpus(folder / "mux"));
  policy(Corpus(folder / "policy"));
  public_key(Corpus(folder / "public_key"));
  relay(Corpus(folder / "relay"));
  sftp(Corpus(folder / "sftp"));
  signer_request(Corpus(folder / "signer_request"));
  target(Corpus(folder / "target"));
  userauth_request(Corpus(folder / "userauth_request"));
  wire_format(Corpus(folder / "wire_format"));
  return 0;
}
