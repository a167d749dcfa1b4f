"""packaging/bastion.toml shows every setting, in the order of the code's own table, with the default of the code."""

import pathlib
import re
import tomllib

REPOSITORY = pathlib.Path(__file__).parents[2]

SHOWN = re.sub(r"^# (?=\w+ = )", "", (REPOSITORY / "packaging" / "bastion.toml").read_text(), flags=re.MULTILINE)


def test_every_setting_is_shown_in_order():
    table = (REPOSITORY / "bastion" / "config" / "settings.cpp").read_text()
    assert list(tomllib.loads(SHOWN)) == re.findall(r'^    \{"(\w+)", \w+\{&Config::', table, re.MULTILINE)


def test_every_number_is_the_default():
    header = (REPOSITORY / "bastion" / "config" / "config.h").read_text()
    defaults = re.findall(r"(?:int|seconds) (\w+)(?: = |\{)(\d+)", header)
    numbers = {key: value for key, value in tomllib.loads(SHOWN).items() if type(value) is int}
    assert numbers == {key: int(value) for key, value in defaults}


def test_the_service_is_given_time_to_drain():
    unit = (REPOSITORY / "packaging" / "bastion.service").read_text()
    assert int(re.search(r"TimeoutStopSec=(\d+)", unit).group(1)) > tomllib.loads(SHOWN)["drain_timeout"]
