// What comes of recordings where the disk takes nothing, or takes its time.
#include "bastion/record/recorder.h"

#include <string>

#include "tests/unit/record/recorder_rig.h"

namespace bastion::record {

TEST_CASE("a recording on a full disk has a gap and says so, and its file stays whole") {
  RecorderRig rig;
  auto track = rig.recorder.begin({.subject = subject_of("s")});
  track->hear(Stream::output, "before ");
  rig.wait_for_output("before ");
  CHECK_FALSE(rig.recorder.is_full());
  rig.disk.become(Disk::Is::full);
  track->hear(Stream::output, "lost");
  rig.disk.wait_for_refusals(3);  // of both halves of that, and of a look whether there is room
  CHECK(rig.recorder.is_full());
  CHECK(rig.text(Kind::output) == "before ");
  const auto seen = rig.disk.writes();
  rig.disk.become(Disk::Is::usual);
  rig.disk.wait_for_write_after(seen);  // of another look
  track->mark("meanwhile");
  track->hear(Stream::output, "behind");
  rig.wait_for_output("before behind");
  CHECK_FALSE(rig.recorder.is_full());
  track.reset();
  rig.close();
  CHECK(rig.text(Kind::marker).starts_with("bastion: "));
  CHECK(rig.text(Kind::marker).ends_with(" bytes are missing heremeanwhile"));
  CHECK(rig.counters.recordings_cut.count() == 1);
}

TEST_CASE("where no file can be made nothing begins, whatever those take that are open") {
  RecorderRig rig;
  auto open = rig.recorder.begin({.subject = subject_of("s")});
  open->hear(Stream::output, "one");
  rig.wait_for_output("one");
  const auto folder = rig.file().parent_path();
  const std::filesystem::path away = folder.string() + ".away";
  const auto wait_for = [&](std::string_view text) {
    rig.disk.wait_until([&] { return text_in(away / rig.file().filename(), Kind::output) == text; });
  };
  std::filesystem::rename(folder, away);
  auto none = rig.recorder.begin({.subject = subject_of("none")});
  open->hear(Stream::output, "two");
  wait_for("onetwo");
  open->hear(Stream::output, "three");
  wait_for("onetwothree");
  CHECK(rig.recorder.is_full());
  const auto seen = rig.disk.writes();
  std::filesystem::rename(away, folder);
  rig.disk.wait_for_write_after(seen);  // of a look whether one can be made
  none->hear(Stream::output, "late");
  rig.disk.wait_until([&] { return text_in(rig.file("none"), Kind::output) == "late"; });
  CHECK_FALSE(rig.recorder.is_full());
  open.reset();
  none.reset();
  rig.close();
  CHECK(rig.text(Kind::output) == "onetwothree");
}

TEST_CASE("a disk that stands still stops nobody for long, and what does not fit is missing") {
  RecorderRig rig({.patience = std::chrono::milliseconds::zero()});
  rig.disk.become(Disk::Is::still);
  auto track = rig.recorder.begin({.subject = subject_of("s")});
  rig.disk.wait_until_held_up();
  const std::string much(64 * 1024, 'x');
  for (std::size_t sent = 0; sent < 2 * Recorder::kCapacity; sent += much.size()) track->hear(Stream::output, much);
  CHECK(rig.recorder.is_full());
  CHECK_FALSE(rig.recorder.is_behind());
  auto other = rig.recorder.begin({.subject = subject_of("other")});
  other->hear(Stream::output, "there is room for others");
  CHECK_FALSE(rig.recorder.close(std::chrono::milliseconds(1)));
  rig.disk.become(Disk::Is::usual);
  track.reset();
  other.reset();
  rig.close();
  CHECK(rig.text(Kind::marker).ends_with(" bytes are missing here"));
  CHECK(rig.text(Kind::output).size() <= Recorder::kShare);
  CHECK(text_in(rig.file("other"), Kind::output) == "there is room for others");
}

TEST_CASE("whoever is recorded waits while much is to be written, for as long as the disk writes") {
  RecorderRig rig({.patience = std::chrono::hours(1)});
  rig.disk.become(Disk::Is::still);
  auto track = rig.recorder.begin({.subject = subject_of("s")});
  rig.disk.wait_until_held_up();
  CHECK_FALSE(rig.recorder.is_behind());
  track->hear(Stream::output, std::string(Recorder::kBehind, 'x'));
  CHECK(rig.recorder.is_behind());
  CHECK_FALSE(rig.recorder.is_full());
  rig.disk.become(Disk::Is::usual);
  track.reset();
  rig.close();
  CHECK_FALSE(rig.recorder.is_behind());
  CHECK(rig.text(Kind::output).size() == Recorder::kBehind);
}

}  // namespace bastion::record
