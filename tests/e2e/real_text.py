#!/usr/bin/env python3
"""Streams real articles through `churnwire run` on a real broker, accounts for each, and lists every signal for review.

    tests/e2e/real_text.py FILE.jsonl.zst ...      fields: id, title, body, source, published_at, lang, url
"""
import collections
import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import support  # noqa: E402


def articles(path):
    text = subprocess.run(["zstdcat", path], capture_output=True, check=True).stdout.decode()
    for line in text.split("\n"):
        if not line.strip():
            continue
        row = json.loads(line)
        article = {"uri": f"{pathlib.Path(path).name}:{row['id']}", "title": row.get("title") or "", "body": row.get("body") or "",
                   "source": row.get("source") or "", "language": row.get("lang") or "", "url": row.get("url") or ""}
        if row.get("published_at"):
            article["published_at"] = row["published_at"]
        yield json.dumps({k: v for k, v in article.items() if v or k in ("title", "body")}, ensure_ascii=False).encode()


def main(paths):
    with tempfile.TemporaryDirectory(prefix="churnwire-real-") as folder:
        broker = support.Broker(pathlib.Path(folder) / "kafka")
        try:
            made = support.churnwire("topics", "create", "--brokers", broker.address)
            assert made.returncode == 0, made.stderr
            daemon = support.Daemon(broker.address, "real")
            daemon.wait_ready()
            sent = 0
            for path in paths:
                values = list(articles(path))
                support.send(broker, "news.articles", values)
                print(f"{pathlib.Path(path).name}: {len(values)} articles")
                sent += len(values)
            support.wait_for(lambda: daemon.status()["detect"]["records"] >= sent, 600, "all articles", daemon.output)
            support.wait_processed(broker, 60, daemon.output)
            status = daemon.status()
            parts = {p: status[p] for p in ("articles_gated_out", "articles_without_signal", "articles_with_signal",
                                            "dead_letters")}
            signals = [json.loads(m.value) for m in broker.read("churn.signals")]
            dead = collections.Counter(dict(m.headers)["__churnwire.errors.reason_code"].decode()
                                       for m in broker.read("news.articles.dlq"))
            assert daemon.stop() == 0, daemon.output()
        finally:
            broker.stop()
    print(f"sent {sent} = {' + '.join(f'{v} {k}' for k, v in parts.items())}; dead: {dict(dead)}")
    for signal in sorted(signals, key=lambda s: s["article_uri"]):
        customer = signal["customer"]
        print(f"{signal['article_uri']}  {customer['name'] or customer['description']!r} leaves "
              f"{[p['id'] for p in signal['losing_providers']]} for {[p['id'] for p in signal['gaining_providers']]}  "
              f"{signal['event_type']} {signal['phase']} {'historic ' if signal['historic'] else ''}{signal['confidence']}\n"
              f"    {signal['evidence'][0]['rule']}: {signal['quotes'][0]}")
    return 0 if sum(parts.values()) == sent else 1


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
