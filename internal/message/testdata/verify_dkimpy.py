"""Verifies DKIM signatures with dkimpy. Input: for each message its JSON's
length, a newline, the JSON {"raw": base64, "dns": {name: TXT value}}. Output:
a line for each message with "pass" or "fail" for each signature."""

import base64
import json
import sys

import dkim

while line := sys.stdin.buffer.readline():
    case = json.loads(sys.stdin.buffer.read(int(line)))
    raw = base64.b64decode(case["raw"])
    records = {name: value.encode() for name, value in case["dns"].items()}

    def lookup(name, timeout=5):
        return records.get(name.decode().rstrip("."))

    results = []
    for i in range(raw.split(b"\r\n\r\n")[0].count(b"DKIM-Signature:")):
        try:
            results.append("pass" if dkim.DKIM(raw).verify(idx=i, dnsfunc=lookup) else "fail")
        except dkim.DKIMException as e:
            results.append("fail(%s)" % e)
    print(" ".join(results) or "none")
