#!/usr/bin/env python3
"""Two daemons on a real broker, one of them killed again and again: every signal, event row, alert and dead letter once.

20,000 articles with 200 planted stories on 8 partitions. What stands in the topics for a read_committed reader is held
against the offline path: the signals of the file, and for each partition the rows and alerts of its signals.
"""
import collections
import json
import os
import pathlib
import random
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import planted  # noqa: E402
import support  # noqa: E402

ARTICLES = int(os.environ.get("CHURNWIRE_E2E_ARTICLES", "20000"))
STORIES = ARTICLES // 100
KILLS = int(os.environ.get("CHURNWIRE_E2E_KILLS", "20"))
PARTITIONS = 8
# Fields of an event row that tell what was known first (spec: Order).
HISTORY = ("event_id", "revision", "linked_event_ids", "state")


def lines_of(output):
    return [line for line in output.split(b"\n") if line]


def outcome(row):
    """What of an event row must not depend on the order of arrival."""
    row = {name: value for name, value in row.items() if name not in HISTORY}
    row["times"] = {name: value for name, value in row["times"].items() if name != "first_seen"}
    return json.dumps(row, sort_keys=True)


class ExactlyOnce(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="churnwire-e2e-")
        cls.broker = support.Broker(pathlib.Path(cls.folder.name) / "kafka")
        cls.lines, cls.uris = planted.generate(ARTICLES, STORIES, seed=7)
        cls.feed = pathlib.Path(cls.folder.name) / "feed.jsonl"
        cls.feed.write_text("\n".join(cls.lines) + "\n")
        created = support.churnwire("topics", "create", "--brokers", cls.broker.address, "--partitions", PARTITIONS)
        assert created.returncode == 0, created.stderr
        cls.kills = cls.stream()
        cls.signals = cls.broker.read("churn.signals")
        cls.rows = cls.broker.read("churn.events")
        cls.alerts = cls.broker.read("churn.alerts")
        cls.dead = cls.broker.read("news.articles.dlq")

    @classmethod
    def tearDownClass(cls):
        cls.broker.stop()
        cls.folder.cleanup()

    @classmethod
    def stream(cls):
        """Feeds the daemons while one of them is killed; returns how often it was."""
        settings = {"correlate_alert_format": "structured", "commit_interval_ms": 40}
        config = pathlib.Path(cls.folder.name) / "churnwire.yaml"
        # A dead member is noticed after 2 s instead of 45.
        config.write_text("kafka:\n  properties:\n    session.timeout.ms: 2000\n    heartbeat.interval.ms: 300\n")
        steady = support.Daemon(cls.broker.address, "steady", "-c", config, **settings)
        victim = support.Daemon(cls.broker.address, "victim", "-c", config, **settings)
        steady.wait_ready()
        victim.wait_ready()
        fed = threading.Event()

        def feed():
            producer = cls.broker.producer()
            pause = 1.0 / max(ARTICLES / (2.4 * KILLS), 1)
            for i, line in enumerate(cls.lines):
                producer.produce("news.articles", key=f"planted:{i}", value=line)
                if i % 50 == 0:
                    producer.poll(0)
                    time.sleep(50 * pause)
            producer.flush(60)
            fed.set()

        feeder = threading.Thread(target=feed)
        feeder.start()
        rng, kills = random.Random(3), 0
        while kills < KILLS or not fed.is_set():
            time.sleep(rng.uniform(0.4, 1.8))
            if kills < KILLS or not fed.is_set():
                victim.kill()
                kills += 1
                victim.start()
        feeder.join()
        support.wait_processed(cls.broker, 180, lambda: steady.output() + victim.output())
        assert steady.stop() == 0, steady.output()
        assert victim.stop() == 0, victim.output()
        return kills

    def test_the_victim_was_killed_often_enough(self):
        self.assertGreaterEqual(self.kills, KILLS)

    def test_every_signal_of_the_file_stands_there_once(self):
        offline = support.churnwire("detect", "--emit", "signals", "--quiet", self.feed)
        expected = collections.Counter(lines_of(offline.stdout))
        self.assertEqual(collections.Counter(m.value for m in self.signals), expected)
        found = {json.loads(value)["article_uri"] for value in expected}
        self.assertGreater(len(found & self.uris), 0.9 * len(self.uris), "most planted articles give a signal")

    def test_signals_are_keyed_by_the_losing_provider(self):
        for message in self.signals:
            losing = json.loads(message.value)["losing_providers"]
            self.assertEqual(message.key.decode(), losing[0]["id"] if losing else "unknown")

    def by_partition(self, messages):
        partitions = collections.defaultdict(list)
        for message in sorted(messages, key=lambda m: (m.partition, m.offset)):
            partitions[message.partition].append(message.value)
        return partitions

    def check_partitions(self, emit, messages):
        published, signals = self.by_partition(messages), self.by_partition(self.signals)
        for partition in range(PARTITIONS):
            offline = support.churnwire("detect", "--input", "signals", "--emit", emit, "--quiet",
                                        stdin=b"".join(s + b"\n" for s in signals[partition]))
            self.assertEqual(offline.returncode, 0, offline.stderr)
            self.assertEqual(published[partition], lines_of(offline.stdout), f"partition {partition}")

    def test_event_rows_are_those_of_the_partitions_signals(self):
        self.assertTrue(self.rows)
        self.check_partitions("events", self.rows)

    def test_alerts_are_those_of_the_partitions_signals(self):
        self.assertTrue(self.alerts)
        self.check_partitions("alerts", self.alerts)

    def test_current_events_agree_with_the_file(self):
        current = {}
        for message in sorted(self.rows, key=lambda m: (m.partition, m.offset)):
            current[message.key] = json.loads(message.value)
        live = sorted(outcome(row) for row in current.values() if not row["retracted"])
        offline = support.churnwire("detect", "--emit", "events", "--current", "--quiet", self.feed)
        expected = sorted(outcome(json.loads(line)) for line in lines_of(offline.stdout))
        self.assertEqual(live, expected)

    def test_every_damaged_record_is_a_dead_letter_once(self):
        good = {line.encode() for line in self.lines if self.readable(line)}
        expected = collections.Counter(line.encode() for line in self.lines if line.encode() not in good)
        self.assertEqual(collections.Counter(m.value for m in self.dead), expected)
        for message in self.dead:
            headers = dict(message.headers)
            self.assertEqual(headers["__churnwire.errors.topic"], b"news.articles")
            self.assertIn("__churnwire.errors.reason_code", headers)
            place = int(headers["__churnwire.errors.partition"]), int(headers["__churnwire.errors.offset"])
            self.assertEqual(message.key.decode(), f"planted:{self.lines.index(message.value.decode())}"
                             if self.lines.count(message.value.decode()) == 1 else message.key.decode(), place)

    @staticmethod
    def readable(line):
        try:
            article = json.loads(line)
        except ValueError:
            return False
        return isinstance(article, dict) and "uri" in article


if __name__ == "__main__":
    unittest.main(verbosity=2)
