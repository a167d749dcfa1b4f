// What is told of the packets of an SFTP channel, whatever its two ends say.
#include "bastion/sftp/operation_reader.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/sftp_packets.h"

namespace bastion::sftp {
namespace {

using connection::Side;
using Lines = std::vector<std::string>;

std::string line_of_operation(const Operation& operation) {
  auto line = fmt::format("{} {}", word_of(operation.kind), operation.first);
  if (!operation.second.empty()) line += fmt::format(" -> {}", operation.second);
  if (operation.kind == Operation::Kind::open) {
    line += fmt::format(" how={} read={} written={}", operation.how, operation.read, operation.written);
  }
  return line + ": " + (operation.status ? std::string(words_of_status(*operation.status)) : "no end");
}

struct Told {
  Lines lines;
  OperationReader reader{[this](const Operation& operation) { lines.push_back(line_of_operation(operation)); }};

  void user(const ByteVector& packet) { reader.read(Side::user, packet); }
  void container(const ByteVector& packet) { reader.read(Side::container, packet); }
  Lines now() { return std::exchange(lines, {}); }
};

}  // namespace

TEST_CASE("a file is told of when it is closed, with what was read and written") {
  Told told;
  told.user(init_packet(3));
  told.container(packet_of(Type::version, 3));
  told.user(open_packet(1, "/etc/passwd", kOpenRead));
  told.container(handle_packet(1, "h"));
  told.user(read_packet(2, "h", 0, 100));
  told.user(read_packet(3, "h", 100, 100));
  told.container(data_packet(2, std::string(100, 'x')));
  told.container(data_packet(3, "12345"));
  told.user(read_packet(4, "h", 105, 100));
  told.container(status_packet(4, kEof));
  told.user(request_packet(Type::close, 5, {"h"}));
  CHECK(told.now().empty());
  told.container(status_packet(5, kOk));
  CHECK(told.now() == Lines{"open /etc/passwd how=1 read=105 written=0: ok"});
}

TEST_CASE("what is written counts when the server has confirmed it, and the first failure is what became of it") {
  Told told;
  told.user(open_packet(1, "new", kOpenWrite | kOpenCreate));
  told.container(handle_packet(1, "h"));
  told.user(write_packet(2, "h", 0, "0123456789"));
  told.user(write_packet(3, "h", 10, "abc"));
  told.container(status_packet(2, kOk));
  told.container(status_packet(3, 4));
  told.user(request_packet(Type::close, 4, {"h"}));
  told.container(status_packet(4, kOk));
  CHECK(told.now() == Lines{"open new how=10 read=0 written=10: failure"});
}

TEST_CASE("a file that was refused, one that was never closed, and a directory") {
  Told told;
  told.user(open_packet(1, "secret", kOpenRead));
  told.container(status_packet(1, kPermissionDenied));
  CHECK(told.now() == Lines{"open secret how=1 read=0 written=0: permission denied"});
  told.user(request_packet(Type::opendir, 2, {"/home"}));
  told.container(handle_packet(2, "d"));
  told.user(request_packet(Type::readdir, 3, {"d"}));
  told.container(packet_of(Type::name, 3));
  told.user(request_packet(Type::close, 4, {"d"}));
  told.container(status_packet(4, kOk));
  CHECK(told.now() == Lines{"opendir /home: ok"});
  told.user(open_packet(5, "left", kOpenRead));
  told.container(handle_packet(5, "h"));
  told.user(open_packet(6, "asked", kOpenRead));
  told.reader.end();
  CHECK(told.now() == Lines{"open asked how=1 read=0 written=0: no end", "open left how=1 read=0 written=0: no end"});
}

TEST_CASE("each request that does something is told of with its answer, and those that look are not") {
  struct Row {
    ByteVector request;
    std::string told;
  };
  const std::vector<Row> rows{
      {request_packet(Type::remove, 7, {"a"}), "remove a: failure"},
      {request_packet(Type::rename, 7, {"a", "b"}), "rename a -> b: failure"},
      {request_packet(Type::mkdir, 7, {"a", ""}), "mkdir a: failure"},
      {request_packet(Type::rmdir, 7, {"a"}), "rmdir a: failure"},
      {request_packet(Type::setstat, 7, {"a", ""}), "setstat a: failure"},
      {request_packet(Type::fsetstat, 7, {"h", ""}), "setstat : failure"},
      {request_packet(Type::symlink, 7, {"a", "b"}), "symlink a -> b: failure"},
      {request_packet(Type::readlink, 7, {"a"}), "readlink a: failure"},
      {extended_packet(7, "posix-rename@openssh.com", {"a", "b"}), "rename a -> b: failure"},
      {extended_packet(7, "hardlink@openssh.com", {"a", "b"}), "hardlink a -> b: failure"},
      {extended_packet(7, "lsetstat@openssh.com", {"a", ""}), "setstat a: failure"},
      {extended_packet(7, "rm-all@example.com", {"a"}), "other rm-all@example.com: failure"},
      {extended_packet(7, "statvfs@openssh.com", {"a"}), ""},
      {extended_packet(7, "limits@openssh.com", {}), ""},
      {request_packet(Type::stat, 7, {"a"}), ""},
      {request_packet(Type::lstat, 7, {"a"}), ""},
      {request_packet(Type::realpath, 7, {"a"}), ""},
  };
  for (const auto& [request, line] : rows) {
    Told told;
    told.user(request);
    CHECK(told.now().empty());
    told.container(status_packet(7, 4));
    CHECK(told.now() == (line.empty() ? Lines{} : Lines{line}));
  }
}

TEST_CASE("what is done to an open file is told by its name") {
  Told told;
  told.user(open_packet(1, "from", kOpenRead));
  told.container(handle_packet(1, "f"));
  told.user(open_packet(2, "to", kOpenWrite));
  told.container(handle_packet(2, "t"));
  told.user(request_packet(Type::fsetstat, 3, {"t", ""}));
  told.container(status_packet(3, kOk));
  WireWriter copy;
  copy.string(std::string_view{"copy-data"}).string(std::string_view{"f"}).u64(0).u64(0);
  copy.string(std::string_view{"t"}).u64(0);
  told.user(packet_of(Type::extended, 4, copy.view()));
  told.container(status_packet(4, kOk));
  CHECK(told.now() == Lines{"setstat to: ok", "copy from -> to: ok"});
}

TEST_CASE("packets may come in pieces of any size") {
  const std::vector<std::pair<Side, ByteVector>> said{
      {Side::user, open_packet(1, std::string(3000, 'n'), kOpenWrite)},
      {Side::container, handle_packet(1, "h")},
      {Side::user, write_packet(2, "h", 0, std::string(5000, 'd'))},
      {Side::container, status_packet(2, kOk)},
      {Side::user, request_packet(Type::close, 3, {"h"})},
      {Side::container, status_packet(3, kOk)},
  };
  for (const auto piece : std::to_array<std::size_t>({1, 2, 3, 7, 64, 4096, 100'000})) {
    Told told;
    for (const auto& [side, packet] : said) {
      for (std::size_t at = 0; at < packet.size(); at += piece) {
        told.reader.read(side, Bytes{packet}.subspan(at, std::min(piece, packet.size() - at)));
      }
    }
    CHECK(told.now() == Lines{fmt::format("open {} how=2 read=0 written=5000: ok", std::string(3000, 'n'))});
  }
}

TEST_CASE("a name that is longer than names are is told of by its beginning") {
  Told told;
  told.user(request_packet(Type::remove, 1, {std::string(kLongestName + 100, 'n')}));
  told.user(request_packet(Type::remove, 2, {"next"}));
  told.container(status_packet(1, 4));
  told.container(status_packet(2, kOk));
  CHECK(told.now() == Lines{"remove " + std::string(kLongestName, 'n') + ": failure", "remove next: ok"});
}

TEST_CASE("what is no SFTP ends the telling, and what was open is told of") {
  for (const auto side : {Side::user, Side::container}) {
    Told told;
    told.user(open_packet(1, "left", kOpenRead));
    told.container(handle_packet(1, "h"));
    told.reader.read(side, bytes_of("This account is not available.\n"));
    CHECK(told.reader.is_lost());
    CHECK(told.now() == Lines{"open left how=1 read=0 written=0: no end"});
    told.user(request_packet(Type::remove, 2, {"a"}));
    told.container(status_packet(2, kOk));
    told.reader.end();
    CHECK(told.now().empty());
  }
}

TEST_CASE("fields that go beyond their packet are no SFTP") {
  WireWriter fields;
  fields.u32(100).raw(bytes_of("short"));
  Told told;
  told.user(packet_of(Type::remove, 1, fields.view()));
  CHECK(told.reader.is_lost());
}

TEST_CASE("answers to what nobody asked say nothing") {
  Told told;
  told.container(handle_packet(1, "h"));
  told.container(status_packet(2, kOk));
  told.container(data_packet(3, "x"));
  CHECK(told.now().empty());
  CHECK_FALSE(told.reader.is_lost());
}

TEST_CASE("of requests with one number each has its own answer, whatever they are") {
  Told told;
  told.user(request_packet(Type::stat, 1, {"nowhere"}));
  told.user(request_packet(Type::remove, 1, {"first"}));
  told.user(extended_packet(1, "statvfs@openssh.com", {"nowhere"}));
  told.user(request_packet(Type::remove, 1, {"second"}));
  told.container(status_packet(1, kNoSuchFile));
  CHECK(told.now().empty());
  told.container(status_packet(1, kOk));
  CHECK(told.now() == Lines{"remove first: ok"});
  told.container(status_packet(1, kNoSuchFile));
  told.container(status_packet(1, kPermissionDenied));
  CHECK(told.now() == Lines{"remove second: permission denied"});
}

TEST_CASE("what is written to a handle before it is known counts") {
  Told told;
  told.user(open_packet(1, "new", kOpenWrite));
  told.user(write_packet(2, "guessed", 0, "0123456789"));
  told.user(request_packet(Type::close, 3, {"guessed"}));
  told.container(handle_packet(1, "guessed"));
  told.container(status_packet(2, kOk));
  told.container(status_packet(3, kOk));
  CHECK(told.now() == Lines{"open new how=2 read=0 written=10: ok"});
}

TEST_CASE("the zero behind the name of an extension is no part of it") {
  Told told;
  told.user(extended_packet(1, std::string_view("posix-rename@openssh.com\0", 25), {"a", "b"}));
  told.container(status_packet(1, kOk));
  CHECK(told.now() == Lines{"rename a -> b: ok"});
}

TEST_CASE("no more is kept than was agreed, and what is beyond it is told of at once") {
  Told told;
  for (std::uint32_t id = 0; id < OperationReader::kMostPending; ++id) {
    told.user(request_packet(Type::remove, id, {"a"}));
  }
  CHECK(told.now().empty());
  told.user(request_packet(Type::remove, 1'000'000, {"one too many"}));
  CHECK(told.now() == Lines{"remove one too many: no end"});

  Told long_names;
  const std::string name(kLongestName, 'n');
  const auto room = OperationReader::kMostKept / kLongestName;
  for (std::uint32_t id = 0; id <= room; ++id) long_names.user(request_packet(Type::remove, id, {name}));
  CHECK(long_names.now() == Lines{"remove " + name + ": no end"});

  Told many_open;
  for (std::uint32_t id = 0; id <= OperationReader::kMostOpen; ++id) {
    many_open.user(open_packet(id, "f", kOpenRead));
    many_open.container(handle_packet(id, fmt::format("h{}", id)));
  }
  CHECK(many_open.now() == Lines{"open f how=1 read=0 written=0: no end"});
}

TEST_CASE("a number of bytes that no packet has room for does not count") {
  Told told;
  told.user(open_packet(1, "f", kOpenRead | kOpenWrite));
  told.container(handle_packet(1, "h"));
  WireWriter fields;
  fields.string(std::string_view{"h"}).u64(0).u32(0xffffffff);
  told.user(packet_of(Type::write, 2, fields.view()));
  told.container(status_packet(2, kOk));
  told.user(read_packet(3, "h", 0, 10));
  WireWriter much;
  much.u32(0xffffffff);
  told.container(packet_of(Type::data, 3, much.view()));
  told.user(request_packet(Type::close, 4, {"h"}));
  told.container(status_packet(4, kOk));
  const auto lines = told.now();
  REQUIRE(lines.size() == 1);
  CHECK(lines.front() == fmt::format("open f how=3 read=9 written={}: ok", kLeastPacket + fields.view().size()));
}

}  // namespace bastion::sftp
