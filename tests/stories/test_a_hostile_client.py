"""A user who misbehaves after she has logged in, and somebody who does before: the bastion stays small, nobody else
notices, and one login ends."""

import pytest

import siege

pytestmark = [pytest.mark.bastion_only]

# What the bastion itself judges: it hangs up.
_BREACHES = """
    data_before_the_window confirmed_again refused_after_all
    data_to_no_channel close_of_no_channel request_to_no_channel confirmation_of_no_channel
    refusal_of_no_channel global_reply_nobody_asked_for malformed too_large
    bytes_that_are_no_packet kexinit_again_and_again questions_in_a_key_exchange
""".split()

# What only costs something when answers are kept for somebody who does not read: nobody reads her either.
_HELD_UP = """
    flood_of_opens flood_of_unknown_numbers flood_of_service_requests flood_of_banners
    unknown_numbers_in_a_key_exchange
""".split()

# What the other end may judge, or what is nobody's business.
_ENDURED = """
    window_of_zero window_of_everything window_that_overflows packet_size_of_zero packet_size_of_one
    data_beyond_the_window sessions_by_the_thousand forwards_by_the_thousand agents_by_the_thousand
    displays_by_the_thousand opened_and_dropped_by_the_thousand one_number_for_all shell_twice requests_after_eof
    data_after_eof eof_by_the_dozen requests_after_close data_after_close close_twice adjust_of_no_channel
    channel_replies_nobody_asked_for exit_status_by_the_dozen flood_of_keepalives flood_of_proofs flood_of_forwards
    flood_of_announcements flood_of_requests flood_of_authentication flood_of_adjusts flood_before_the_container
    large_global_request large_channel_type large_environment large_data every_unknown_number flood_of_nothing
    disconnect_by_the_dozen channels_nobody_asked_for
""".split()

# What OpenSSH bears as well: she is served to the end.
_HEARD_OUT = ["packet_size_of_everything"]
_ONE_BY_ONE = "one_request_at_a_time"

# What only a container can do, or both ends together.
_OF_CONTAINERS = ["opened_and_never_answered", "refused_at_length", "forward_answered_late", "packets_as_large_as_allowed"]


@pytest.fixture(scope="module")
def besieged():
    with siege.laid({"login_grace": 5}) as here:
        yield here


@pytest.mark.parametrize("behaviour", _BREACHES)
def test_a_breach_of_the_protocol_ends_her_login(besieged, behaviour):
    fate = besieged.endure(besieged.client(behaviour))
    assert fate.was_cut_off
    assert fate.reason == "client_broke_protocol"


@pytest.mark.parametrize("behaviour", _HELD_UP)
def test_who_does_not_read_is_not_read(besieged, behaviour):
    fate = besieged.endure(besieged.client(behaviour))
    assert fate.outcome == "held up"


@pytest.mark.parametrize("behaviour", _ENDURED)
def test_the_rest_is_endured(besieged, behaviour):
    besieged.endure(besieged.client(behaviour))


@pytest.mark.parametrize("user", [siege.ATTACKER, "root"])
def test_who_asks_one_thing_at_a_time_gets_each_answer(besieged, user):
    """An administrator's session too, although nobody knows yet whether it is for the container."""
    fate = besieged.endure(besieged.client(_ONE_BY_ONE, user))
    assert fate.outcome == "heard out"


@pytest.mark.parametrize("behaviour", _HEARD_OUT)
def test_who_keeps_to_the_protocol_is_heard_out(besieged, behaviour):
    fate = besieged.endure(besieged.client(behaviour))
    assert fate == siege.Fate("heard out", "ok", was_cut_off=False)


def test_a_stranger_who_breaks_the_protocol_is_let_go(besieged):
    fate = besieged.endure(besieged.stranger("another_service"))
    assert fate.reason == "client_broke_protocol"


@pytest.mark.parametrize(
    "behaviour",
    ["flood_of_unknown_numbers", "flood_of_service_requests", "unknown_numbers_in_a_key_exchange", "kexinit_again_and_again"],
)
def test_a_stranger_who_does_not_read_is_not_read(besieged, behaviour):
    fate = besieged.endure(besieged.stranger(behaviour))
    assert fate.outcome in ("held up", "cut off")


@pytest.mark.parametrize("behaviour", ["flood_of_authentication", "flood_of_nothing"])
def test_other_strangers_are_endured(besieged, behaviour):
    besieged.endure(besieged.stranger(behaviour))


def test_a_signature_is_worth_no_more_work_than_its_key(besieged):
    """A key that lets nobody in is not computed with, however costly a stranger has made it."""

    def cost(behaviour):
        before = besieged.lab.bastion.cpu_seconds()
        for _ in range(10):
            assert besieged.endure(besieged.stranger(behaviour)).reason == "too_many_attempts"
        return besieged.lab.bastion.cpu_seconds() - before

    assert cost("signatures_by_a_costly_key") < 3 * cost("signatures_by_an_unknown_key")


def test_of_requests_that_do_not_wait_for_answers_no_more_are_denied_than_may_be(besieged):
    logged = len(besieged.lab.log)
    assert besieged.endure(besieged.stranger("signatures_by_an_unknown_key")).reason == "too_many_attempts"
    lines = besieged.lab.log[logged:]
    assert lines.count("login denied") == 20
    assert " attempts=20 reason=too_many_attempts" in lines


def test_key_exchanges_without_end_are_endured(besieged):
    """As often as OpenSSH can be made to: after every few messages."""
    command = besieged.lab.client.ssh_line(siege.ATTACKER, "bastion", "head -c 100000 /dev/zero", "-o", "RekeyLimit=16")
    assert len(besieged.lab.client.run(*command).succeeded().stdout) == 100_000


def test_every_behaviour_has_its_story():
    told = _BREACHES + _HELD_UP + _ENDURED + _HEARD_OUT + [_ONE_BY_ONE] + _OF_CONTAINERS
    assert sorted(told) == sorted(siege.behaviours("client"))
