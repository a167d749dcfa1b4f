"""packaging/metrics: rules and configuration as Prometheus checks them, and no series that the bastion does not have."""

import json
import pathlib
import re
import subprocess

import pytest

REPOSITORY = pathlib.Path(__file__).parents[2]
PACKAGED = REPOSITORY / "packaging" / "metrics"
# The unit tests compare this page with the table in the code.
TABLE = dict(re.findall(r"^\| `((?:bastion|process)_\w+)` \| (\w+) \|", (REPOSITORY / "docs" / "METRICS.md").read_text(), re.MULTILINE))


def expressions():
    """All of them, by where they stand."""
    dashboard = json.loads((PACKAGED / "bastion.dashboard.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield f"panel {panel['title']}", target["expr"]
    rules = (PACKAGED / "bastion.rules.yml").read_text()
    yield "bastion.rules.yml", re.sub(r"^ *(summary|description):.*$", "", rules, flags=re.MULTILINE)


def named(expression):
    """The series that it names: of a histogram, without what its samples have behind that."""
    for word in re.findall(r"\b(?:bastion|process)_\w+", expression):
        histogram = re.sub(r"_(bucket|sum|count)$", "", word)
        yield histogram if TABLE.get(histogram) == "histogram" else word


def test_the_table_is_found():
    assert len(TABLE) > 30 and set(TABLE.values()) == {"counter", "gauge", "histogram"}


@pytest.mark.parametrize(("place", "expression"), list(expressions()), ids=lambda text: text if len(text) < 60 else "")
def test_every_series_that_is_named_is_exported(place, expression):
    names = set(named(expression))
    assert names and names <= set(TABLE), (place, names - set(TABLE))


def test_what_the_bastion_has_is_shown_or_watched():
    """What neither the dashboard nor a rule looks at is there for people who search, and should be little."""
    seen = {name for _, expression in expressions() for name in named(expression)}
    assert set(TABLE) - seen <= {
        "bastion_draining",
        "bastion_connections_accepted_total",
        "bastion_executor_running",
        "bastion_store_records_total",
        "process_virtual_memory_bytes",
        "process_threads",
        "process_start_time_seconds",
    }


@pytest.mark.parametrize("line", ["check rules bastion.rules.yml", "check config prometheus.yml"])
def test_prometheus_reads_them(line):
    checked = subprocess.run(["promtool", *line.split()], cwd=PACKAGED, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_rule_is_written_for_series_with_these_names(tmp_path):
    """What the rules do with figures: they fire, and are silent."""
    rate = "0+1x60"
    tests = {
        "rule_files": [str(PACKAGED / "bastion.rules.yml")],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {"series": 'up{job="bastion", instance="a"}', "values": "0x60"},
                    {"series": 'bastion_loop_lag_seconds{instance="a", loop="worker", number="1"}', "values": "9x60"},
                    {"series": 'bastion_container_logins_total{instance="a", result="failed", reason="backend_unreachable"}', "values": "0+60x60"},
                    {"series": 'bastion_container_logins_total{instance="a", result="done", reason="ok"}', "values": "0+60x60"},
                    {"series": 'bastion_store_records_lost_total{instance="a"}', "values": rate},
                ],
                "alert_rule_test": [
                    {"eval_time": "30m", "alertname": name, "exp_alerts": [{"exp_labels": labels | {"severity": "critical"}}]}
                    for name, labels in {
                        "BastionDown": {"job": "bastion", "instance": "a"},
                        "BastionLoopStandsStill": {"instance": "a", "loop": "worker", "number": "1"},
                        "BastionLoginsFail": {"instance": "a"},
                        "BastionRecordsLost": {"instance": "a"},
                    }.items()
                ]
                + [{"eval_time": "30m", "alertname": name, "exp_alerts": []} for name in ("BastionDialsFail", "BastionDescriptorsRunOut")],
            }
        ],
    }
    file = tmp_path / "tests.yml"
    file.write_text(json.dumps(tests))  # JSON is YAML
    ran = subprocess.run(["promtool", "test", "rules", file], capture_output=True, text=True, check=False)
    said = ran.stdout + ran.stderr
    # Annotations are left out above: promtool compares them too, so what fires is read from what it says it got.
    fired = set(re.findall(r"alertname:(\w+)", re.sub(r"\s+", "", said)))
    assert {"BastionDown", "BastionLoopStandsStill", "BastionLoginsFail", "BastionRecordsLost"} <= fired, said
    assert not {"BastionDialsFail", "BastionDescriptorsRunOut"} & fired, said
