#!/usr/bin/env python3
"""The command line as a user meets it: help, wrong use, broken files, exit statuses, what goes to which stream."""
import gzip
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("CHURNWIRE_BIN", ROOT / "build/release/pipeline/churnwire"))
FEED = ROOT / "deploy/demo/feed.jsonl"
VERBS = ("run", "detect", "explain", "eval", "tail", "topics", "validate", "schema", "demo", "dlq")
ARTICLE = {"uri": "a:1", "title": "Harlow Foods to leave Amazon Web Services",
           "body": "Harlow Foods said it will move its data warehouse from Amazon Web Services to Google Cloud.",
           "published_at": "2024-03-04T09:00:00Z", "language": "en", "source": "Trade Post"}


def churnwire(*args, stdin=None, env=None):
    return subprocess.run([BINARY, *map(str, args)], input=stdin, capture_output=True, timeout=120,
                          env={**os.environ, **(env or {})}, check=False)


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="churnwire-cli-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def file(self, name, text):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def test_every_verb_has_help_with_examples(self):
        for verb in VERBS:
            with self.subTest(verb):
                done = churnwire(verb, "--help")
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                self.assertIn(b"Example", done.stdout)
        self.assertEqual(churnwire("--help").returncode, 0)
        self.assertIn(b"churnwire ", churnwire("--version").stdout)

    def test_wrong_use_is_64(self):
        for args in ([], ["nonsense"], ["detect", "--nonsense"], ["detect", "--emit", "poems"], ["schema", "poem"],
                     ["tail", "--where", "colour == red"], ["tail", "--from", "yesterday"], ["detect", "--threads", "0"],
                     ["detect", "--feed", "nonsense", str(FEED)], ["topics"], ["run", "--only", "both"]):
            with self.subTest(args):
                done = churnwire(*args, stdin=b"")
                self.assertEqual(done.returncode, 64, done.stderr)
                self.assertEqual(done.stdout, b"")
                self.assertTrue(done.stderr)

    def test_a_wrong_where_says_which_fields_there_are(self):
        self.assertIn(b"confidence", churnwire("tail", "--where", "colour == red").stderr)

    def test_broken_data_is_65_and_named(self):
        path = self.file("feed.jsonl", json.dumps(ARTICLE) + "\nnot json\n" + json.dumps({**ARTICLE, "uri": "a:2"}) + "\n")
        done = churnwire("detect", "--emit", "signals", path)
        self.assertEqual(done.returncode, 65)
        self.assertIn(f"{path}:2: not_json".encode(), done.stderr)
        self.assertEqual(len(done.stdout.splitlines()), 2, "the good ones go on")
        self.assertEqual(churnwire("detect", self.folder / "missing.jsonl").returncode, 65)
        self.assertEqual(churnwire("detect", self.file("broken.gz", gzip.compress(b"x" * 9000)[:40])).returncode, 65)
        self.assertEqual(churnwire("detect", self.file("broken.zst", b"no zstd at all")).returncode, 65)
        self.assertEqual(churnwire("explain", self.file("empty.json", "")).returncode, 65)
        self.assertEqual(churnwire("eval", self.file("labels.jsonl", "{}\n")).returncode, 65)
        self.assertEqual(churnwire("detect", "--input", "signals", path).returncode, 65)

    def test_bad_configuration_is_78_and_named(self):
        cases = {
            "kafka:\n  brokrs: x\n": b":2: unknown key \"kafka.brokrs\"; did you mean \"kafka.brokers\"?",
            "detect:\n  threads: many\n": b":2: \"detect.threads\" must be a whole number from 1 to 256",
            "kafka: [\n": b"is not YAML",
            "kafka:\n  brokers: ${CHURNWIRE_TEST_NOT_SET}\n": b"CHURNWIRE_TEST_NOT_SET is not set",
            "kafka:\n  properties:\n    enable.auto.commit: true\n": b"may not be set",
            "detect:\n  feed: nonsense\n": b"no mapping is named nonsense",
            "kafka: 7\n": b"is a section",
        }
        for text, message in cases.items():
            with self.subTest(text):
                done = churnwire("validate", "-c", self.file("c.yaml", text))
                self.assertEqual(done.returncode, 78, done.stderr)
                self.assertIn(message, done.stderr)
        self.assertEqual(churnwire("validate", "-c", self.folder / "missing.yaml").returncode, 78)
        self.assertEqual(churnwire("validate", env={"CHURNWIRE_DETECT_THREADS": "0"}).returncode, 78)

    def test_the_shipped_configuration_holds_the_defaults(self):
        plain = churnwire("validate", "--print")
        shipped = churnwire("validate", "-c", ROOT / "deploy/churnwire.yaml", "--print")
        self.assertEqual((plain.returncode, shipped.returncode), (0, 0), shipped.stderr)
        self.assertEqual(plain.stdout, shipped.stdout)
        self.assertEqual(churnwire("validate", "-c", self.file("p.yaml", plain.stdout), "--print").stdout, plain.stdout)

    def test_an_unreadable_data_file_is_78_and_named(self):
        done = churnwire("detect", "--data-dir", self.folder, stdin=b"")
        self.assertEqual(done.returncode, 78)
        self.assertIn(str(self.folder).encode(), done.stderr)
        broken = self.folder / "root"
        shutil.copytree(ROOT / "operators/data", broken / "operators/data")
        shutil.copytree(ROOT / "schemas", broken / "schemas")
        with open(broken / "operators/data/catalog/provider_aliases.tsv", "a", encoding="utf-8") as out:
            out.write("no-such-provider\tNonsense\tstrong\texact\n")
        done = churnwire("detect", "--data-dir", broken, stdin=b"")
        self.assertEqual(done.returncode, 78)
        self.assertIn(b"provider_aliases.tsv:", done.stderr)
        self.assertIn(b"no-such-provider", done.stderr)

    def test_no_broker_is_69(self):
        env = {"CHURNWIRE_KAFKA_BROKERS": "127.0.0.1:1", "CHURNWIRE_KAFKA_BROKER_TIMEOUT_S": "1"}
        for args in (["run"], ["tail"], ["topics", "check"], ["dlq", "list"]):
            with self.subTest(args):
                self.assertEqual(churnwire(*args, env=env).returncode, 69)

    def test_any_number_of_threads_gives_the_same_bytes(self):
        one = churnwire("detect", "--emit", "signals", FEED)
        three = churnwire("detect", "--emit", "signals", "--threads", "3", FEED)
        self.assertTrue(one.stdout)
        self.assertEqual(one.stdout, three.stdout)

    def test_compressed_feeds_read_the_same(self):
        plain = churnwire("detect", "--emit", "signals", FEED)
        packed = self.file("feed.jsonl.gz", gzip.compress(FEED.read_bytes()))
        self.assertEqual(churnwire("detect", "--emit", "signals", packed).stdout, plain.stdout)
        self.assertEqual(churnwire("detect", "--emit", "signals", stdin=FEED.read_bytes()).stdout, plain.stdout)

    def test_signals_of_a_file_give_the_same_alerts(self):
        signals = churnwire("detect", "--emit", "signals", FEED)
        direct = churnwire("detect", "--emit", "alerts", FEED)
        again = churnwire("detect", "--input", "signals", "--emit", "alerts", stdin=signals.stdout)
        self.assertTrue(direct.stdout)
        self.assertEqual(direct.stdout, again.stdout)

    def test_schemas_are_printed(self):
        for name in ("article", "signal", "event", "alert"):
            self.assertIn("2020-12", json.loads(churnwire("schema", name).stdout)["$schema"])
        self.assertIn(b"asyncapi:", churnwire("schema", "asyncapi").stdout)

    def test_explain_marks_the_evidence(self):
        text = churnwire("explain", stdin=json.dumps(ARTICLE).encode())
        self.assertEqual(text.returncode, 0, text.stderr)
        self.assertIn(b"SIGNAL", text.stdout)
        self.assertIn(b"[[", text.stdout)
        candidates = json.loads(churnwire("explain", "--json", stdin=json.dumps(ARTICLE).encode()).stdout)
        self.assertTrue(any(c["accepted"] for c in candidates))
        plain = churnwire("explain", stdin=(ARTICLE["title"] + "\n" + ARTICLE["body"]).encode())
        self.assertIn(b"SIGNAL", plain.stdout)

    def test_demo_ends_by_itself_with_the_stories(self):
        done = churnwire("demo", "--once")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"ByteDance", done.stdout)
        self.assertIn(b"dead letters", done.stdout)
        self.assertNotIn(b"\x1b[", done.stdout)


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
