#!/usr/bin/env python3
"""Checks who includes whom (ARCHITECTURE.md): the direction of the layers, and wrapped libraries in one place.

Prints each broken rule as FILE:LINE and ends with 1 when there is one. Checks first that it can see one at all.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')

# (files that the rule is about, headers that they must not include, why)
RULES = [
    (r"^schemas/", r"^(operators|pipeline)/", "schemas know no other layer"),
    (r"^operators/", r"^pipeline/", "operators do not know the pipeline"),
    (r"^operators/", r"^(fstream|iostream|filesystem|thread|mutex|random|ctime|spdlog/.*)$",
     "operators have no I/O, thread, clock, randomness or log"),
    (r"^pipeline/(io|worker|clock)\.", r"^operators/|^schemas/(?!time\.h|check\.h)",
     "the generic worker knows no news"),
    (r"^(?!schemas/.*\.cc$|bench/|tests/)", r"^simdjson", "simdjson is included by schemas/*.cc only"),
    (r"^(?!pipeline/kafka_[a-z_]*\.cc$|pipeline/kafka_internal\.h$|tests/|bench/)", r"^(librdkafka/)?rdkafka", "librdkafka is included by pipeline/kafka_*.cc only"),
    (r"^(?!pipeline/|tests/|bench/)", r"^spdlog/", "spdlog is included by the pipeline only"),
    (r"^(schemas|operators|pipeline)/", r"^(tests|bench)/", "the product does not include its tests"),
]


def broken(path, text):
    """The rules that `text`, the content of `path`, breaks: (line number, header, why)."""
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        for files, headers, why in RULES:
            if match and re.search(files, path) and re.search(headers, match[1]):
                yield number, match[1], why


def main():
    assert list(broken("schemas/x.cc", '#include "pipeline/io.h"\n')), "the check sees nothing"
    assert not list(broken("pipeline/worker.cc", '#include "schemas/time.h"\n')), "the check sees ghosts"
    tracked = subprocess.run(["git", "-C", ROOT, "ls-files", "*.h", "*.cc"], capture_output=True, text=True, check=True)
    count = 0
    files = tracked.stdout.split()
    for path in files:
        if not (ROOT / path).exists():
            continue
        for number, header, why in broken(path, (ROOT / path).read_text(encoding="utf-8")):
            print(f"{path}:{number}: includes {header}: {why}")
            count += 1
    print(f"layers: {len(files)} files, {count} broken rules")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
