"""Reads messages with Python's email package and compares them with what was
meant. Input: for each message its JSON's length in ASCII, a newline, the JSON:
{"raw": base64, "want": {...}}. Output: a line for each difference, then the
number of messages. The process ends with 0 when there is none."""

import base64
import email
import email.header
import email.utils
import json
import re
import sys

ADDRESS_FIELDS = ("from", "to", "reply-to")
TEXT_FIELDS = ("subject", "message-id", "list-unsubscribe", "list-unsubscribe-post", "list-archive", "feedback-id",
               "precedence", "mime-version")


def value(message, field):
    """The field's value, unfolded (RFC 5322 section 2.2.3)."""
    return re.sub(r"\r?\n(?=[ \t])", "", message[field])


def decoded(text):
    if "=?" not in text:
        return text
    return str(email.header.make_header(email.header.decode_header(text)))


def mailbox(text):
    """Display name and address. email.policy.default would put a space between
    two encoded words of a phrase (a bug of Python 3.11, see RFC 2047 section 6.2)."""
    name, address = email.utils.parseaddr(text)
    return [decoded(name), address]


def differences(raw, want):
    message = email.message_from_bytes(raw)
    if message.defects:
        yield "defects", message.defects, []
    names = [name.lower() for name in message.keys()]
    if names != want["order"]:
        yield "fields", names, want["order"]
    for field in ADDRESS_FIELDS:
        if field in want and mailbox(value(message, field)) != want[field]:
            yield field, mailbox(value(message, field)), want[field]
    for field in TEXT_FIELDS:
        if field in want and decoded(value(message, field)) != want[field]:
            yield field, decoded(value(message, field)), want[field]
    date = email.utils.parsedate_to_datetime(value(message, "date"))
    if int(date.timestamp()) != want["date"]:
        yield "date", message["date"], want["date"]
    if message.get_content_type() != "multipart/alternative":
        yield "content type", message.get_content_type(), "multipart/alternative"
        return
    parts = message.get_payload()
    kinds = [(p.get_content_type(), p.get_content_charset(), p["content-transfer-encoding"]) for p in parts]
    if kinds != [("text/plain", "utf-8", "quoted-printable"), ("text/html", "utf-8", "quoted-printable")]:
        yield "parts", kinds, "plain and html"
        return
    for part, field in zip(parts, ("text", "html")):
        if part.defects:
            yield field + " defects", part.defects, []
        got = part.get_payload(decode=True).decode("utf-8").replace("\r\n", "\n")
        if got != want[field]:
            yield field, got, want[field]


def main():
    count = bad = 0
    while line := sys.stdin.buffer.readline():
        case = json.loads(sys.stdin.buffer.read(int(line)))
        for what, got, want in differences(base64.b64decode(case["raw"]), case["want"]):
            print(f"message {count}: {what}: got {got!r}, want {want!r}")
            bad += 1
        count += 1
    print(count)
    return bad > 0


sys.exit(main())
