#!/usr/bin/env python3
"""A deterministic feed with planted churn stories: what the end-to-end tests stream.

    tests/e2e/planted.py [--articles 20000] [--stories 200] [--seed 1] > feed.jsonl
"""
import argparse
import json
import random
import sys

PROVIDERS = ["Amazon Web Services", "Microsoft Azure", "Google Cloud", "Oracle Cloud", "Alibaba Cloud", "IBM Cloud",
             "OVHcloud", "DigitalOcean", "Rackspace", "Tencent Cloud"]
STEMS = ["Alder", "Bright", "Cinder", "Dover", "Ember", "Fallow", "Garnet", "Hollin", "Ivory", "Juniper", "Kestrel",
         "Larch", "Marlow", "Norland", "Orchard", "Pembry", "Quarry", "Rowan", "Saffron", "Tamsin", "Umber", "Velden",
         "Wicklow", "Yarrow", "Zephyr"]
TRADES = ["Foods", "Logistics", "Insurance", "Airlines", "Pharma", "Stores", "Media", "Energy", "Bank", "Motors"]
MOVES = [
    "{c} is moving its {w} from {p} to {q}, the company said on {d}.",
    "{c} has decided to leave {p} and will run its {w} on {q}, a spokesman for {c} said on {d}.",
    "{c} said on {d} it would not renew its contract with {p} and had signed with {q} instead.",
    "{c} is switching from {p} to {q} for its {w}, two people familiar with the decision said.",
    "{c} will stop using {p} by the end of the year and migrate its {w} to {q}, it announced on {d}.",
]
TITLES = ["{c} to leave {p} for {q}", "{c} drops {p}, picks {q}", "{p} loses {c} to {q}", "{c} moves {w} off {p}"]
FOLLOW_UPS = [
    "The contract was worth about ${m} million a year, according to people briefed on the matter.",
    "The company said the bill had become too high.",
    "{p} declined to comment.",
    "The move will take eighteen months, the chief information officer told analysts.",
]
WORKLOADS = ["data warehouse", "online shop", "payment systems", "customer records", "video archive", "booking system"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
PLAIN = [
    "The town council met on {d} to discuss the new bridge over the river.",
    "Shares of {c} rose 3 percent after the quarterly report.",
    "A cold front will bring rain to the northern valleys by the weekend.",
    "The orchestra opens its season with two works by a young composer.",
    "{c} opened a new plant and hired ninety people, local officials said.",
    "Farmers expect a smaller harvest after the dry spring.",
    "The national team won its third match in a row and leads the group.",
    "Police closed the coastal road for several hours after a lorry overturned.",
    "The museum will show drawings that were lost for forty years.",
    "Prices for wheat and barley fell for the second week.",
]
NEAR = [
    "{p} suffered an outage on {d} that lasted two hours; {c} was among the customers affected.",
    "{p} cut prices for storage by 12 percent.",
    "{c} has chosen {p} for its new {w}, moving it from its own data centre.",
    "Revenue of {p} grew 29 percent in the quarter.",
    "The head of sales of {p} is leaving the company to join a start-up.",
]
OUTLETS = ["Morning Ledger", "Cloud Wire", "Harbour Times", "Trade Post", "Northern Echo", "Data Weekly"]


def stamp(minute):
    return f"2024-{1 + minute // 40320 % 12:02}-{1 + minute // 1440 % 28:02}T{minute // 60 % 24:02}:{minute % 60:02}:00Z"


def generate(articles, stories, seed):
    """JSON lines of articles, a few of them damaged, and the uris of the planted ones."""
    rng = random.Random(seed)
    names = [f"{stem} {trade}" for stem in STEMS for trade in TRADES]
    rng.shuffle(names)
    tellings = []
    for story in range(stories):
        lost, won = rng.sample(PROVIDERS, 2)
        facts = {"c": names[story % len(names)], "p": lost, "q": won, "w": rng.choice(WORKLOADS),
                 "m": rng.randrange(2, 90)}
        tellings += [facts] * rng.choice([1, 1, 2, 3])
    places = sorted(rng.sample(range(articles), len(tellings)))
    rng.shuffle(tellings)
    planted = dict(zip(places, tellings))
    lines, uris = [], set()
    for i in range(articles):
        facts = dict(planted.get(i) or {"c": rng.choice(names), "p": rng.choice(PROVIDERS), "q": "", "w": rng.choice(WORKLOADS),
                                        "m": 1})
        facts["d"] = rng.choice(DAYS)
        if i in planted:
            uris.add(f"planted:{i}")
            sentences = [rng.choice(MOVES)] + rng.sample(FOLLOW_UPS, rng.randrange(0, 3)) + rng.sample(PLAIN, 3)
            title = rng.choice(TITLES)
        elif rng.random() < 0.05:
            sentences = rng.sample(PLAIN, 2) + [rng.choice(NEAR)] + rng.sample(PLAIN, 3)
            title = sentences[2]
        else:
            sentences = [rng.choice(PLAIN) for _ in range(rng.randrange(5, 40))]
            title = sentences[0]
        article = {"uri": f"planted:{i}", "title": title.format(**facts).rstrip("."),
                   "body": " ".join(sentences).format(**facts), "published_at": stamp(i), "language": "en",
                   "source": rng.choice(OUTLETS)}
        line = json.dumps(article)
        if i not in planted and rng.random() < 0.002:
            line = rng.choice([line[:len(line) // 2], line.replace('"uri"', '"url"'), "not json", "[]"])
        lines.append(line)
    return lines, uris


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--stories", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sys.stdout.write("\n".join(generate(options.articles, options.stories, options.seed)[0]) + "\n")
