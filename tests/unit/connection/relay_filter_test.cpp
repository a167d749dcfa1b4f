// A filter in the way of a session's data: what it changes and keeps back, and what nobody notices.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

#include "bastion/connection/channel_filter.h"
#include "tests/unit/connection/relay_rig.h"

namespace bastion::connection {
namespace {

// Makes capitals of what the user says, keeps back what stands behind the last full stop, and breaks off at a `!`.
class Capitals final : public ChannelFilter {
 public:
  Result<Passed> pass(Side from, MutableBytes data) override {
    Passed passed{.rest = data};
    if (from == Side::container) return passed;
    for (auto& byte : data) {
      if (byte == '!') return fail("no shouting");
      if (byte >= 'a' && byte <= 'z') byte = static_cast<std::uint8_t>(byte - 'a' + 'A');
    }
    const auto stop = std::string(text_of(data)).rfind('.');
    const auto size = stop == std::string::npos ? 0 : stop + 1;
    passed.rest = data.first(size);
    if (size > 0) passed.before = std::exchange(kept_, {});
    kept_.insert(kept_.end(), data.begin() + static_cast<std::ptrdiff_t>(size), data.end());
    return passed;
  }

 private:
  ByteVector kept_;
};

struct FilteredRig {
  Rig rig;
  explicit FilteredRig(std::uint32_t window = 2000, bool starts = true) {
    rig.filters = [](const ChannelRequest& request) {
      return request.type == "subsystem" ? std::make_unique<Capitals>() : nullptr;
    };
    rig.connect();
    rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
    rig.container(ChannelOpenConfirmation{0, 9, window, 200, {}});
    rig.user(ChannelRequest{0, "subsystem", true, {}});
    if (starts) rig.container(ChannelSuccess{0});
    rig.to_user();
    rig.to_container();
  }
  Lines says(std::string_view text) {
    CHECK(rig.user(ChannelData{0, bytes_of(text)}));
    return rig.to_container();
  }
};

}  // namespace

TEST_CASE("a filter changes what the user says in its place, and keeps back what is to come later") {
  FilteredRig filtered;
  CHECK(filtered.says("one.").size() == 1);
  CHECK(filtered.says("two. thr") == Lines{"data 9 TWO."});
  CHECK(filtered.says("ee") == Lines{});
  CHECK(filtered.says(". four") == Lines{"data 9  THREE", "data 9 ."});
  filtered.rig.container(ChannelData{0, bytes_of("as it is")});
  filtered.rig.container(ChannelExtendedData{0, kStderr, bytes_of("oh")});
  CHECK(filtered.rig.to_user() == Lines{"data 5 as it is", "stderr 5 oh"});
}

TEST_CASE("windows stay those of the two ends, and what waits for one is what has passed") {
  FilteredRig filtered(6);
  CHECK(filtered.says("abc.") == Lines{"data 9 ABC."});
  CHECK(filtered.says("d.e") == Lines{"data 9 D."});
  CHECK(filtered.says(".") == Lines{});
  filtered.rig.container(ChannelWindowAdjust{0, 10});
  CHECK(filtered.rig.to_container() == Lines{"data 9 E", "data 9 ."});
  CHECK(filtered.rig.to_user() == Lines{"adjust 5 10"});
}

TEST_CASE("what a filter cannot let through ends the session with its sentence") {
  FilteredRig filtered;
  CHECK(filtered.says("stop!") == Lines{"close 9"});
  const auto told = filtered.rig.to_user();
  REQUIRE(told.size() == 4);
  CHECK(told[0] == "stderr 5 no shouting\r\n");
  CHECK(told[1].starts_with("request 5 exit-status"));
}

TEST_CASE("nothing else is started in a session that has a filter, and none gets rid of it") {
  FilteredRig filtered;
  filtered.rig.user(ChannelRequest{0, "shell", true, {}});
  CHECK(filtered.rig.to_container() == Lines{"request 9 refused@bastion true"});
  CHECK(filtered.says("still.") == Lines{"data 9 STILL."});
  filtered.rig.container(ChannelFailure{0});
  CHECK(filtered.rig.to_user().front() == "channel-success 5");
}

TEST_CASE("a start that the container refuses takes its filter along") {
  FilteredRig filtered(2000, false);
  CHECK(filtered.says("early.") == Lines{"data 9 EARLY."});
  filtered.rig.container(ChannelFailure{0});
  filtered.rig.user(ChannelRequest{0, "exec", true, {}});
  filtered.rig.container(ChannelSuccess{0});
  filtered.rig.to_container();
  CHECK(filtered.says("as it is") == Lines{"data 9 as it is"});
}

TEST_CASE("standard error is no way around a filter") {
  FilteredRig filtered;
  filtered.rig.user(ChannelExtendedData{0, kStderr, bytes_of("x.")});
  CHECK(filtered.rig.to_container() == Lines{"close 9"});
}

TEST_CASE("an observer hears what the user has said, and what she is answered") {
  class Scribe final : public ChannelObserver {
   public:
    explicit Scribe(std::string& heard) : heard_(heard) {}
    void on_message(Side /*from*/, const Message& message) override { heard_ += text_of(data_of(message)); }
    void on_end() override {}

   private:
    std::string& heard_;
  };
  std::string heard;
  Rig rig;
  rig.observes = [&](Side /*opener*/, const ChannelOpen& /*open*/) { return std::make_unique<Scribe>(heard); };
  rig.filters = [](const ChannelRequest& /*request*/) { return std::make_unique<Capitals>(); };
  rig.connect();
  rig.open_session();
  rig.user(ChannelData{0, bytes_of("one. tw")});
  rig.container(ChannelData{0, bytes_of("-")});
  rig.user(ChannelData{0, bytes_of("o.")});
  CHECK(heard == "one. tw-o.");
}

}  // namespace bastion::connection
