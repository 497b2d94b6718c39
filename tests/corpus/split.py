#!/usr/bin/env python3
"""Splits labelled articles into train, tune and test by real event, never by article.

    tests/corpus/split.py FILE... : adds the articles of each file (labelling format, one JSON object a line) to
    tests/corpus/{train,tune,test}/<language>.jsonl. An article already there (same uri) is left as it is.

Articles form one group when they tell of one real event or share a named customer; a group goes to one split,
chosen by a hash of its smallest member, so that adding articles never moves those of another group.
"""
import collections
import hashlib
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).parent
SPLITS = ("train",) * 6 + ("tune",) * 2 + ("test",) * 2
ANONYMOUS = re.compile(r"^(invented|none|synthetic|unknown|)$", re.I)


def keys(row):
    """What ties an article to others: its real event and its named customers."""
    event = (row.get("real_event") or "").strip().lower()
    if not ANONYMOUS.match(event) and not event.startswith("synthetic:"):
        yield "event:" + event
    for labelled in row["labels"]["events"]:
        if labelled.get("customer"):
            yield "customer:" + labelled["customer"].strip().lower()


def read(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def main(files):
    placed = {}
    rows = []
    for split in ("train", "tune", "test"):
        for path in sorted((HERE / split).glob("*.jsonl")):
            for row in read(path):
                placed[row["article"]["uri"]] = split
                rows.append(row)
    rows += [row for path in files for row in read(path) if row["article"]["uri"] not in placed]

    parent = {}

    def find(node):
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for row in rows:
        me = find("uri:" + row["article"]["uri"])
        for key in keys(row):
            parent[find(key)] = me

    groups = collections.defaultdict(list)
    for row in rows:
        groups[find("uri:" + row["article"]["uri"])].append(row)

    added = collections.Counter()
    for members in groups.values():
        uris = sorted(row["article"]["uri"] for row in members)
        splits = collections.Counter(placed[uri] for uri in uris if uri in placed)
        digest = hashlib.sha256(uris[0].encode()).digest()
        split = splits.most_common(1)[0][0] if splits else SPLITS[digest[0] % len(SPLITS)]
        for row in members:
            if row["article"]["uri"] in placed:
                continue
            language = row["article"].get("language", "und").split("-")[0]
            path = HERE / split / (language + ".jsonl")
            path.parent.mkdir(exist_ok=True)
            with open(path, "a", encoding="utf-8") as out:
                out.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
            added[split, language, row["labels"]["churn"]] += 1
    for (split, language, churn), count in sorted(added.items()):
        print(f"{split} {language} {'churn' if churn else 'none '} {count}")


if __name__ == "__main__":
    main(sys.argv[1:])
