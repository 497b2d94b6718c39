#!/usr/bin/env python3
"""Checks operators/data/catalog: formats, order, references, duplicates, ownership, minimum sizes.

Usage: check_catalog.py [DIR]; prints every fault with its file and line, exit status 1 when there is one.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
TRAIT = ID
CLASSES = {"hyperscaler", "regional", "gpu", "sovereign", "hoster", "paas", "cdn", "adjacent", "own"}
FLAGS = {"cdn", "adjacent"}
PROVIDER_STRENGTHS = {"strong", "weak", "product", "description"}
COMPANY_STRENGTHS = {"strong", "weak", "description"}
BINDING = """aws azure google-cloud alibaba-cloud oracle-cloud ibm-cloud tencent-cloud huawei-cloud digitalocean
ovhcloud rackspace heroku cloudflare fastly coreweave microsoft-365 self-hosted""".split()
MIN_PROVIDERS = 100
MIN_COMPANIES = 1000

faults = []


def fault(path, line, text):
    faults.append(f"{path.name}:{line}: {text}")


def rows(path, columns):
    """The rows of a table as (line number, fields); faults for whatever is not well formed."""
    if not path.is_file():
        fault(path, 0, "file is missing")
        return []
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        fault(path, 0, f"not UTF-8: {error}")
        return []
    if not text.endswith("\n"):
        fault(path, 0, "no newline at the end")
    if "\r" in text or "\ufeff" in text:
        fault(path, 0, "carriage return or byte order mark")
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#"):
            continue
        if not line.strip():
            fault(path, number, "empty line")
            continue
        fields = line.split("\t")
        if len(fields) != columns:
            fault(path, number, f"{len(fields)} columns, expected {columns}")
            continue
        for field in fields:
            if field != field.strip() or "  " in field:
                fault(path, number, f"stray spaces in {field!r}")
            if any(ord(c) < 32 or c in "\u200b\u200c\u200d\u2060\u00ad" for c in field):
                fault(path, number, f"control or zero-width character in {field!r}")
        found.append((number, fields))
    keys = [fields for _, fields in found]
    if columns == 1 or path.name.endswith("aliases.tsv"):
        order = keys
    else:
        order = [[fields[0]] for fields in keys]
    for before, after, (number, _) in zip(order, order[1:], found[1:]):
        if after < before:
            fault(path, number, f"not sorted: {after[0]!r} after {before[0]!r}")
    return found


def unique_ids(path, table):
    ids = {}
    for number, fields in table:
        if not ID.fullmatch(fields[0]):
            fault(path, number, f"bad id {fields[0]!r}")
        if not fields[1]:
            fault(path, number, "no name")
        if fields[0] in ids:
            fault(path, number, f"id {fields[0]!r} also on line {ids[fields[0]]}")
        ids[fields[0]] = number
    return ids


def check_chain(path, table, column, ids, what):
    """References of a column to ids of the same table exist and never come back to where they started."""
    parent = {fields[0]: fields[column] for _, fields in table}
    for number, fields in table:
        if fields[column] and fields[column] not in ids:
            fault(path, number, f"unknown {what} {fields[column]!r}")
        seen, node = set(), fields[0]
        while node:
            if node in seen:
                fault(path, number, f"{what} chain of {fields[0]!r} is a cycle")
                break
            seen.add(node)
            node = parent.get(node, "")


def check_aliases(path, ids, strengths):
    table = rows(path, 4)
    exact, folded = {}, {}
    owners = set()
    for number, (owner, alias, strength, case) in table:
        if owner not in ids:
            fault(path, number, f"unknown id {owner!r}")
        if not alias:
            fault(path, number, "empty alias")
        if strength not in strengths:
            fault(path, number, f"bad strength {strength!r}")
        if case not in ("exact", "any"):
            fault(path, number, f"bad case {case!r}")
        if len(alias) == 1:
            fault(path, number, f"alias {alias!r} is one character")
        if alias.isascii() and len(alias) <= 3 and case == "any":
            fault(path, number, f"short alias {alias!r} must match case exactly")
        if alias in exact:
            fault(path, number, f"alias {alias!r} also on line {exact[alias]}")
        if alias.lower() in folded and (case == "any" or folded[alias.lower()][1] == "any"):
            fault(path, number, f"alias {alias!r} meets the one on line {folded[alias.lower()][0]}")
        exact[alias] = number
        folded[alias.lower()] = (number, case)
        owners.add(owner)
    return table, owners


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "operators/data/catalog"

    path = folder / "providers.tsv"
    providers = rows(path, 6)
    provider_ids = unique_ids(path, providers)
    companies_path = folder / "companies.tsv"
    companies = rows(companies_path, 5)
    company_ids = unique_ids(companies_path, companies)

    for number, (pid, _, cls, _, owner, flags) in providers:
        if cls not in CLASSES:
            fault(path, number, f"bad class {cls!r}")
        if owner and owner not in company_ids:
            fault(path, number, f"unknown company {owner!r}")
        words = [f for f in flags.split(",") if f]
        if any(f not in FLAGS for f in words) or len(set(words)) != len(words):
            fault(path, number, f"bad flags {flags!r}")
        if cls in FLAGS and cls not in words:
            fault(path, number, f"class {cls} of {pid!r} without its flag")
        if (cls == "own") != (pid == "self-hosted"):
            fault(path, number, "class own is for self-hosted alone")
    check_chain(path, providers, 3, provider_ids, "family")
    for pid in BINDING:
        if pid not in provider_ids:
            fault(path, 0, f"id {pid!r} is missing")
    if dict((f[0], f[3]) for _, f in providers).get("microsoft-365") != "azure":
        fault(path, 0, "microsoft-365 must be of the family azure")
    if len(providers) < MIN_PROVIDERS:
        fault(path, 0, f"{len(providers)} providers, at least {MIN_PROVIDERS}")

    for number, (_, _, _, country, traits) in companies:
        if country and not re.fullmatch(r"[A-Z]{2}", country):
            fault(companies_path, number, f"bad country {country!r}")
        words = traits.split(",") if traits else []
        if any(not TRAIT.fullmatch(t) for t in words) or len(set(words)) != len(words):
            fault(companies_path, number, f"bad traits {traits!r}")
    check_chain(companies_path, companies, 2, company_ids, "parent")
    if len(companies) < MIN_COMPANIES:
        fault(companies_path, 0, f"{len(companies)} companies, at least {MIN_COMPANIES}")

    path = folder / "provider_aliases.tsv"
    table, owners = check_aliases(path, provider_ids, PROVIDER_STRENGTHS)
    for pid in provider_ids:
        if pid not in owners and pid != "self-hosted":
            fault(path, 0, f"provider {pid!r} has no alias")
    provider_texts = {alias.lower() for _, (_, alias, _, _) in table}
    strong = {alias: pid for _, (pid, alias, strength, _) in table if strength == "strong"}

    path = folder / "company_aliases.tsv"
    table, owners = check_aliases(path, company_ids, COMPANY_STRENGTHS)
    for cid in company_ids:
        if cid not in owners:
            fault(path, 0, f"company {cid!r} has no alias")
    for number, (cid, alias, strength, _) in table:
        if strength == "strong" and alias in strong:
            fault(path, number, f"strong alias {alias!r} is also strong for provider {strong[alias]!r}")

    path = folder / "blockers.tsv"
    seen = set()
    for number, (text, why) in rows(path, 2):
        if text.lower() in seen:
            fault(path, number, f"{text!r} twice: matching ignores case")
        seen.add(text.lower())
        if text.lower() in provider_texts:
            fault(path, number, f"{text!r} is a provider's alias: it would never match")
        if not why:
            fault(path, number, "no reason given")

    path = folder / "licences.tsv"
    seen = set()
    for number, (word,) in rows(path, 1):
        if word in seen or word != word.lower():
            fault(path, number, f"{word!r} twice, or not lower case")
        seen.add(word)

    for line in faults:
        print(line)
    print(f"{len(providers)} providers, {len(companies)} companies, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
