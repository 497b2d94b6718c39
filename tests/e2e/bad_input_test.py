#!/usr/bin/env python3
"""Bad input and a bad world against a running daemon: a dead letter or a clear message each time, nothing lost, no crash."""
import json
import pathlib
import signal
import socket
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import support  # noqa: E402

GOOD = {"uri": "good:{n}", "title": "Harlow Foods to leave Amazon Web Services",
        "body": "Harlow Foods said on Monday it will move its data warehouse from Amazon Web Services to Google Cloud by the "
                "end of the year.", "published_at": "2024-03-04T09:00:00Z", "language": "en", "source": "Trade Post"}


def good(number):
    return json.dumps({**GOOD, "uri": f"good:{number}"}).encode()


# name, bytes of the record (None: tombstone), reason code of its dead letter
BAD = [
    ("not JSON", b"<html>not json</html>", "not_json"),
    ("truncated", good(1)[:60], "truncated"),
    ("wrong type", b'{"uri":"a","title":7}', "wrong_type"),
    ("an array", b"[]", "wrong_type"),
    ("no text", b'{"uri":"a","title":"","body":""}', "no_text"),
    ("no uri", b'{"title":"t"}', "missing_field"),
    ("invalid UTF-8", b'{"uri":"a","title":"\xff\xfe"}', "invalid_utf8"),
    ("20 MB", b'{"uri":"a","title":"t","body":"' + b"x" * 20_000_000 + b'"}', "too_large"),
    ("10,000 levels", b'{"uri":"a","title":"t","x":' + b"[" * 10_000 + b"]" * 10_000 + b"}", "too_deep"),
    ("lone surrogate", b'{"uri":"a","title":"\\ud800 x"}', "bad_value"),
    ("duplicate key", b'{"uri":"a","title":"t","title":"u"}', "duplicate_field"),
    ("empty record", b"", "empty_record"),
    ("tombstone", None, "empty_record"),
    ("two objects", b'{"uri":"a","title":"t"}{"uri":"b","title":"t"}', "trailing_content"),
    ("bad date", b'{"uri":"a","title":"t","published_at":"yesterday"}', "bad_value"),
]


class BadRecords(unittest.TestCase):
    """One daemon gets all of them between good articles."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="churnwire-e2e-")
        cls.broker = support.Broker(pathlib.Path(cls.folder.name) / "kafka")
        cls.broker.create("news.articles", 1, **{"max.message.bytes": "30000000"})
        created = support.churnwire("topics", "create", "--brokers", cls.broker.address, "--partitions", 1)
        assert created.returncode == 0, created.stderr
        values = []
        for i, (_, value, _) in enumerate(BAD):
            values += [good(i), value]
        # A word with NULs is text all the same: the cleaner drops them.
        values.append(json.dumps({**GOOD, "uri": "nul", "body": GOOD["body"].replace(" ", " \0", 3)}).encode())
        cls.sent = len(values)
        cls.daemon = support.Daemon(cls.broker.address, "only")
        cls.daemon.wait_ready()
        support.send(cls.broker, "news.articles", values, keys=[f"k{i}".encode() for i in range(len(values))])
        support.wait_for(lambda: cls.daemon.status()["detect"]["records"] >= cls.sent, 60, "all records", cls.daemon.output)
        support.wait_processed(cls.broker, 60, cls.daemon.output)
        cls.dead = cls.broker.read("news.articles.dlq")
        cls.signals = cls.broker.read("churn.signals")

    @classmethod
    def tearDownClass(cls):
        if cls.daemon.process.poll() is None:
            cls.daemon.kill()
        cls.broker.stop()
        cls.folder.cleanup()

    def test_each_is_a_dead_letter_with_its_bytes_and_its_reason(self):
        self.assertEqual(len(self.dead), len(BAD))
        for (name, value, reason), message in zip(BAD, sorted(self.dead, key=lambda m: m.offset)):
            headers = dict(message.headers)
            with self.subTest(name):
                self.assertEqual(headers["__churnwire.errors.reason_code"].decode(), reason)
                self.assertTrue(headers["__churnwire.errors.message"])
                kept = value or b""
                if len(kept) > len(message.value or b""):
                    self.assertEqual(headers["__churnwire.errors.truncated_from"], str(len(kept)).encode())
                    kept = kept[:len(message.value)]
                self.assertEqual(message.value or b"", kept)

    def test_the_good_ones_between_them_are_read(self):
        uris = {json.loads(m.value)["article_uri"] for m in self.signals}
        self.assertEqual(uris, {f"good:{i}" for i in range(len(BAD))} | {"nul"})

    def test_every_record_is_accounted_for(self):
        status = self.daemon.status()
        parts = ("dead_letters", "articles_gated_out", "articles_without_signal", "articles_with_signal")
        self.assertEqual(sum(status[p] for p in parts), self.sent, status)
        metrics = self.daemon.get("/metrics")
        self.assertIn(f"churnwire_dead_letters_total {len(BAD)}", metrics)
        self.assertEqual(self.daemon.get("/livez"), "ok\n")

    def test_dead_letters_can_be_listed_shown_and_sent_again(self):
        listed = support.churnwire("dlq", "list", "--brokers", self.broker.address, "--reason", "no_text")
        self.assertEqual(listed.returncode, 0, listed.stderr)
        self.assertEqual(len(listed.stdout.splitlines()), 1)
        place = listed.stdout.split()[0].decode()
        shown = support.churnwire("dlq", "show", place, "--brokers", self.broker.address)
        self.assertIn(b'{"uri":"a","title":"","body":""}', shown.stdout)
        dry = support.churnwire("dlq", "retry", "--reason", "no_text", "--dry-run", "--brokers", self.broker.address)
        self.assertEqual(dry.returncode, 0, dry.stderr)
        self.assertIn(b"1 dead letters would be", dry.stdout)

    def test_tail_reads_the_alerts(self):
        text = support.churnwire("tail", "--brokers", self.broker.address, "--from", "beginning", "--exit-at-end")
        self.assertEqual(text.returncode, 0, text.stderr)
        self.assertIn(b"Harlow Foods", text.stdout)
        self.assertNotIn(b"\x1b[", text.stdout, "colour only on a terminal")
        structured = support.churnwire("tail", "--brokers", self.broker.address, "--from", "beginning", "--exit-at-end",
                                       "--format", "json", "--where", "losing == aws")
        for line in structured.stdout.splitlines():
            self.assertEqual(json.loads(line)["specversion"], "1.0")
        self.assertTrue(structured.stdout)
        none = support.churnwire("tail", "--brokers", self.broker.address, "--from", "beginning", "--exit-at-end",
                                 "--where", "losing == azure")
        self.assertEqual(none.stdout, b"")
        state = support.churnwire("tail", "--brokers", self.broker.address, "--state", "--exit-at-end")
        self.assertIn(b"EVENT", state.stdout)


class BadWorld(unittest.TestCase):
    """What goes wrong around the daemon gives a clear message and the right exit status."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="churnwire-e2e-")
        cls.broker = support.Broker(pathlib.Path(cls.folder.name) / "kafka")

    @classmethod
    def tearDownClass(cls):
        cls.broker.stop()
        cls.folder.cleanup()

    def run_daemon(self, **settings):
        env = {"CHURNWIRE_KAFKA_BROKERS": self.broker.address, "CHURNWIRE_HTTP": "off",
               **{"CHURNWIRE_" + k.upper(): str(v) for k, v in settings.items()}}
        return support.churnwire("run", env=env, timeout=60)

    def make_topics(self, prefix, partitions=2, signals=None):
        names = {n: f"{prefix}.{n}" for n in ("articles", "signals", "events", "alerts", "dead_letters")}
        for n, topic in names.items():
            self.broker.create(topic, signals if n == "signals" and signals else partitions)
        return {f"topics_{n}": topic for n, topic in names.items()} | {"kafka_groups_detect": prefix + "-d",
                                                                      "kafka_groups_correlate": prefix + "-c"}

    def test_no_broker(self):
        done = support.churnwire("run", env={"CHURNWIRE_KAFKA_BROKERS": f"127.0.0.1:{support.free_port()}",
                                             "CHURNWIRE_KAFKA_BROKER_TIMEOUT_S": "3", "CHURNWIRE_HTTP": "off"}, timeout=60)
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertIn(b"no Kafka broker answers", done.stderr)

    def test_unknown_topic(self):
        done = self.run_daemon(topics_articles="no.such.topic")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(b"churnwire topics create", done.stderr)

    def test_unequal_partitions_are_refused(self):
        done = self.run_daemon(**self.make_topics("unequal", 2, signals=3))
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(b"equally many", done.stderr)

    def test_the_http_port_is_taken(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            done = self.run_daemon(**self.make_topics("port"), http=f"127.0.0.1:{taken.getsockname()[1]}")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(b"port is taken", done.stderr)

    def test_a_stop_by_signal_is_clean(self):
        daemon = support.Daemon(self.broker.address, "clean", **self.make_topics("clean"))
        daemon.wait_ready()
        self.assertEqual(daemon.stop(), 0, daemon.output())
        self.assertIn("stopped:", daemon.output())

    def test_the_broker_goes_away_and_comes_back(self):
        settings = self.make_topics("bounce")
        daemon = support.Daemon(self.broker.address, "bounce", **settings)
        daemon.wait_ready()
        support.send(self.broker, "bounce.articles", [good(1)])
        support.wait_for(lambda: daemon.status()["signals_in"] >= 1, 60, "the first signal", daemon.output)
        self.broker.restart()
        support.send(self.broker, "bounce.articles", [good(2)])
        support.wait_for(lambda: len(self.broker.read("bounce.signals")) == 2, 120, "the second signal", daemon.output)
        self.assertIsNone(daemon.process.poll(), daemon.output())
        daemon.process.send_signal(signal.SIGINT)
        self.assertEqual(daemon.process.wait(40), 0, daemon.output())
        values = [json.loads(m.value)["article_uri"] for m in self.broker.read("bounce.signals")]
        self.assertEqual(sorted(values), ["good:1", "good:2"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
