"""A container that misbehaves with its user in it: the bastion stays small, nobody else notices, and that login ends."""

import re

import pytest

import siege

pytestmark = [pytest.mark.bastion_only]

# What the bastion itself judges: it hangs up.
_BREACHES = """
    confirmed_again refused_after_all data_to_no_channel close_of_no_channel request_to_no_channel
    confirmation_of_no_channel refusal_of_no_channel global_reply_nobody_asked_for malformed too_large flood_of_authentication flood_of_banners
    flood_of_service_requests bytes_that_are_no_packet kexinit_again_and_again questions_in_a_key_exchange
""".split()

# What the user's client may judge, or what is nobody's business. Of the floods the backend's sshd swallows much.
_ENDURED = """
    window_of_zero window_of_everything window_that_overflows packet_size_of_zero packet_size_of_one
    packet_size_of_everything data_beyond_the_window sessions_by_the_thousand forwards_by_the_thousand
    agents_by_the_thousand displays_by_the_thousand opened_and_dropped_by_the_thousand one_number_for_all
    opened_and_never_answered refused_at_length shell_twice requests_after_eof data_after_eof eof_by_the_dozen
    requests_after_close data_after_close close_twice adjust_of_no_channel
    channel_replies_nobody_asked_for exit_status_by_the_dozen flood_of_keepalives flood_of_proofs flood_of_forwards
    flood_of_announcements flood_of_adjusts large_global_request large_channel_type large_environment large_data
    every_unknown_number flood_of_nothing disconnect_by_the_dozen flood_of_opens flood_of_requests
    flood_of_unknown_numbers unknown_numbers_in_a_key_exchange
""".split()

_LATE = "forward_answered_late"
_LARGEST = "packets_as_large_as_allowed"
_NOBODY_ASKED = "channels_nobody_asked_for"
_KINDS = "auth-agent@openssh.com x11 forwarded-tcpip forwarded-streamlocal@openssh.com session direct-streamlocal@openssh.com".split()

# What only the user's side can do: there the bastion confirms, and holds.
_OF_CLIENTS = ["one_request_at_a_time", "data_before_the_window", "flood_before_the_container"]


@pytest.fixture(scope="module")
def besieged():
    with siege.laid() as here:
        here.lab.container(siege.ATTACKER).stop()
        yield here


@pytest.mark.parametrize("behaviour", _BREACHES)
def test_a_breach_of_the_protocol_ends_the_login(besieged, behaviour):
    fate = besieged.endure(besieged.container(behaviour, "cat"))
    assert fate.was_cut_off
    assert fate.reason == "container_vanished"


@pytest.mark.parametrize("behaviour", _ENDURED)
def test_the_rest_is_endured(besieged, behaviour):
    besieged.endure(besieged.container(behaviour, "cat"))


@pytest.mark.parametrize("behaviour", ["packet_size_of_zero", "packet_size_of_one"])
def test_a_user_who_sends_all_the_while_is_held_up_alone(besieged, behaviour):
    """Much of hers for a container that takes it in the smallest pieces."""
    besieged.endure(besieged.container(behaviour, "cat", input="/dev/zero"))


def test_channels_nobody_asked_for_end_at_the_bastion(besieged):
    """Whatever her client would have made of them, it hears of none; what she does goes on."""
    logged = len(besieged.lab.log)
    fate = besieged.endure(besieged.container(_NOBODY_ASKED, "cat"))
    assert not fate.was_cut_off
    refused = re.findall(r"refused .*user=alice container=alice/db what=(\S+) why=.the container opened it", besieged.lab.log[logged:])
    assert refused == _KINDS


def test_who_asks_for_a_sign_of_life_gets_one_while_a_forward_is_not_answered(besieged):
    """Without one her client gives up after two seconds; the replies come in their order all the same."""
    impatient = ["-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=1", "-R", "7003:127.0.0.1:9"]
    fate = besieged.endure(besieged.container(_LATE, "cat", *impatient))
    assert (fate.outcome, fate.was_cut_off) == ("heard out", False)


def test_two_ends_that_take_packets_of_any_size_are_sent_what_can_be_carried(besieged):
    """Much in both directions of a forward of each kind, in messages as large as the bastion says that they may be."""
    with besieged.empty_container(_LARGEST):
        fate = besieged.endure(besieged.client(_LARGEST))
    assert fate == siege.Fate("heard out", "ok", was_cut_off=False)


def test_every_behaviour_has_its_story():
    told = _BREACHES + _ENDURED + [_NOBODY_ASKED, _LATE, _LARGEST] + _OF_CLIENTS
    assert sorted(told) == sorted(siege.behaviours("container"))
