#!/usr/bin/env python3
"""Trains the scorer of one language: logistic regression over the features that `churnwire eval --features` dumps.

    tests/corpus/train.py --binary build/release/pipeline/churnwire --language en

Needs scikit-learn (PyPI). Features come from the train split; the regularisation is chosen by cross-validation over
articles within it; the calibration (Platt 1999) is fitted on scores of held-out folds, never on the test split. Writes
operators/data/weights/<language>.tsv. A positive article is a bag: of its candidates the best one that finds a labelled
event counts (multiple-instance learning: Andrews et al. 2002), so that its other triggers teach nothing wrong.
"""
import argparse
import collections
import json
import math
import pathlib
import subprocess
import tempfile

import numpy
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDS = 8
ROUNDS = 4
SEEN_MIN = 3            # articles that a feature must occur in
WEIGHT_MIN = 0.004      # smaller ones are left out of the file
# N-grams are many and each counts less than a rule; what reads as a whole statement counts more.
PREFIX_SCALE = {"d:": 0.35, "s:": 0.6, "t:": 0.6, "is:": 3.0, "roles:": 1.5, "lose:": 1.5, "cust:": 1.5}


def load(path):
    bags = collections.OrderedDict()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            bags.setdefault(row["uri"], []).append(row)
    return bags


def scale(name):
    for prefix, factor in PREFIX_SCALE.items():
        if name.startswith(prefix):
            return factor
    return 1.0


def vectors(rows, index):
    data, columns, starts = [], [], [0]
    for row in rows:
        for name, value in row["features"].items():
            if name in index:
                columns.append(index[name])
                data.append(value * scale(name))
        starts.append(len(columns))
    return csr_matrix((data, columns, starts), shape=(len(rows), len(index)))


def vocabulary(bags):
    seen = collections.Counter()
    for rows in bags.values():
        seen.update({name for row in rows for name in row["features"]})
    return {name: i for i, name in enumerate(sorted(n for n, count in seen.items() if count >= SEEN_MIN))}


# What a rule alone would decide, as pseudo-observations (features, churn, weight): a prior for articles with words never seen.
PRIOR = (
    ({"is:statement": 1, "is:customer-strong": 1, "is:rule-weight": 1}, True, 8),
    ({"is:statement": 1, "is:rule-weight": 0.6}, True, 3),
    ({"is:statement": 1, "is:from-to": 1, "is:whole-statement": 1, "is:customer-strong": 1, "is:rule-weight": 0.8}, True, 10),
    ({"is:unreal": 1, "is:rule-weight": 0.8}, False, 6),
    ({"is:rule-weight": 0.2}, False, 4),
    ({}, False, 6),
)


def prior_bags():
    return {f"prior:{i}:{k}": [{"uri": f"prior:{i}:{k}", "churn": churn, "match": churn, "features": features}]
            for i, (features, churn, weight) in enumerate(PRIOR) for k in range(weight)}


def fit(bags, index, strength):
    bags = {**bags, **prior_bags()}
    rows = [row for bag in bags.values() for row in bag]
    x = vectors(rows, index)
    labels = numpy.array([row["churn"] and row["match"] for row in rows])
    bag_has_match = {uri: any(r["match"] for r in bag) for uri, bag in bags.items()}
    usable = numpy.array([not row["churn"] or row["match"] or not bag_has_match[row["uri"]] for row in rows])
    labels |= numpy.array([row["churn"] and not bag_has_match[row["uri"]] for row in rows])
    size = collections.Counter(row["uri"] for row, use in zip(rows, usable) if use)
    weights = numpy.array([1 / math.sqrt(size[row["uri"]]) if use else 0 for row, use in zip(rows, usable)])
    model = LogisticRegression(C=strength, max_iter=3000)
    for _ in range(ROUNDS):
        chosen = weights > 0
        model.fit(x[chosen], labels[chosen], sample_weight=weights[chosen])
        scores = model.decision_function(x)
        best = {}
        for i, row in enumerate(rows):
            if labels[i] and usable[i] and (row["uri"] not in best or scores[i] > scores[best[row["uri"]]]):
                best[row["uri"]] = i
        for i, row in enumerate(rows):  # of a positive bag only what is nearly its best stays
            if labels[i] and usable[i]:
                weights[i] = 1.0 if scores[i] >= scores[best[row["uri"]]] - 0.7 else 0.0
    return model


def best_scores(model, bags, index):
    return {uri: max(model.decision_function(vectors(rows, index))) for uri, rows in bags.items()}


def f1_at(pairs, threshold, missed):
    tp = sum(1 for s, churn in pairs if churn and s >= threshold)
    fp = sum(1 for s, churn in pairs if not churn and s >= threshold)
    fn = sum(1 for s, churn in pairs if churn and s < threshold) + missed
    return 2 * tp / max(2 * tp + fp + fn, 1)


def held_out(bags, strength):
    uris = sorted(bags)
    pairs = []
    for fold in range(FOLDS):
        part = {u: bags[u] for i, u in enumerate(uris) if i % FOLDS != fold}
        rest = {u: bags[u] for i, u in enumerate(uris) if i % FOLDS == fold}
        index = vocabulary(part)
        model = fit(part, index, strength)
        scores = best_scores(model, rest, index)
        pairs += [(scores[u], bags[u][0]["churn"]) for u in rest]
    return pairs


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=ROOT / "build/release/pipeline/churnwire")
    parser.add_argument("--language", default="en")
    parser.add_argument("--files", nargs="*", help="labelled articles; default: the train split of the language")
    options = parser.parse_args()
    files = options.files or [ROOT / f"tests/corpus/train/{options.language}.jsonl"]
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as dump:
        subprocess.run([options.binary, "eval", *map(str, files), "--features", dump.name], check=True)
        bags = load(dump.name)
    churn_articles = 0
    for path in files:
        with open(path, encoding="utf-8") as lines:
            churn_articles += sum(json.loads(line)["labels"]["churn"] for line in lines)
    missed = churn_articles - sum(bag[0]["churn"] for bag in bags.values())
    best = None
    for strength in (0.02, 0.05, 0.1, 0.2, 0.4):
        pairs = held_out(bags, strength)
        threshold = max((s for s, _ in pairs), key=lambda t: f1_at(pairs, t, missed))
        score = f1_at(pairs, threshold, missed)
        print(f"C {strength}: held-out detection F1 {score:.3f}")
        if best is None or score > best[0]:
            best = (score, strength, pairs, threshold)
    _, strength, pairs, threshold = best
    platt = LogisticRegression(C=1e6).fit([[s] for s, _ in pairs], [churn for _, churn in pairs])
    slope, offset = platt.coef_[0][0], platt.intercept_[0]
    index = vocabulary(bags)
    model = fit(bags, index, strength)
    probability = 1 / (1 + math.exp(-(slope * threshold + offset)))
    out = ROOT / f"operators/data/weights/{options.language}.tsv"
    out.parent.mkdir(exist_ok=True)
    with open(out, "w", encoding="utf-8") as file:
        file.write("# feature\tweight; made by tests/corpus/train.py\n")
        for name, value in (("@bias", model.intercept_[0]), ("@slope", slope), ("@offset", offset),
                            ("@threshold", min(max(probability, 0.40), 0.55))):
            file.write(f"{name}\t{value:.4f}\n")
        for name in sorted(index):
            weight = model.coef_[0][index[name]] * scale(name)
            if abs(weight) >= WEIGHT_MIN and not name.startswith("#"):
                file.write(f"{name}\t{weight:.4f}\n")
    print(f"{len(bags)} articles with candidates, {missed} churn articles without; C {strength}, "
          f"threshold {probability:.3f}; wrote {out.name}")


if __name__ == "__main__":
    main()
