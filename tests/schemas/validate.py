#!/usr/bin/env python3
"""Holds JSON lines against a JSON Schema of schemas/.

  validate.py records SCHEMA FILE [POINTER]   every line is valid; no line stays valid when a top-level field is
                                              dropped, added or made another type
  validate.py accepts SCHEMA FILE             every line {"valid": bool, "record": ...} is judged as it says
  validate.py vocabulary SCHEMA FILE          FILE maps names under $defs to the words that they list

SCHEMA is a file; POINTER names a part of it ("data"). Exit status: 0 good, 1 bad, 77 no python3-jsonschema.
"""
import json
import sys

try:
    from jsonschema import Draft202012Validator, FormatChecker
except ImportError:
    sys.exit(77)


def load(path, pointer=None):
    with open(path, encoding="utf-8") as file:
        schema = json.load(file)
    Draft202012Validator.check_schema(schema)
    if pointer:
        schema = {"$schema": schema["$schema"], "$ref": "#/$defs/" + pointer, "$defs": schema["$defs"]}
    return Draft202012Validator(schema, format_checker=FormatChecker())


def lines(path):
    # Not splitlines(): U+2028 is no end of line in JSON.
    with open(path, encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file, 1):
            yield number, json.loads(line)


def fail(number, message):
    print(f"line {number}: {message}")
    return 1


def check_records(path, validator):
    status = 0
    count = 0
    for number, record in lines(path):
        count += 1
        for error in validator.iter_errors(record):
            where = "/".join(map(str, error.absolute_path))
            status = fail(number, f"{where}: {error.message[:300]}")
        if count > 20:
            continue  # the mutants of 20 records show enough
        for mutant, what in mutants(record):
            if validator.is_valid(mutant):
                status = fail(number, f"still valid with {what}")
    return status if count else fail(0, "no records")


def mutants(record):
    yield {**record, "no_such_field": 1}, "an unknown field"
    for key in record:
        yield {k: v for k, v in record.items() if k != key}, f"{key} missing"
        wrong = 17 if not isinstance(record[key], (int, float)) or isinstance(record[key], bool) else "x"
        if record[key] is not None:
            yield {**record, key: wrong if isinstance(wrong, str) else {"x": wrong}}, f"{key} of another type"


def check_accepts(path, validator):
    status = 0
    for number, case in lines(path):
        if validator.is_valid(case["record"]) != case["valid"]:
            status = fail(number, f"expected {'valid' if case['valid'] else 'refused'}: {json.dumps(case['record'])[:200]}")
    return status


def enum_of(definition, path):
    for step in path.split("/"):
        definition = definition[step]
    return definition["enum"]


def check_vocabulary(schema_path, words_path):
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    with open(words_path, encoding="utf-8") as file:
        expected = json.load(file)
    status = 0
    for path, words in expected.items():
        if enum_of(schema, path) != words:
            status = fail(0, f"{path}: {enum_of(schema, path)} is not {words}")
    return status


def main(arguments):
    mode, schema, path, *pointer = arguments
    if mode == "records":
        return check_records(path, load(schema, *pointer))
    if mode == "accepts":
        return check_accepts(path, load(schema))
    if mode == "vocabulary":
        return check_vocabulary(schema, path)
    return 64


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
