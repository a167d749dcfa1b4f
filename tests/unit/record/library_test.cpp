// Recordings on the disk: which there are, which go, and what can be read of one that is not whole.
#include "bastion/record/library.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <string>

#include "tests/unit/record/recorder_rig.h"

namespace bastion::record {
namespace {

std::string frame_of(std::string_view text) {
  Compressor compressor;
  auto frame = compressor.frame(text);
  REQUIRE(frame);
  return *std::move(frame);
}

// The lines up to where it is damaged.
std::vector<std::string> lines_before_damage(const std::filesystem::path& file) {
  std::vector<std::string> lines;
  auto reader = Reader::open(file);
  REQUIRE(reader);
  for (;;) {
    auto line = reader->line();
    if (!line || !*line) return lines;
    lines.push_back(**std::move(line));
  }
}

}  // namespace

TEST_CASE("a recording that was cut in the middle of a frame can be read up to there") {
  RecorderRig rig;
  auto track = rig.recorder.begin({.subject = subject_of("s")});
  track->hear(Stream::output, "first");
  rig.wait_for_output("first");
  const auto whole = std::filesystem::file_size(rig.file());
  track->hear(Stream::output, "second");
  track.reset();
  rig.close();
  const auto all = std::filesystem::file_size(rig.file());
  REQUIRE(all > whole);
  constexpr std::size_t kChecksum = 4;  // stands behind all that is in a frame
  for (auto size = all - kChecksum - 1; size >= whole; --size) {
    std::filesystem::resize_file(rig.file(), size);
    CHECK(rig.text(Kind::output) == "first");
  }
}

TEST_CASE("of a recording that is damaged nothing is read that was not in it, whichever byte it is") {
  test::TemporaryFolder folder;
  const std::vector<std::string> lines{line_of({.at = 1, .subject = subject_of("s")}), "[1.000000, \"o\", \"one\"]\n",
                                       "[2.000000, \"o\", \"two\"]\n"};
  const auto whole = frame_of(lines[0]) + frame_of(lines[1]) + frame_of(lines[2]);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const unsigned bit : {0U, 3U, 7U}) {
      auto damaged = whole;
      damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ (1U << bit));
      const auto read = lines_before_damage(folder.write("damaged", damaged));
      CAPTURE(at);
      REQUIRE(read.size() <= lines.size());
      CHECK(std::equal(read.begin(), read.end(), lines.begin()));
    }
  }
}

TEST_CASE("a few bytes that are a lot of text are read piece by piece") {
  test::TemporaryFolder folder;
  const std::string line = "[1.000000, \"o\", \"" + std::string(1'000'000, 'x') + "\"]\n";
  const auto frame = frame_of(line);
  std::string file;
  for (int i = 0; i < 50; ++i) file += frame;
  FrameReader frames;
  frames.feed(file);
  std::string text;
  REQUIRE(frames.read(text));
  CHECK(text.size() < 1'000'000);
  CHECK(lines_of(folder.write("much", file)).size() == 50);
}

TEST_CASE("recordings that are too old or too many go, but not what is being written") {
  RecorderRig rig;
  const auto now = std::int64_t{1'800'000'000};
  const auto put = [&](std::string_view session, std::int64_t at, std::size_t bytes) {
    const auto file = rig.folder.write(file_name(session, 1), std::string(bytes, 'x'));
    const std::array<timespec, 2> times{timespec{.tv_sec = at, .tv_nsec = 0}, timespec{.tv_sec = at, .tv_nsec = 0}};
    REQUIRE(::utimensat(AT_FDCWD, file.c_str(), times.data(), 0) == 0);
    return file;
  };
  const auto old = put("old", now - 100, 10);
  const auto first = put("first", now - 50, 1000);
  const auto second = put("second", now - 40, 1000);
  const auto other = rig.folder.write("notes.txt", "not ours");
  auto track = rig.recorder.begin({.subject = subject_of("live")});
  track->hear(Stream::output, "x");
  rig.disk.wait_until([&] { return text_in(rig.file("live"), Kind::output) == "x"; });
  const auto gone = prune(rig.folder / "", {.seconds = 60, .bytes = 1500}, now);
  REQUIRE(gone);
  CHECK(*gone == 2);
  CHECK_FALSE(std::filesystem::exists(old));
  CHECK_FALSE(std::filesystem::exists(first));
  CHECK(std::filesystem::exists(second));
  CHECK(std::filesystem::exists(other));
  CHECK(std::filesystem::exists(rig.file("live")));
}

TEST_CASE("a recording that goes while it is read is read to its end") {
  test::TemporaryFolder folder;
  const auto file = folder.write(file_name("s", 1), frame_of(std::string(500'000, 'a') + "\n") + frame_of("b\n"));
  auto reader = Reader::open(file);
  REQUIRE(reader);
  REQUIRE(reader->line());
  CHECK(prune(folder / "", {.seconds = 1, .bytes = 0}, 4'000'000'000) == 1);
  CHECK_FALSE(std::filesystem::exists(file));
  CHECK(reader->line() == "b\n");
}

TEST_CASE("recordings are known by the names of their files") {
  test::TemporaryFolder folder;
  folder.write(file_name("abc", 2), "");
  folder.write(file_name("a-b", 1), "");
  folder.write("abc-x.cast.zst", "");
  folder.write("abc.cast.zst", "");
  folder.write(".room", "");
  const auto found = recordings(folder / "");
  REQUIRE(found);
  REQUIRE(found->size() == 2);
  for (const auto& one : *found) CHECK(one.file.filename() == file_name(one.session, one.number));
  CHECK(recordings(folder / "nowhere")->empty());
}

}  // namespace bastion::record
