"""The rows a benchmark ends with: ours, what it is compared with, the ratio, and the goal it has."""

import statistics


class Table:
    """The two columns are called `ours` and `theirs`."""

    def __init__(self, ours="bastion", theirs="OpenSSH"):
        self._names = ours, theirs
        self.rows = []

    def compare(self, what, unit, ours, theirs, *, at_most=None, at_least=None):
        """Medians of two series taken in turns; the goal is for ours / theirs."""
        mine, other = statistics.median(ours), statistics.median(theirs)
        self._add(what, unit, mine, other, mine / other, at_most, at_least)

    def beside(self, what, unit, ours, other):
        """Medians of two series of ours: what has no counterpart stands beside what it is like."""
        self.value(what, unit, statistics.median(ours), statistics.median(other))

    def value(self, what, unit, ours, theirs=None, *, at_most=None):
        """A figure with a goal of its own; theirs stands beside it."""
        self._add(what, unit, ours, theirs, ours / theirs if theirs else None, None, None)
        self.rows[-1] |= {"goal": None if at_most is None else f"<= {at_most} {unit}".strip()}
        self.rows[-1] |= {"reached": at_most is None or ours <= at_most}

    def _add(self, what, unit, ours, theirs, ratio, at_most, at_least):
        goal = f"<= {at_most} x" if at_most else f">= {at_least} x" if at_least else None
        reached = (at_most is None or ratio <= at_most) and (at_least is None or ratio >= at_least)
        row = {"what": what, "unit": unit, **dict(zip(self._names, (ours, theirs))), "ratio": ratio}
        self.rows.append(row | {"goal": goal, "reached": reached})
        print(f"  {what}: {_number(ours)} {unit}, {self._names[1]} {_number(theirs)}, ratio {_number(ratio)}", flush=True)

    def reached(self):
        return all(row["reached"] for row in self.rows)

    def text(self):
        lines = [["", *self._names, "ratio", "goal"], ["---", "---:", "---:", "---:", "---"]]
        for row in self.rows:
            what = f"{row['what']}, {row['unit']}" if row["unit"] else row["what"]
            goal = row["goal"] or ""
            figures = [_number(row[key]) for key in (*self._names, "ratio")]
            lines.append([what, *figures, goal if row["reached"] else f"{goal} (missed)"])
        widths = [max(len(line[column]) for line in lines) for column in range(5)]
        return "\n".join("| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines)


def _number(value):
    if value is None:
        return "-"
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
