// The relay: global requests, and the order of their replies (relay_global_requests.cpp).
#include <doctest/doctest.h>

#include "tests/unit/connection/relay_rig.h"

namespace bastion::connection {

TEST_CASE("opens and global requests keep their order while they wait") {
  Rig rig;
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  rig.user(GlobalRequest{"no-more-sessions@openssh.com", false, {}});
  rig.user(ChannelOpen{"direct-tcpip", 6, 1000, 100, {}});
  rig.connect();
  CHECK(rig.to_container() == Lines{"open session sender=0 window=1000", "global no-more-sessions@openssh.com false",
                                    "open direct-tcpip sender=1 window=1000"});
}

TEST_CASE("global replies come in the order of the questions, whoever answers them") {
  Rig rig;
  rig.connect();
  rig.user(GlobalRequest{"tcpip-forward", true, {}});
  rig.user(GlobalRequest{"hostkeys-prove-00@openssh.com", true, bytes_of("ours")});
  rig.user(GlobalRequest{"no-more-sessions@openssh.com", false, {}});
  rig.user(GlobalRequest{"keepalive@openssh.com", true, {}});
  CHECK(rig.to_user().empty());
  CHECK(rig.to_container() == Lines{"global tcpip-forward true", "global no-more-sessions@openssh.com false",
                                    "global keepalive@openssh.com true"});
  rig.container(RequestSuccess{bytes_of("port")});
  CHECK(rig.to_user() == Lines{"success port", "success proof"});
  rig.container(RequestFailure{});
  CHECK(rig.to_user() == Lines{"failure"});
}

TEST_CASE("a listener may be connected before the reply to it is out, and not any more when that is a refusal") {
  Rig rig;
  rig.connect();
  rig.user(GlobalRequest{"tcpip-forward", true, rig.asked});
  rig.container(rig.forwarded(3, 1000, 100));
  CHECK(rig.unasked.empty());
  CHECK(rig.to_user() == Lines{"open forwarded-tcpip sender=0 window=1000"});
  rig.container(RequestFailure{});
  rig.container(rig.forwarded(4, 1000, 100));
  CHECK(rig.unasked == Lines{"forwarded-tcpip"});
}

TEST_CASE("forwards that nobody has answered yet count, and what is wrong with one is said") {
  Rig rig;
  rig.connect();
  rig.open_session();
  for (std::size_t i = 0; i < PermittedOpens::kMostForwards; ++i)
    rig.user(GlobalRequest{"tcpip-forward", false, rig.asked});
  rig.user(GlobalRequest{"tcpip-forward", false, rig.asked});
  CHECK(rig.to_user() == Lines{"stderr 5 bastion: there are too many forwards in one connection\r\n"});
  CHECK(rig.to_container().size() == PermittedOpens::kMostForwards);
  WireWriter endless;
  endless.string(std::string(PermittedOpens::kLongestPlace + 1, 'a')).u32(80);
  rig.user(GlobalRequest{"tcpip-forward", false, endless.view()});
  CHECK(rig.to_user() == Lines{"stderr 5 bastion: the address of a forward is too long\r\n"});
}

TEST_CASE("a keepalive is answered while the container is being reached") {
  Rig rig;
  rig.user(GlobalRequest{"keepalive@openssh.com", true, {}});
  CHECK(rig.to_user() == Lines{"failure"});
}

TEST_CASE("who asks for a sign of life behind a forward gets one, and the replies keep their order") {
  Rig rig;
  SUBCASE("while the container is being reached") {
    rig.user(GlobalRequest{"tcpip-forward", true, rig.asked});
    rig.user(GlobalRequest{"keepalive@openssh.com", true, {}});
    rig.user(GlobalRequest{"keepalive@jcraft.com", true, {}});
    CHECK(rig.held_up == 2);
    CHECK(rig.to_user().empty());
    rig.connect();
    CHECK(rig.to_container() == Lines{"global tcpip-forward true"});
    rig.container(RequestSuccess{});
  }
  SUBCASE("while the container takes its time") {
    rig.connect();
    rig.user(GlobalRequest{"streamlocal-forward@openssh.com", true, bytes_of(std::string_view("\0\0\0\1s", 5))});
    rig.user(GlobalRequest{"keepalive@openssh.com", true, {}});
    rig.user(GlobalRequest{"unheard-of", true, {}});
    CHECK(rig.held_up == 2);
    CHECK(rig.to_user().empty());
    rig.container(RequestSuccess{});
    rig.container(RequestFailure{});
    rig.container(RequestFailure{});
  }
  CHECK(rig.to_user() == Lines{"success ", "failure", "failure"});
  rig.user(GlobalRequest{"keepalive@openssh.com", true, {}});
  CHECK(rig.held_up == 2);
}

TEST_CASE("a reply that waits for a container that is asked for a sign of life itself is not made up for") {
  Rig rig;
  rig.connect();
  rig.user(GlobalRequest{"keepalive@openssh.com", true, {}});
  rig.user(GlobalRequest{"keepalive@openssh.com", true, {}});
  CHECK(rig.to_container().size() == 2);
  CHECK(rig.held_up == 0);
}

TEST_CASE("host keys that are not ours are not proven") {
  Rig rig;
  rig.user(GlobalRequest{"hostkeys-prove-00@openssh.com", true, bytes_of("theirs")});
  CHECK(rig.to_user() == Lines{"failure"});
}

TEST_CASE("the container's host keys are not shown to the user, its keepalives are") {
  Rig rig;
  rig.connect();
  rig.container(GlobalRequest{"hostkeys-00@openssh.com", false, {}});
  rig.container(GlobalRequest{"keepalive@openssh.com", true, {}});
  CHECK(rig.to_user() == Lines{"global keepalive@openssh.com true"});
  rig.user(RequestFailure{});
  CHECK(rig.to_container() == Lines{"failure"});
}

TEST_CASE("the answer to our own question goes to nobody") {
  Rig rig;
  rig.connect();
  rig.user(GlobalRequest{"tcpip-forward", true, {}});
  rig.relay.ping(Side::container);
  rig.user(GlobalRequest{"cancel-tcpip-forward", true, {}});
  rig.to_container();
  rig.container(RequestSuccess{bytes_of("1")});
  rig.container(RequestFailure{});
  rig.container(RequestSuccess{bytes_of("2")});
  CHECK(rig.to_user() == Lines{"success 1", "success 2"});
}

TEST_CASE("a refusal fails forwards and global requests") {
  Rig rig;
  rig.user(ChannelOpen{"direct-tcpip", 5, 1000, 100, {}});
  rig.user(GlobalRequest{"tcpip-forward", true, {}});
  rig.relay.refuse("no way", 255);
  CHECK(rig.to_user() == Lines{"refuse 5 no way", "failure"});
  rig.user(ChannelOpen{"direct-tcpip", 6, 1000, 100, {}});
  rig.user(GlobalRequest{"tcpip-forward", true, {}});
  CHECK(rig.to_user() == Lines{"refuse 6 no way", "failure"});
}

TEST_CASE("a container's unanswered questions are bounded") {
  Rig rig;
  rig.connect();
  bool fine = true;
  for (int i = 0; i < 2000 && fine; ++i) fine = rig.container(GlobalRequest{"keepalive@openssh.com", true, {}});
  CHECK_FALSE(fine);
}

TEST_CASE("why a listener was refused is said in the next session, if there is none yet") {
  Rig rig;
  rig.connect();
  rig.why = "no listening";
  rig.user(GlobalRequest{"tcpip-forward", true, {}});
  CHECK(rig.to_user() == Lines{"failure"});
  rig.why.clear();
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
  CHECK(rig.to_user() == Lines{"confirm 5 sender=0 window=2000", "stderr 5 no listening\r\n"});
}

TEST_CASE("it is said to a session that is confirmed early too") {
  Rig rig;
  rig.why = "no listening";
  rig.user(GlobalRequest{"tcpip-forward", true, {}});
  rig.why.clear();
  rig.to_user();
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  CHECK(rig.to_user() == Lines{"confirm 5 sender=0 window=0", "stderr 5 no listening\r\n"});
  rig.connect();
  CHECK(rig.to_container() == Lines{"open session sender=0 window=986"});
}

}  // namespace bastion::connection
