"""What systemd thinks of our units, whose programs are not installed here."""

import re
import subprocess

from units import PACKAGING, verified

MOST_EXPOSED = 1.5  # of 10


def test_systemd_accepts_all_of_them(tmp_path):
    units = {path.name: path.read_text() for kind in ("service", "socket", "timer") for path in PACKAGING.glob(f"*.{kind}")}
    assert len(units) == 5
    seen = verified(tmp_path, units)
    assert (seen.returncode, seen.stderr) == (0, "")


def exposure(unit):
    line = ["systemd-analyze", "security", "--offline=true", "--no-pager", unit]
    said = subprocess.run(line, capture_output=True, text=True, check=True).stdout
    return float(re.search(r"Overall exposure level for .*: ([\d.]+)", said).group(1)), said


def test_the_service_leaves_little_to_whoever_is_in_it(tmp_path):
    level, said = exposure(PACKAGING / "bastion.service")
    assert level <= MOST_EXPOSED, said
    without = re.sub(r"^SystemCallFilter=.*\n", "", (PACKAGING / "bastion.service").read_text(), flags=re.MULTILINE)
    (tmp_path / "bastion.service").write_text(without)
    assert exposure(tmp_path / "bastion.service")[0] > MOST_EXPOSED


def test_the_unit_of_a_link_is_accepted_and_leaves_little_too(tmp_path):
    unit = (PACKAGING / "backend" / "bastion-link@.service").read_text()
    name = "bastion-link@bastion.example.org.service"
    seen = verified(tmp_path, {name: unit})
    assert (seen.returncode, seen.stderr) == (0, "")
    level, said = exposure(tmp_path / name)
    assert level <= MOST_EXPOSED, said
