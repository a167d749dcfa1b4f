"""What systemd thinks of our units, whose programs are not installed here."""

import pathlib
import re
import subprocess

PACKAGING = pathlib.Path(__file__).resolve().parents[2] / "packaging"
MOST_EXPOSED = 1.5  # of 10


def test_systemd_accepts_all_of_them(tmp_path):
    units = sorted(path for kind in ("service", "socket", "timer") for path in PACKAGING.glob(f"*.{kind}"))
    assert len(units) == 4
    for unit in units:
        text = re.sub(r"^ExecStart=/usr/bin/bastion.*$", "ExecStart=/bin/true", unit.read_text(), flags=re.MULTILINE)
        (tmp_path / unit.name).write_text(text)
    seen = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(tmp_path / unit.name for unit in units)], capture_output=True, text=True, check=False
    )
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
