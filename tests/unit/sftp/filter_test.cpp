// What passes between a client and a server of whom one may only read or only write: packet by packet, in any pieces.
#include "bastion/sftp/filter.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "bastion/sftp/answer.h"
#include "tests/support/sftp_packets.h"

namespace bastion::sftp {
namespace {

using connection::Side;

constexpr Permitted kReader{.read = true, .write = false};
constexpr Permitted kWriter{.read = false, .write = true};

struct Way {
  Permitted permitted;
  std::vector<std::string> refused{};
  std::string broken{};
  Filter filter{permitted, [this](const Request& request) {
                  refused.push_back(fmt::format("{} {}", word_of(request), request.first));
                }};

  explicit Way(Permitted to) : permitted(to) {}

  // What arrives at the other side.
  ByteVector pass(Side from, ByteVector bytes, std::size_t piece) {
    ByteVector arrived;
    for (std::size_t at = 0; at < bytes.size() && broken.empty(); at += piece) {
      auto passed = filter.pass(from, MutableBytes{bytes}.subspan(at, std::min(piece, bytes.size() - at)));
      if (!passed) {
        broken = passed.error().text;
        break;
      }
      arrived.insert(arrived.end(), passed->before.begin(), passed->before.end());
      arrived.insert(arrived.end(), passed->rest.begin(), passed->rest.end());
    }
    return arrived;
  }
  ByteVector user(const ByteVector& bytes) { return pass(Side::user, bytes, bytes.size()); }
  ByteVector container(const ByteVector& bytes) { return pass(Side::container, bytes, bytes.size()); }
};

ByteVector all_of(std::initializer_list<ByteVector> packets) {
  ByteVector all;
  for (const auto& packet : packets) all.insert(all.end(), packet.begin(), packet.end());
  return all;
}

// What sshd is asked in place of `packet`.
bool is_refusal_of(const ByteVector& arrived, const ByteVector& packet) {
  if (arrived.size() != packet.size()) return false;
  WireReader in(arrived);
  const auto size = in.u32();
  const auto type = in.u8();
  in.u32();
  const auto name = in.text();
  return in.ok() && size == packet.size() - kLengthSize && type == static_cast<std::uint8_t>(Type::extended) &&
         std::string_view("refused@bastion").starts_with(name);
}

ByteVector copy_packet() {
  WireWriter fields;
  fields.string(std::string_view{"copy-data"}).string(std::string_view{"from"}).u64(0).u64(0);
  fields.string(std::string_view{"to"}).u64(0);
  return packet_of(Type::extended, 1, fields.view());
}

struct Asked {
  ByteVector packet;
  bool by_reader;
  bool by_writer;
};
std::vector<Asked> everything() {
  return {{init_packet(3), true, true},
          {open_packet(1, "file", kOpenRead), true, false},
          {open_packet(1, "file", 0), true, false},
          {open_packet(1, "file", kOpenWrite), false, true},
          {open_packet(1, "file", kOpenWrite | kOpenCreate | kOpenTruncate), false, true},
          {open_packet(1, "file", kOpenRead | kOpenWrite), false, false},
          {open_packet(1, "file", kOpenRead | kOpenCreate), false, false},
          {open_packet(1, "file", kOpenCreate), false, false},
          {open_packet(1, "file", kOpenRead | 0x1000), false, false},
          {open_packet(1, std::string(kLongestName + 1, 'n'), kOpenRead), false, false},
          {request_packet(Type::close, 1, {"h"}), true, true},
          {read_packet(1, "h", 0, 100), true, false},
          {write_packet(1, "h", 0, "data"), false, true},
          {request_packet(Type::lstat, 1, {"a"}), true, true},
          {request_packet(Type::fstat, 1, {"h"}), true, true},
          {request_packet(Type::setstat, 1, {"a", ""}), false, true},
          {request_packet(Type::fsetstat, 1, {"h", ""}), false, true},
          {request_packet(Type::opendir, 1, {"a"}), true, true},
          {request_packet(Type::readdir, 1, {"h"}), true, true},
          {request_packet(Type::remove, 1, {"a"}), false, true},
          {request_packet(Type::mkdir, 1, {"a", ""}), false, true},
          {request_packet(Type::rmdir, 1, {"a"}), false, true},
          {request_packet(Type::realpath, 1, {"."}), true, true},
          {request_packet(Type::stat, 1, {"a"}), true, true},
          {request_packet(Type::rename, 1, {"a", "b"}), false, true},
          {request_packet(Type::readlink, 1, {"a"}), true, true},
          {request_packet(Type::symlink, 1, {"a", "b"}), false, true},
          {extended_packet(1, "posix-rename@openssh.com", {"a", "b"}), false, true},
          {extended_packet(1, "hardlink@openssh.com", {"a", "b"}), false, true},
          {extended_packet(1, "lsetstat@openssh.com", {"a"}), false, true},
          {extended_packet(1, "fsync@openssh.com", {"h"}), false, true},
          {copy_packet(), false, false},
          {extended_packet(1, "statvfs@openssh.com", {"a"}), true, true},
          {extended_packet(1, "limits@openssh.com", {}), true, true},
          {extended_packet(1, "expand-path@openssh.com", {"~"}), true, true},
          {extended_packet(1, "rm-all@example.com", {"a"}), false, false},
          {extended_packet(1, std::string(300, 'x'), {"a"}), false, false},
          {packet_of(Type{21}, 1, bytes_of("a link of version 6")), false, false}};
}

constexpr auto kPieces = std::to_array<std::size_t>({1, 2, 5, 9, 4096, 100'000});

}  // namespace

TEST_CASE("each request passes as it is or is one that no server knows, and nothing else becomes of it") {
  for (const auto piece : kPieces) {
    for (const auto& [packet, by_reader, by_writer] : everything()) {
      for (const bool is_reader : {true, false}) {
        Way way(is_reader ? kReader : kWriter);
        // In the midst of others, which are not touched.
        const auto before = request_packet(Type::stat, 7, {"before"});
        const auto behind = request_packet(Type::stat, 8, {"behind"});
        const auto arrived = way.pass(Side::user, all_of({before, packet, behind}), piece);
        REQUIRE(arrived.size() == before.size() + packet.size() + behind.size());
        const auto middle = arrived.begin() + static_cast<std::ptrdiff_t>(before.size());
        const ByteVector become(middle, middle + static_cast<std::ptrdiff_t>(packet.size()));
        CHECK(std::equal(before.begin(), before.end(), arrived.begin()));
        CHECK(std::equal(behind.rbegin(), behind.rend(), arrived.rbegin()));
        const bool passes = is_reader ? by_reader : by_writer;
        CAPTURE(static_cast<int>(packet[kLengthSize]));
        CAPTURE(is_reader);
        CHECK((become == packet) == passes);
        CHECK(is_refusal_of(become, packet) == !passes);
        CHECK(way.refused.size() == (passes ? 0 : 1));
      }
    }
  }
}

TEST_CASE("the answer to what was refused says that permission is denied, in as many bytes") {
  for (const auto piece : kPieces) {
    Way way(kReader);
    way.user(all_of({request_packet(Type::remove, 5, {"a"}), request_packet(Type::stat, 6, {"a"})}));
    CHECK(way.refused == std::vector<std::string>{"remove a"});
    const auto answer = status_packet(5, kUnsupported, "Operation unsupported");
    const auto other = status_packet(6, kUnsupported, "Operation unsupported");
    const auto arrived = way.pass(Side::container, all_of({other, answer, answer}), piece);
    REQUIRE(arrived.size() == other.size() + 2 * answer.size());
    CHECK(std::equal(other.begin(), other.end(), arrived.begin()));
    WireReader in(Bytes{arrived}.subspan(other.size(), answer.size()));
    CHECK(in.u32() == answer.size() - kLengthSize);
    CHECK(in.u8() == static_cast<std::uint8_t>(Type::status));
    CHECK(in.u32() == 5);
    CHECK(in.u32() == kPermissionDenied);
    CHECK(in.text() == "Permission denied");
    in.string();
    CHECK(in.at_end());
    CHECK(std::equal(answer.rbegin(), answer.rend(), arrived.rbegin()));  // once
  }
}

TEST_CASE("what was done is not said to be denied, whatever number it had") {
  Way way(kWriter);
  way.user(all_of({request_packet(Type::remove, 5, {"a"}), open_packet(5, "a", kOpenRead)}));
  CHECK(way.refused == std::vector<std::string>{"open a"});
  const auto removed = status_packet(5, kOk, "Success");
  CHECK(way.container(removed) == removed);
  way.user(open_packet(5, "b", kOpenRead));
  for (int i = 0; i < 2; ++i) {
    const auto refused = way.container(status_packet(5, kUnsupported, "Operation unsupported"));
    CHECK(parse_answer(Bytes{refused}.subspan(kLengthSize))->number == kPermissionDenied);
  }
}

TEST_CASE("an answer that has no room for the text, or none at all, says so by its number") {
  for (const std::string_view text : {"", "no", "sixteen letters."}) {
    Way way(kReader);
    way.user(request_packet(Type::remove, 5, {"a"}));
    const auto answer = status_packet(5, kUnsupported, text);
    const auto arrived = way.container(answer);
    REQUIRE(arrived.size() == answer.size());
    WireReader in(arrived);
    in.u32();
    in.u8();
    in.u32();
    CHECK(in.u32() == kPermissionDenied);
    CHECK(in.text().empty());
    in.string();
    CHECK(in.at_end());
  }
  Way old(kReader);  // version 2 has no text
  old.user(request_packet(Type::remove, 5, {"a"}));
  WireWriter code;
  code.u32(kUnsupported);
  CHECK(parse_answer(Bytes{old.container(packet_of(Type::status, 5, code.view()))}.subspan(kLengthSize))->number ==
        kPermissionDenied);
}

TEST_CASE("what no server knows stays what it is: not supported") {
  Way way(kReader);
  way.user(extended_packet(5, "md5-hash@example.com", {"a"}));
  CHECK(way.refused.size() == 1);
  const auto answer = status_packet(5, kUnsupported, "Operation unsupported");
  CHECK(way.container(answer) == answer);
}

TEST_CASE("a client that speaks later versions is held to the third one, and a server that does ends it") {
  Way way(kReader);
  CHECK(way.user(init_packet(6)) == init_packet(3));
  CHECK(way.user(init_packet(2)) == init_packet(2));
  CHECK(way.container(packet_of(Type::version, 3)) == packet_of(Type::version, 3));
  CHECK(way.broken.empty());
  way.container(packet_of(Type::version, 4));
  CHECK(way.broken.contains("version 3"));
}

TEST_CASE("a client that speaks no SFTP ends it, and so do fields that go beyond their packet") {
  Way text(kReader);
  CHECK(text.user(ByteVector(100, 'x')).empty());
  CHECK(text.broken.contains("SFTP"));

  WireWriter fields;
  fields.u32(100).raw(bytes_of("short"));
  Way beyond(kReader);
  beyond.user(packet_of(Type::open, 1, fields.view()));
  CHECK(beyond.broken.contains("SFTP"));

  Way small(kReader);
  small.user(packet_of(Type::remove, 1));  // no room for another name, and none for its own
  CHECK(small.broken.contains("SFTP"));
}

TEST_CASE("a server that speaks no SFTP is the client's to judge, byte by byte") {
  for (const auto piece : kPieces) {
    Way way(kReader);
    const auto said = bytes_of("This account is currently not available.\n");
    CHECK(way.pass(Side::container, ByteVector(said.begin(), said.end()), piece) ==
          ByteVector(said.begin(), said.end()));
    CHECK(way.broken.empty());
  }
}

TEST_CASE("a request is kept back until it can be decided, and what is behind it passes at once") {
  Way way(kReader);
  const auto open = open_packet(1, "file", kOpenRead);
  const auto half = open.size() / 2;
  CHECK(way.user(ByteVector(open.begin(), open.begin() + static_cast<std::ptrdiff_t>(half))).empty());
  CHECK(way.user(ByteVector(open.begin() + static_cast<std::ptrdiff_t>(half), open.end())) == open);
  // Of a long write all but the first bytes.
  Way writer(kWriter);
  const auto write = write_packet(2, "h", 0, std::string(1000, 'd'));
  CHECK(writer.user(ByteVector(write.begin(), write.begin() + 500)).size() == 500);
}

TEST_CASE("more refused requests than are remembered are refused all the same") {
  Way way(kReader);
  for (std::uint32_t id = 0; id < Filter::kMostRefused + 10; ++id) {
    const auto packet = request_packet(Type::remove, id, {"a"});
    CHECK(is_refusal_of(way.user(packet), packet));
  }
  const auto answer = status_packet(Filter::kMostRefused + 5, kUnsupported, "Operation unsupported");
  CHECK(way.container(answer) == answer);
}

}  // namespace bastion::sftp
