"""The rows: names, units and goals of the specification's table; medians, ratios, whether a goal is met."""
import json

from .tools import median

# name: (unit, goal, what the goal is about, which way is better). The goal is about the ratio to the baseline,
# or about ours alone ("own").
ROWS = {
    "append-group": ("payments/s", 0.5, "ratio", "higher"),
    "append-group-sqlite": ("payments/s", 10, "ratio", "higher"),
    "append-one": ("payments/s", 0.95, "ratio", "higher"),
    "append-callers": ("payments/s", 15, "ratio", "higher"),
    "rebuild-1m": ("payments/s", 0.5, "ratio", "higher"),
    "rebuild-10m": ("payments/s", 0.5, "ratio", "higher"),
    "rebuild-views": ("bytes/s", None, "ratio", "higher"),
    "read-balance": ("ns", 250, "own", "lower"),
    "read-balance-writing": ("ns, p99 beside writes at full speed", 20_000, "own", "lower"),
    "read-top10": ("ns", 5_000, "own", "lower"),
    "read-top10-writing": ("ns, p99 beside writes at full speed", 20_000, "own", "lower"),
    "read-rank": ("ns", 2_000, "own", "lower"),
    "read-rank-writing": ("ns, p99 beside writes at full speed", 20_000, "own", "lower"),
    "log-bytes": ("bytes/payment", 200, "own", "lower"),
    "memory-user": ("bytes/user", 160, "own", "lower"),
    "memory-payment": ("bytes/payment", 40, "own", "lower"),
    "open-10m": ("ns", 1_000_000_000, "own", "lower"),
    "import": ("lines/s", 400_000, "own", "higher"),
    "growth": ("ns/payment", 1.3, "ratio", "lower"),
}


class Rows:
    """Figures of all rounds, by row."""

    def __init__(self):
        self.ours = {}
        self.theirs = {}

    def add(self, name, ours, baseline=None):
        self.ours.setdefault(name, []).append(ours)
        if baseline is not None:
            self.theirs.setdefault(name, []).append(baseline)

    def results(self):
        """Rows as in latest.json, and the spread of each."""
        rows, spread = [], {}
        for name, (unit, goal, about, better) in ROWS.items():
            if name not in self.ours:
                continue
            ours, theirs = self.ours[name], self.theirs.get(name)
            # Pair by pair, so that a machine that drifts drifts for both.
            ratio = median([a / b for a, b in zip(ours, theirs)]) if theirs else None
            figure = ratio if about == "ratio" else median(ours)
            met = None if goal is None else (figure <= goal if better == "lower" else figure >= goal)
            row = {
                "name": name, "unit": unit, "ours": _short(median(ours)),
                "baseline": _short(median(theirs)) if theirs else None, "ratio": _short(ratio), "goal": goal,
                "met": met,
            }
            if better == "lower":
                row["better"] = "lower"
            rows.append(row)
            spread[name] = {"ours": [_short(value) for value in ours], "baseline": [_short(v) for v in theirs or []]}
        return rows, spread


def _short(value):
    """Four digits say enough."""
    if value is None or value == 0:
        return value
    return round(value) if abs(value) >= 1000 else float(f"{value:.4g}")


def number(value):
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def table(rows, spread):
    """The rows as text, one a line."""
    lines = [f"{'row':21} {'ours':>13} {'min … max':>27} {'baseline':>13} {'ratio':>8} {'goal':>9}  unit"]
    for row in rows:
        ours = spread[row["name"]]["ours"]
        around = f"{number(min(ours))} … {number(max(ours))}"
        sign = "≤" if row.get("better") == "lower" else "≥"
        goal = f"{sign} {number(row['goal'])}" if row["goal"] is not None else "–"
        verdict = {True: "met", False: "NOT MET", None: ""}[row["met"]]
        lines.append(
            f"{row['name']:21} {number(row['ours']):>13} {around:>27} {number(row['baseline']):>13}"
            f" {number(row['ratio']):>8} {goal:>9}  {row['unit'].split(',')[0]:13} {verdict}")
    return "\n".join(lines)


def write(path, value):
    with open(path, "w", encoding="utf-8") as out:
        json.dump(value, out, indent=1, ensure_ascii=False)
        out.write("\n")


BEGIN, END = "<!-- figures of the last whole run: written by scripts/bench -->", "<!-- end of the figures -->"
SCALE_BEGIN = "<!-- figures of the last large programme: written by scripts/bench-scale -->"


TITLES = {
    "throughput.svg": "Durable payments a second, by group size", "latency.svg": "Latency percentiles",
    "rebuild.svg": "Rebuild rate by users", "growth.svg": "Cost of a payment as the ledger grows",
    "size.svg": "Bytes a payment and a user",
}


def markdown(rows, spread, details, charts):
    """The figures as a page shows them, and the charts that were drawn."""
    where = details["machine"]
    lines = [
        f"{details['sizes']['rounds']} rounds on {where['processors']} × {where['model']}, Linux {where['kernel']}, "
        f"{where['memoryBytes'] / 2**30:.0f} GiB; load before: {where['loadBefore']:.2f}.", "",
        "| row | ours (min … max) | baseline | ratio | goal | |", "|---|---|---|---|---|---|"]
    for row in rows:
        ours = spread[row["name"]]["ours"]
        sign = "≤" if row.get("better") == "lower" else "≥"
        goal = f"{sign} {number(row['goal'])}" if row["goal"] is not None else "–"
        verdict = {True: "met", False: "not met", None: ""}[row["met"]]
        lines.append(
            f"| `{row['name']}` ({row['unit']}) | {number(row['ours'])} ({number(min(ours))} … {number(max(ours))}) "
            f"| {number(row['baseline'])} | {number(row['ratio'])} | {goal} | {verdict} |")
    runs = details["runs"]
    further = []
    if "postgres" in runs:
        one, many = runs["postgres"]["oneByOne32Clients"], runs["postgres"]["batchesOf8190"]
        further.append(f"PostgreSQL 15: {number(one)} payments/s one a call with 32 clients, "
                       f"{number(many)} in set-based batches of 8,190")
    if "append-group" in runs and "decide" in runs["append-group"][0]:
        alone, serial, beside = (
            median([run["decide"][threads]["perSecond"] for run in runs["append-group"]]) for threads in (0, 1, 2))
        further.append(f"C that decides and encodes the payments of `append-group`: {number(alone)} a second, "
                       f"{number(serial)} with the append after each group, {number(beside)} with it beside the next")
    if "read" in runs and "balanceInC" in runs["read"][0]:
        least, overlapped, in_turn = (
            median([run[name] for run in runs["read"]])
            for name in ("balanceInC", "balancesInCOverlapped", "balanceInTurn"))
        further.append(f"a balance that is only asked for when the one before is known: {number(in_turn)} ns; C that does nothing "
                       f"but find a user's row by id: {number(least)} ns so, {number(overlapped)} ns where reads may overlap")
    if "groupSizes" in runs:
        accounts = runs["groupSizes"][-1]["accounts"]
        further.append(f"C on LMDB with balances as rows: {number(accounts)} payments/s in groups of 8,190")
    if runs.get("growth", {}).get("points"):
        last = runs["growth"]["points"][-1]
        if last.get("filledPerSecond"):
            further.append(f"filling the ledger of `growth` up to {number(last['events'])} events, checkpoints with their views "
                           f"in the time: {number(last['filledPerSecond'])} payments/s")
    if "open" in runs:
        opened = runs["open"]
        further.append(
            f"opening 10 M users: {min(opened['warm']):.2f} s warm, {min(opened['cold']):.2f} s with a cold page cache, "
            f"{opened['killed']['seconds']:.2f} s after a kill that left {number(opened['killed']['tailPayments'])} "
            "payments to fold")
    if further:
        lines += ["", "Beside the rows: " + "; ".join(further) + "."]
    lines += [""] + [f"![{TITLES[name]}](../Benchmarks/results/{name})" for name in charts]
    return "\n".join(lines)


def scale_markdown(figures):
    """A run of scale.py as a page shows it."""
    def cost(part):
        text = f"{part['seconds']:,.3g} s"
        if part["peakAnonymousBytes"] > 100e6:
            text += f", {part['peakAnonymousBytes'] / 1e9:.2f} GB of anonymous memory at the most"
        return text
    imported, rebuilt = figures["import"], figures["rebuild"]
    rows = [
        ("users, payments, events in the log",
         f"{figures['users']:,}, {figures['payments']:,}, {figures['events']:,}"),
        ("import as a stream, `simulate` on the same processors",
         f"{imported['lines']:,} lines, {imported['linesPerSecond']:,} a second: {cost(imported)}"),
        ("log", f"{figures['logBytes'] / 1e9:.2f} GB, {figures['logBytes'] / figures['events']:.1f} bytes an event"),
        ("views, past states among them", f"{figures['viewsBytes'] / 1e9:.2f} GB"),
        ("`status`, a process of its own: page cache warm", cost(figures["openWarm"])),
        ("the same, cold", cost(figures["openCold"])),
        ("`rebuild` from the log alone", f"{rebuilt['eventsPerSecond']:,} events a second: {cost(rebuilt)}"),
    ]
    return "\n".join(
        ["| what | figure |", "|---|---|"] + [f"| {name} | {text} |" for name, text in rows]
        + ["", "![What ten million users need](../Benchmarks/results/scale.svg)"])


def put_into(path, text, begin=BEGIN):
    """Puts the figures between the two marks of a page."""
    with open(path, encoding="utf-8") as file:
        page = file.read()
    before, _, rest = page.partition(begin)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"{path} has no marks for the figures")
    with open(path, "w", encoding="utf-8") as out:
        out.write(f"{before}{begin}\n{text}\n{END}{after}")
