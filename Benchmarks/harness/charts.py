"""The charts, as SVG written here: no library, no font, no file from elsewhere."""
import math
import os
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 84, 150, 64, 62
INK, SOFT, GRID, GOAL = "#1c2733", "#5b6875", "#e3e8ee", "#b3261e"
COLOURS = ["#0b6e99", "#c8553d", "#6a994e", "#8d6cab", "#7d8597"]
FONT = "font-family='system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif'"


def short(value):
    """1.5 M, 20 k, 0.3."""
    for size, sign in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{sign}"
    return f"{value:.3g}"


def time(nanoseconds):
    for size, sign in ((1e9, " s"), (1e6, " ms"), (1e3, " µs")):
        if nanoseconds >= size:
            return f"{nanoseconds / size:.3g}{sign}"
    return f"{nanoseconds:.3g} ns"


class Axis:
    """A scale from values to pixels; logarithmic, or linear from zero."""

    def __init__(self, values, start, end, logarithmic, step_label):
        self.start, self.end, self.log, self.label = start, end, logarithmic, step_label
        low, high = min(values), max(values)
        if logarithmic:
            self.low, self.high = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
            if self.low == self.high:
                self.high += 1
        else:
            self.low, self.high = 0, self._nice(high)

    @staticmethod
    def _nice(high):
        step = 10 ** math.floor(math.log10(high or 1))
        return next(step * m for m in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * m >= high * 1.04 or m == 10)

    def at(self, value):
        place = math.log10(max(value, 10 ** self.low)) if self.log else value
        return self.start + (self.end - self.start) * (place - self.low) / (self.high - self.low)

    def ticks(self):
        if self.log:
            return [10 ** power for power in range(self.low, self.high + 1)]
        return [self.high * i / 5 for i in range(6)]


class Chart:
    """Shapes, in the order in which they are drawn."""

    def __init__(self, title, subtitle, height=HEIGHT):
        self.height = height
        self.parts = []
        self.text(24, 30, title, size=17, weight=600)
        self.text(24, 49, subtitle, size=12, colour=SOFT)

    def text(self, x, y, text, size=12, colour=INK, anchor="start", weight=400):
        self.parts.append(
            f"<text x='{x:.1f}' y='{y:.1f}' font-size='{size}' fill='{colour}' text-anchor='{anchor}'"
            f" font-weight='{weight}' paint-order='stroke' stroke='white' stroke-width='3'>{escape(text)}</text>")

    def line(self, x1, y1, x2, y2, colour=GRID, width=1, dash=""):
        dash = f" stroke-dasharray='{dash}'" if dash else ""
        self.parts.append(
            f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' stroke='{colour}'"
            f" stroke-width='{width}'{dash}/>")

    def dot(self, x, y, colour, radius=4):
        self.parts.append(
            f"<circle cx='{x:.1f}' cy='{y:.1f}' r='{radius}' fill='{colour}' stroke='white' stroke-width='1.2'/>")

    def bar(self, x, y, width, height, colour):
        self.parts.append(
            f"<rect x='{x:.1f}' y='{y:.1f}' width='{max(width, 1):.1f}' height='{height:.1f}' rx='2' fill='{colour}'/>")

    def path(self, points, colour, width=2.4):
        steps = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(
            f"<polyline points='{steps}' fill='none' stroke='{colour}' stroke-width='{width}'"
            f" stroke-linejoin='round' stroke-linecap='round'/>")

    def write(self, path):
        with open(path, "w", encoding="utf-8") as out:
            out.write(
                f"<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{self.height}'"
                f" viewBox='0 0 {WIDTH} {self.height}' {FONT}>\n<rect width='100%' height='100%' fill='white'/>\n")
            out.write("\n".join(self.parts))
            out.write("\n</svg>\n")


def lines(title, subtitle, series, x_label, x_text, y_text, log_y=True, x_ticks=None, bands=()):
    """A chart of lines: series = [(name, [(x, y)])]; x is logarithmic. bands = [(y, text)] are goals."""
    chart = Chart(title, subtitle)
    everything = [point for _, points in series for point in points]
    x = Axis([px for px, _ in everything], LEFT, WIDTH - RIGHT, True, x_text)
    if x_ticks:
        x.low, x.high = math.log10(min(x_ticks)), math.log10(max(x_ticks))
    y = Axis([py for _, py in everything] + [at for at, _ in bands], HEIGHT - BOTTOM, TOP + 8, log_y, y_text)
    for value in y.ticks():
        chart.line(LEFT, y.at(value), WIDTH - RIGHT, y.at(value))
        chart.text(LEFT - 10, y.at(value) + 4, y_text(value), colour=SOFT, anchor="end")
    for value in x_ticks or x.ticks():
        chart.line(x.at(value), HEIGHT - BOTTOM, x.at(value), HEIGHT - BOTTOM + 5, colour=SOFT)
        chart.text(x.at(value), HEIGHT - BOTTOM + 21, x_text(value), colour=SOFT, anchor="middle")
    chart.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, x_label, colour=SOFT, anchor="middle")
    for at, text in bands:
        chart.line(LEFT, y.at(at), WIDTH - RIGHT, y.at(at), colour=GOAL, dash="5 4")
        chart.text(LEFT + 6, y.at(at) - 6, text, size=11, colour=GOAL)
    ends = []
    for i, (name, points) in enumerate(series):
        colour = COLOURS[i % len(COLOURS)]
        places = [(x.at(px), y.at(py)) for px, py in points]
        if len(places) > 1:
            chart.path(places, colour, width=3 if i == 0 else 2)
        for place in places:
            chart.dot(*place, colour, radius=4.5 if i == 0 else 3.5)
        ends.append([places[-1][1], places[-1][0], name, colour, points[-1][1], i == 0])
    _labels(chart, ends, y_text)
    return chart


def _labels(chart, ends, y_text):
    """Names at the ends of lines, moved apart where they would overlap."""
    ends.sort(key=lambda end: end[0])
    last = -100.0
    for at, _x, name, colour, value, is_first in ends:
        at = max(at, last + 30)
        last = at
        chart.text(WIDTH - RIGHT + 12, at, name, colour=colour, weight=600 if is_first else 500)
        chart.text(WIDTH - RIGHT + 12, at + 14, y_text(value), size=11, colour=SOFT)


def percentiles(title, subtitle, categories, goal=None):
    """Rows of dots: categories = [(name, [(percentile, nanoseconds)])] on a logarithmic axis of time."""
    height = TOP + 40 + 46 * len(categories) + 50
    chart = Chart(title, subtitle, height)
    left, right, bottom = 205, WIDTH - 40, height - 46
    values = [value for _, points in categories for _, value in points] + ([goal] if goal else [])
    x = Axis(values, left, right, True, time)
    for value in x.ticks():
        chart.line(x.at(value), TOP + 26, x.at(value), bottom)
        chart.text(x.at(value), bottom + 20, time(value), colour=SOFT, anchor="middle")
    if goal:
        chart.line(x.at(goal), TOP + 26, x.at(goal), bottom, colour=GOAL, dash="5 4")
        chart.text(x.at(goal), TOP + 20, f"goal of reads' p99: {time(goal)}", size=11, colour=GOAL, anchor="middle")
    names = [name for name, _ in categories[0][1]]
    for i, name in enumerate(names):
        chart.dot(WIDTH - 300 + 72 * i, 26, COLOURS[i])
        chart.text(WIDTH - 292 + 72 * i, 30, name, size=12, colour=SOFT)
    for row, (name, points) in enumerate(categories):
        y = TOP + 50 + 46 * row
        chart.text(left - 14, y + 4, name, anchor="end")
        places = [x.at(value) for _, value in points]
        chart.line(min(places), y, max(places), y, colour="#b9c3cd", width=3)
        for i, place in enumerate(places):
            chart.dot(place, y, COLOURS[i], radius=5)
        for i, (_, value) in enumerate(points):
            if i == 0 or places[i] - places[i - 1] > 46:
                chart.text(places[i], y + 19, time(value), size=10, colour=SOFT, anchor="middle")
    return chart


def bars(title, subtitle, items, text=lambda value: f"{value:,.0f} B"):
    """Bars with their goals: items = [(name, value, goal)]."""
    height = TOP + 24 + 58 * len(items) + 24
    chart = Chart(title, subtitle, height)
    left, right = 205, WIDTH - 110
    widest = max(max(value, goal or 0) for _, value, goal in items)
    for row, (name, value, goal) in enumerate(items):
        y = TOP + 22 + 58 * row
        chart.text(left - 14, y + 20, name, anchor="end")
        chart.bar(left, y, (right - left) * value / widest, 30, COLOURS[0])
        end = left + (right - left) * value / widest
        if goal:
            at = left + (right - left) * goal / widest
            chart.line(at, y - 7, at, y + 37, colour=GOAL, width=2, dash="4 3")
            chart.text(at, y - 10, f"goal ≤ {goal:g}", size=11, colour=GOAL, anchor="middle")
            if abs(end + 24 - at) < 34:
                end = max(end, at)
        chart.text(end + 8, y + 20, text(value), weight=600)
    return chart


def draw(rows, details, folder):
    """Every chart whose figures are there; the names of the files."""
    runs, by_name = details["runs"], {row["name"]: row for row in rows}
    made = {}
    if runs.get("groupSizes"):
        made["throughput"] = _throughput(runs)
    if runs.get("read"):
        made["latency"] = _latency(runs)
    if len(runs.get("rebuildSizes", [])) > 1:
        points = runs["rebuildSizes"]
        made["rebuild"] = lines(
            "Rebuild: state from the log", "payments a second, log in the page cache; 2.5 payments a user",
            [("ours", [(p["users"], p["ours"]) for p in points]), ("fold in C", [(p["users"], p["fold"]) for p in points])],
            "users", short, short, log_y=False)
    if runs.get("growth", {}).get("points"):
        points = [(p["events"], p["nanosecondsAPayment"]) for p in runs["growth"]["points"]]
        base = dict(points).get(1_000_000)
        made["growth"] = lines(
            "What a payment costs as the ledger grows",
            f"durable, groups of 8,190, {runs['growth']['users']:,} users throughout", [("a payment", points)],
            "events of payments in the log", short, time, log_y=False,
            bands=[(1.3 * base, "goal: at most 1.3 × the cost at 1 M events")] if base else ())
    items = [
        (text, by_name[name]["ours"], by_name[name]["goal"])
        for name, text in (("log-bytes", "log, a payment"), ("memory-payment", "memory, a payment"),
                           ("memory-user", "memory, a user with a code")) if name in by_name]
    if items:
        made["size"] = bars("Bytes", "file bytes and anonymous resident memory, no checkpoint mapped", items)
    for name, chart in made.items():
        chart.write(os.path.join(folder, name + ".svg"))
    return [name + ".svg" for name in made]


def scale(figures):
    """What a large programme needs: of one run of scale.py."""
    items = [
        ("log, on disk", figures["logBytes"], None), ("views, on disk", figures["viewsBytes"], None),
        ("memory, importing", figures["import"]["peakAnonymousBytes"], None),
        ("memory, rebuilding", figures["rebuild"]["peakAnonymousBytes"], None)]
    return bars(
        f"{short(figures['users'])} users, {short(figures['events'])} events",
        "views with the past states kept for replay; memory: anonymous, at the most", items,
        text=lambda value: f"{value / 1e9:.2f} GB")


def _throughput(runs):
    points = runs["groupSizes"]
    names = [("ours", "ours"), ("append", "C, append only"), ("accounts", "C, balances as rows"), ("sqlite", "SQLite")]
    series = [(text, [(p["group"], p[name]) for p in points if name in p]) for name, text in names]
    series = [(text, line) for text, line in series if line]
    if "postgres" in runs:
        series.append(("PostgreSQL, batches", [(8190, runs["postgres"]["batchesOf8190"])]))
    return lines(
        "Durable payments a second, by group size",
        "one fact, three commissions in double entry, four balances; one fsync a group", series,
        "payments in a group", lambda count: f"{count:,}", short, x_ticks=[1, 10, 100, 1000, 8190])


def _latency(runs):
    last = runs["read"][-1]
    wanted = ("p50", "p99", "p99.9")
    categories = []
    for name, text in (("balance", "balance"), ("rank", "rank"), ("top10", "top ten"), ("tree", "tree, two levels")):
        found = last.get(name + "Writing")
        if found:
            categories.append((text, [(p, max(1, found[0][p])) for p in wanted]))
    callers = runs.get("append-callers")
    if callers:
        waits = callers[-1]["ours"]["latency"][0]
        categories.append((f"durable payment, {callers[-1]['ours']['callers']} callers", [(p, waits[p]) for p in wanted]))
    return percentiles(
        "Latency", "reads beside writes at full speed, and concurrent durable payments", categories, goal=20_000)
