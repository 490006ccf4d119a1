#!/usr/bin/env python3
"""Tests of read_log.py: what is damaged is refused, and the place is named.

    python3 -m unittest discover -s Tests/independent

Needs the whole standard library (Debian: python3); read_log.py itself does not.
"""
import contextlib
import copy
import glob
import io
import json
import os
import re
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
import read_log  # noqa: E402

FIXTURES = sorted(glob.glob(os.path.join(ROOT, "Fixtures", "log", "*.json")))
REPAIRS = os.path.join(ROOT, "Fixtures", "log", "repairs.json")


def records_of(path):
    with open(path, encoding="utf-8") as file:
        return [bytes.fromhex(record["bytes"]) for record in json.load(file)["records"]]


def sealed(record, body=None, **header):
    """The record with another body or header, its length and checksum put right."""
    out = bytearray(record[:40]) + bytearray(record[40:] if body is None else body)
    out[4:8] = len(out).to_bytes(4, "little")
    for name, value in header.items():
        at, width = {"flags": (1, 1), "count": (2, 2), "ordinal": (8, 8), "base": (16, 8), "recorded_at": (24, 8)}[name]
        out[at:at + width] = value.to_bytes(width, "little")
    out[32:40] = read_log.checksum(bytes(out)).to_bytes(8, "little")
    return bytes(out)


def read(records):
    log = read_log.Log()
    for record in records:
        log.append(record)
    return log


class ReadLogTests(unittest.TestCase):
    def setUp(self):
        self.records = records_of(REPAIRS)
        # Record 1, event 0 is the signup of "ann": envelope flags 1, programme 0, version 1, moment, actor, type 20, flags 0.
        self.signup = self.records[1]
        self.assertEqual(self.signup[40:43], bytes([1, 0, 1]))
        self.assertEqual(self.signup[57:60], bytes([20, 0, 0]))

    def assert_wrong(self, second, place):
        with self.assertRaises(read_log.Wrong) as caught:
            read([self.records[0], second])
        self.assertIn(place, str(caught.exception))

    def run_main(self, *words):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = read_log.main(list(words))
        return status, out.getvalue(), err.getvalue()

    def test_fixtures_hold(self):
        self.assertTrue(FIXTURES)
        status, out, _ = self.run_main(*FIXTURES)
        self.assertEqual(status, 0, out)
        self.assertEqual(out.count("ok: "), len(FIXTURES))

    def test_balances_as_json(self):
        status, out, err = self.run_main("--json", REPAIRS)
        self.assertEqual(status, 0, err)
        log = json.loads(out)["logs"][0]
        sums = {}
        for row in log["accounts"]:
            key = row["programme"], row["asset"]
            sums[key] = sums.get(key, 0) + int(row["debits"]) - int(row["credits"])
        self.assertTrue(sums)
        self.assertEqual(set(sums.values()), {0})
        self.assertTrue(log["users"])

    def test_own_json_is_json(self):
        for path in FIXTURES:
            with open(path, encoding="utf-8") as file:
                text = file.read()
            self.assertEqual(read_log.parse_json(text), json.loads(text))
        odd = {"a\"\\\n\u0001é😀": ["", 0, -1, {}, []]}
        self.assertEqual(read_log.parse_json(json.dumps(odd)), odd)
        self.assertEqual(json.loads(read_log.write_json(odd)), odd)

    def test_hex_lines(self):
        with tempfile.NamedTemporaryFile("w", suffix=".hex") as file:
            file.write("\n".join(record.hex() for record in self.records) + "\n")
            file.flush()
            status, out, _ = self.run_main("--hex", file.name)
        self.assertEqual(status, 0, out)
        self.assertIn("32 records", out)

    def test_xxh64_of_its_specification(self):
        self.assertEqual(read_log.xxh64(b"", 0), 0xEF46DB3751D8E999)
        self.assertEqual(read_log.xxh64(b"abc", 0), 0x44BC2CF5AD770999)

    def test_examples_of_the_page(self):
        with open(os.path.join(ROOT, "Documentation", "log-format.md"), encoding="utf-8") as file:
            section = file.read().split("## 7. A record in hex")[1].split("## 8.")[0]
        found = 0
        for block in section.split("```")[1::2]:
            lines = (re.match(r"((?:[0-9A-F]{2} ?)+)(?:  |$)", line) for line in block.split("\n"))
            record = b"".join(bytes.fromhex(line[1]) for line in lines if line)
            self.assertEqual(int.from_bytes(record[4:8], "little"), len(record))
            self.assertEqual(int.from_bytes(record[32:40], "little"), read_log.checksum(record))
            found += 1
        self.assertEqual(found, 2)

    def test_a_flipped_bit(self):
        for at in range(len(self.signup)):
            for bit in range(8):
                record = bytearray(self.signup)
                record[at] ^= 1 << bit
                with self.assertRaises(read_log.Wrong) as caught:
                    read([self.records[0], bytes(record)])
                self.assertTrue(str(caught.exception).startswith("record 1, "), str(caught.exception))
        record = bytearray(self.signup)
        record[60] ^= 1
        self.assert_wrong(bytes(record), "record 1, checksum: ")

    def test_a_flipped_bit_under_a_right_checksum_is_no_crash(self):
        log = read(self.records[:-1])
        last = self.records[-1]
        for at in range(40, len(last)):
            for bit in range(8):
                body = bytearray(last[40:])
                body[at - 40] ^= 1 << bit
                with contextlib.suppress(read_log.Wrong):
                    copy.deepcopy(log).append(sealed(last, body))

    def test_a_cut_record(self):
        for size in range(len(self.signup)):
            self.assert_wrong(self.signup[:size], "record 1, length: " if size >= 40 else "record 1, header: ")
        self.assert_wrong(sealed(self.signup, self.signup[40:-1]),
                          "record 1, event 0 (position 4), UserSignedUp, userId: 3 bytes at 61 go past the end")
        self.assert_wrong(sealed(self.signup, self.signup[40:45]), "record 1, prelude, occurredAt: ")

    def test_something_left_over(self):
        self.assert_wrong(sealed(self.signup, self.signup[40:] + b"\0"), "record 1, end: 1 bytes are left over")

    def test_header(self):
        self.assert_wrong(sealed(self.signup, ordinal=2), "record 1, ordinal: 2 where 1 is due")
        self.assert_wrong(sealed(self.signup, base=5), "record 1, basePosition: 5 where 4 is due")
        self.assert_wrong(sealed(self.signup, flags=1), "record 1, flags: unknown flags 1")
        self.assert_wrong(sealed(self.signup, count=0), "record 1, eventCount: ")
        self.assert_wrong(sealed(self.signup, count=2), "record 1, event 1 (position 5): ")
        before = int.from_bytes(self.records[0][24:32], "little")
        self.assert_wrong(sealed(self.signup, recorded_at=before), "record 1, recordedAt: ")
        self.assert_wrong(b"\2" + self.signup[1:], "record 1, version: version 2 is newer")
        self.assert_wrong(b"\0" + self.signup[1:], "record 1, version: ")

    def test_a_longer_varint(self):
        body = self.signup[40:]
        self.assert_wrong(sealed(self.signup, body[:1] + b"\x80\0" + body[2:]),
                          "record 1, prelude, programme: a varint at 41 that is longer than need be")
        self.assert_wrong(sealed(self.signup, body[:19] + b"\x80\0" + body[20:]),
                          "record 1, event 0 (position 4), UserSignedUp, user: a varint at 59 that is longer")
        self.assert_wrong(sealed(self.signup, body[:19] + b"\xff" * 9 + b"\x02" + body[20:]), "UserSignedUp, user: ")
        self.assert_wrong(sealed(self.signup, body[:19] + b"\xff" * 10 + b"\x01" + body[20:]), "UserSignedUp, user: ")

    def test_unknown_flags_and_types(self):
        body = self.signup[40:]
        self.assert_wrong(sealed(self.signup, b"\x11" + body[1:]), "record 1, prelude, flags: unknown flags")
        self.assert_wrong(sealed(self.signup, body[:18] + b"\x20" + body[19:]),
                          "record 1, event 0 (position 4), UserSignedUp, flags: unknown flags 32")
        self.assert_wrong(sealed(self.signup, body[:17] + b"\x7f" + body[18:]),
                          "record 1, event 0 (position 4), type: unknown type 127")
        self.assert_wrong(sealed(self.signup, body[:17] + b"\x94\0" + body[18:]),
                          "record 1, event 0 (position 4), occurredAt: its own moment is the record's")

    def test_corrections_as_the_page_describes_them(self):
        def uleb(n):
            out = bytearray()
            while n > 127:
                out.append(n & 127 | 128)
                n >>= 7
            return bytes(out + bytes([n]))

        def zig(n):
            return uleb(2 * n if n >= 0 else -2 * n - 1)

        def record(log, *events):
            body = b"\0\0\1" + (10**18).to_bytes(8, "little") + b"".join(events)
            last = log.values[-1]
            moment = int.from_bytes(last[24:32], "little") + 1
            return sealed(last, body, count=len(events), ordinal=len(log.values), base=len(log.events) + 1,
                          recorded_at=moment)

        log = read(self.records)
        before = dict(log.balances[0, 0, 826])
        position = len(log.events) + 1
        payment = next(event.position for event in log.events if event.type == 40)
        first = b"\x61\0\1" + uleb(64) + b"a" * 64 + b"\4root" + b"\1\1"
        more = (b"\x61\4\2\1" + uleb(position + 1 - payment) + b"\0" + uleb(826) + zig(700) + zig(0) + zig(0) + zig(-5) + zig(9)
                + zig(0) + zig(700) + zig(0) + zig(0))
        less = (b"\x61\2\2\1" + uleb(position + 2 - payment) + b"\0" + uleb(826) + zig(500) + zig(0) + zig(0) + zig(-5)
                + zig(0) + zig(200) + zig(0) + zig(0))
        good = record(log, first, more, less)
        out = copy.deepcopy(log).append(good)
        self.assertEqual(out["events"][1].postings, [(826, "rewardExpense", ("pending", 0), 700)])
        self.assertEqual(out["events"][2].postings, [(826, ("pending", 0), "rewardExpense", 200)])
        self.assertEqual(out["events"][1]["maturesAt"], 10**18 + 9)
        after = copy.deepcopy(log)
        after.append(good)
        self.assertEqual(after.balances[0, 0, 826]["pending"], before["pending"] + 500)
        for events, place in (((more,), "kind: a record begins with kind 1"),
                              ((first, b"\x61\x0a" + more[2:]), "flags: unknown flags 8 of kind 2"),
                              ((b"\x61\1" + first[2:],), "flags: unknown flags 1 of kind 1")):
            with self.assertRaises(read_log.Wrong) as caught:
                copy.deepcopy(log).append(record(log, *events))
            self.assertIn("CorrectionApplied, " + place, str(caught.exception))

    def test_a_fixture_that_says_something_else(self):
        def first_difference(change):
            with open(REPAIRS, encoding="utf-8") as file:
                fixture = json.load(file)
            change(fixture)
            with self.assertRaises(read_log.Wrong) as caught:
                read_log.read_fixture(json.dumps(fixture))
            return str(caught.exception)

        def event(fixture, number):
            return next((i, j, event) for i, record in enumerate(fixture["records"])
                        for j, event in enumerate(record["events"]) if event["type"] == number)
        with open(REPAIRS, encoding="utf-8") as file:
            i, j, earned = event(json.load(file), 50)
        place = f"record {i}, event {j} (position {earned['position']}), CommissionEarned, "

        def amount(fixture):
            event(fixture, 50)[2]["fields"]["amount"] = "1"

        def posting(fixture):
            event(fixture, 50)[2]["postings"][0]["credit"] = "held 1"

        def absent(fixture):
            del event(fixture, 50)[2]["fields"]["beneficiary"]

        def root(fixture):
            fixture["root"] = "00" * 32
        self.assertTrue(first_difference(amount).startswith(place + "amount: "))
        self.assertTrue(first_difference(posting).startswith(place + "postings: "))
        self.assertTrue(first_difference(absent).startswith(place + "beneficiary: "))
        self.assertTrue(first_difference(root).startswith("root: "))

    def test_main_says_where(self):
        damaged = bytearray(self.records[3])
        damaged[-1] ^= 1
        with tempfile.NamedTemporaryFile("w", suffix=".hex") as file:
            file.write("\n".join(record.hex() for record in self.records[:3] + [damaged]) + "\n")
            file.flush()
            status, out, _ = self.run_main("--hex", file.name)
        self.assertEqual(status, 1)
        self.assertTrue(out.startswith(f"not ok: {file.name}: record 3, checksum: "), out)


if __name__ == "__main__":
    unittest.main()
