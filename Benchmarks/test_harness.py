#!/usr/bin/env python3
"""Tests of the harness: its arithmetic, its judgements and its charts. python3 -m unittest discover -s Benchmarks"""
import os
import tempfile
import unittest
import xml.dom.minidom

import guard
from harness import charts, rows
from harness.tools import expected_pending


class RowsTest(unittest.TestCase):
    def results(self, name, pairs):
        found = rows.Rows()
        for ours, theirs in pairs:
            found.add(name, ours, theirs)
        return found.results()

    def test_ratio_is_the_median_of_the_rounds_ratios(self):
        # Ratios 0.5, 0.25, 1: their median is not the ratio of the medians, 200 / 400.
        (row,), spread = self.results("append-group", [(100, 200), (200, 800), (400, 400)])
        self.assertEqual(row["ratio"], 0.5)
        (row,), _ = self.results("append-group", [(100, 200), (200, 800), (300, 1000)])
        self.assertEqual((row["ratio"], row["ours"], row["baseline"]), (0.3, 200, 800))
        self.assertEqual(spread["append-group"]["ours"], [100, 200, 400])

    def test_goals_by_direction(self):
        for name, ours, theirs, met in (
                ("append-group", 50, 100, True), ("append-group", 49, 100, False),
                ("read-balance", 250, None, True), ("read-balance", 251, None, False),
                ("import", 400_000, None, True), ("import", 399_999, None, False),
                ("growth", 130, 100, True), ("growth", 131, 100, False), ("rebuild-views", 1, 2, None)):
            (row,), _ = self.results(name, [(ours, theirs)])
            self.assertIs(row["met"], met, name)

    def test_absolute_rows_have_no_baseline_and_lower_is_said(self):
        (row,), _ = self.results("log-bytes", [(163, None)])
        self.assertEqual(
            row, {"name": "log-bytes", "unit": "bytes/payment", "ours": 163, "baseline": None, "ratio": None,
                  "goal": 200, "met": True, "better": "lower"})
        (row,), _ = self.results("append-one", [(1, 1)])
        self.assertEqual(list(row), ["name", "unit", "ours", "baseline", "ratio", "goal", "met"])

    def test_figures_go_between_the_marks_only(self):
        with tempfile.NamedTemporaryFile("w+", suffix=".md") as page:
            page.write(f"before\n{rows.BEGIN}\nold\n{rows.END}\nafter\n")
            page.flush()
            rows.put_into(page.name, "new")
            with open(page.name, encoding="utf-8") as file:
                self.assertEqual(file.read(), f"before\n{rows.BEGIN}\nnew\n{rows.END}\nafter\n")
        with tempfile.NamedTemporaryFile("w+", suffix=".md") as page:
            page.write("no marks")
            page.flush()
            self.assertRaises(ValueError, rows.put_into, page.name, "new")


class WorkloadTest(unittest.TestCase):
    def test_commissions(self):
        # By hand: 48.03 pays 961 + 480 + 240.
        self.assertEqual([expected_pending(0), expected_pending(1)], [0, 1_681])
        # What the ledger, fold.c and SQLite come to for the first 20,000 payments.
        self.assertEqual(expected_pending(20_000), 38_278_931)


class GuardTest(unittest.TestCase):
    recorded = {"allocations": 10.0, "instructions": 1000.0, "syncs": 1.0}

    def test_what_grows_fails(self):
        for figures, grown in (
                ({"allocations": 10.2}, []), ({"allocations": 10.3}, ["allocations"]),
                ({"instructions": 1050.0}, []), ({"instructions": 1051.0}, ["instructions"]),
                ({"syncs": 1.0}, []), ({"syncs": 1.1}, ["syncs"]), ({"allocations": 5.0}, [])):
            self.assertEqual(guard.compare(self.recorded, figures)[1], grown, figures)

    def test_what_shrinks_is_told(self):
        lines, _ = guard.compare(self.recorded, {"allocations": 5.0})
        self.assertIn("--update", lines[1])


class ChartsTest(unittest.TestCase):
    runs = {
        "groupSizes": [{"group": g, "ours": 10.0 * g, "append": 20.0 * g, "accounts": 5.0 * g} for g in (1, 8190)],
        "read": [{"balanceWriting": [{"p50": 200, "p99": 900, "p99.9": 30_000}]}],
        "rebuildSizes": [{"users": 10 ** n, "ours": 1e6, "fold": 2e6} for n in (5, 6)],
        "growth": {"users": 10, "points": [{"events": 10 ** n, "nanosecondsAPayment": 700.0} for n in (5, 6, 7)]},
    }

    def test_every_chart_is_sound_xml_without_outside_assets(self):
        with tempfile.TemporaryDirectory() as folder:
            names = charts.draw([{"name": "log-bytes", "ours": 163, "goal": 200}], {"runs": self.runs}, folder)
            self.assertEqual(
                sorted(names), ["growth.svg", "latency.svg", "rebuild.svg", "size.svg", "throughput.svg"])
            for name in names:
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    text = file.read()
                xml.dom.minidom.parseString(text)
                self.assertNotIn("href", text)

    def test_without_figures_there_is_no_chart(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(charts.draw([], {"runs": {}}, folder), [])


if __name__ == "__main__":
    unittest.main()
