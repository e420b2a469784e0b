"""Owns damages to the bytes of JSON log files, and the changes that are none. Damages to what well-formed JSON says are
test_actions.py's."""
import shutil
import unittest

from base import CorruptTest, edit, log
from judge import EITHER, SAME, Damage
from tables import ROWS, UUID, VERSIONS, rows_of

COMPACTION = f"_delta_log/{VERSIONS[0]}.{VERSIONS[1]}.compacted.json"
V2_JSON = log(1, f"checkpoint.{UUID}.json")


def cuts(text, every):
    """Lengths to cut a text to: its ends, around each line's end, and many places between."""
    size = len(text)
    ends = [i for i, byte in enumerate(text) if byte == 0x0A]
    places = {0, 1, 2, size - 2, *range(0, size, every)} | {end - 1 for end in ends} | {end + 2 for end in ends}
    return sorted(place for place in places if 0 <= place < size - 1)


# What replaces one byte: none of these may stand outside a JSON string, and no control character within one.
REPLACEMENTS = {"NUL": 0x00, "0xFF": 0xFF, "quote": 0x22, "brace": 0x7D, "newline": 0x0A}


def classes_of(text):
    """One place for each kind of byte, in the first and in the last line."""
    places = {}
    lines = text.split(b"\n")
    begin_of_last = len(text) - len(lines[-2]) - 1
    for offset in (0, begin_of_last):
        for kind, byte in {"open": b"{", "close": b"}", "quote": b'"', "colon": b":", "comma": b",", "digit": b"0",
                           "letter": b"e", "escape": b"\\", "newline": b"\n"}.items():
            at = text.find(byte, offset)
            if at >= 0:
                places[f"{kind} at {at}"] = at
    return places


class LogText(CorruptTest):
    def test_a_commit_that_is_cut_anywhere_is_refused_and_named(self):
        import base
        damages = []
        for version in (0, 1, 2):
            text = (base.made()["commits"] / log(version)).read_bytes()
            for size in cuts(text, 97):
                if size == 0 or text[size - 1] == 0x0A or text[size] == 0x0A:
                    continue  # a whole commit that says less: the next test
                damages.append(Damage(f"commit {version} cut to {size}", edit(log(version), lambda b, n=size: b[:n]),
                                      names=log(version)))
        self.check("commits", damages)

    def test_a_commit_that_lost_whole_lines_says_less(self):
        def lines(count):
            return lambda b: b"".join(b.splitlines(True)[:count])
        without_c = rows_of("b") + rows_of("d")
        self.check("commits", [
            Damage("commit 1 without its add", edit(log(1), lines(3)), rows=without_c),
            Damage("commit 2 without its add", edit(log(2), lines(1)), rows=rows_of("b") + rows_of("c")),
        ])

    def test_an_empty_commit_is_one_that_was_not_written(self):
        self.check("commits", [Damage(f"commit {version}: {text!r}", edit(log(version), lambda b, t=text: t), names=log(version))
                               for version in (0, 1, 2) for text in (b"", b"\n", b" \r\n\n", b"\t")])

    def test_a_byte_of_any_kind_that_changes_is_refused_or_harmless(self):
        import base
        damages = []
        for version in (0, 1):
            text = (base.made()["commits"] / log(version)).read_bytes()
            for kind, at in classes_of(text).items():
                for name, byte in REPLACEMENTS.items():
                    if text[at] == byte or text[at:at + 1] == b"\n" and byte == 0x0A:
                        continue
                    # A letter that becomes another character may make another name: there any table may be right, but
                    # a quote, brace or line end in it breaks the line all the same.
                    damages.append(Damage(f"commit {version}, {kind}: {name}",
                                          edit(log(version), lambda b, i=at, c=byte: b[:i] + bytes([c]) + b[i + 1:]),
                                          EITHER, [log(version), ".parqu"]))
        self.check("commits", damages)

    def test_lines_that_ran_together_lose_nothing_silently(self):
        self.check("commits", [
            Damage(f"commit {version}: {name}", edit(log(version), lambda b, r=to: b.rstrip(b"\n").replace(b"\n", r)), EITHER,
                   log(version))
            for version in (0, 1, 2)
            for name, to in {"by a blank": b" ", "by nothing": b"", "by a tab": b"\t", "by a NUL": b"\0", "by an x": b"x",
                             "by a comma": b",", "by a quote": b'"'}.items()])

    def test_garbage_for_a_commit_is_refused(self):
        texts = {"zeros": b"\0" * 500, "binary": bytes(range(256)), "a list": b"[]\n", "a string": b'"add"\n',
                 "a number": b"5\n", "null": b"null\n", "html": b"<html>404</html>\n", "utf-16": "{}\n".encode("utf-16"),
                 "deep": b'{"add":' + b"[" * 100000 + b"]" * 100000 + b"}\n", "open braces": b"{" * 100000 + b"\n",
                 "deep objects": b'{"add":' + b'{"a":' * 50000 + b"1" + b"}" * 50001 + b"\n",
                 "long string": b'{"add":{"path":"' + b"a" * 1000000, "two documents": b'{"txn":{}} {"txn":{}}\n',
                 "bad escape": b'{"add":{"path":"\\q"}}\n', "bad unicode": b'{"add":{"path":"\\ud800"}}\n',
                 "bad utf-8": b'{"add":{"path":"\xc3"}}\n'}
        self.check("commits", [Damage(name, edit(log(1), lambda b, t=text: t), names=log(1)) for name, text in texts.items()])

    def test_what_the_format_allows_or_editors_leave_is_read(self):
        import json

        def pretty(text):
            return "".join(json.dumps(json.loads(line), indent=2) + "\n" for line in text.decode().splitlines()).encode()

        def more(line):
            return lambda b: b + line + b"\n"

        harmless = {
            "no last newline": lambda b: b.rstrip(b"\n"), "CRLF": lambda b: b.replace(b"\n", b"\r\n"),
            "byte order mark": lambda b: b"\xef\xbb\xbf" + b, "blank lines": lambda b: b.replace(b"\n", b"\n\n \n"),
            "blanks": lambda b: b.replace(b"{", b" { ").replace(b'\\" { ', b'\\"{') if b'\\"' not in b else b"  " + b,
            "pretty": pretty, "unknown action": more(b'{"fromTheFuture":{"path":"x"}}'),
            "unknown action first": lambda b: b'{"fromTheFuture":[1,{"add":{}}]}\n' + b, "empty object": more(b"{}"),
            "null action": more(b'{"add":null}'), "unknown fields": lambda b: b.replace(b'"path":', b'"new":{"x":[1]},"path":'),
            "all actions spelled out": lambda b: b.replace(b'{"add":{', b'{"txn":null,"remove":null,"add":{'),
            "escaped names": lambda b: b.replace(b'"path"', b'"pa\\u0074h"'),
            "escaped action": lambda b: b.replace(b'{"add"', b'{"\\u0061dd"')}
        self.check("commits", [Damage(f"commit {version}, {name}", edit(log(version), change), SAME)
                               for version in (0, 1, 2) for name, change in harmless.items()])

    def test_hints_checksums_and_foreign_files_cannot_hurt(self):
        texts = {"empty": b"", "cut": b'{"version":1,"si', "binary": bytes(range(256)), "a list": b"[1]", "null": b"null",
                 "beyond": b'{"version":99999}', "negative": b'{"version":-1}', "2^63": b'{"version":9223372036854775808}',
                 "2^63-1": b'{"version":9223372036854775807}', "text": b'{"version":"one"}', "parts": b'{"version":1,"parts":7}',
                 "huge parts": b'{"version":1,"parts":9223372036854775807}', "checksum": b'{"version":1,"checksum":"00"}',
                 "deep": b'{"version":1,"a":' + b"[" * 50000 + b"]" * 50000 + b"}", "twice": b'{"version":0,"version":2}'}
        damages = [Damage(f"_last_checkpoint: {name}", edit("_delta_log/_last_checkpoint", lambda b, t=text: t), SAME)
                   for name, text in texts.items()]
        self.check("classic", damages)
        checksums = dict(texts, **{"numbers of text": b'{"numFiles":"x","protocol":{"minReaderVersion":1,"minWriterVersion":2}}',
                                   "broken metadata": b'{"protocol":{"minReaderVersion":1,"minWriterVersion":2},"metadata":{"id":5}}'})

        def put(name, text):
            return lambda table: (table / "_delta_log" / name).write_bytes(text)
        foreign = [f".{VERSIONS[1]}.json.crc", f"{VERSIONS[3]}.json.tmp", f"{VERSIONS[3]}.checkpoint.parquet.tmp", "9.json",
                   f"{VERSIONS[3]}.checkpoint.{1:010}.{2:010}.parquet", f"{VERSIONS[3]}.checkpoint.{1:010}.{0:010}.parquet",
                   f"{VERSIONS[3]}.checkpoint.{3:010}.{2:010}.parquet", "99999999999999999999.json",
                   f"{VERSIONS[2]}.{VERSIONS[1]}.compacted.json", f"{VERSIONS[3]}.checkpoint.not-a-uuid.json", "-1.json"]
        self.check("commits", [Damage(f"checksum: {name}", edit(log(2, "crc"), lambda b, t=text: t), SAME)
                               for name, text in checksums.items()] +
                   [Damage(f"foreign {name}", put(name, b"garbage"), SAME) for name in foreign])

    def test_a_broken_compaction_is_passed_over_and_a_gap_is_named(self):
        texts = {"empty": b"", "binary": bytes(range(256)), "cut": b'{"add":{"pa', "a list": b"[]\n", "zeros": b"\0" * 99}
        self.check("compacted", [Damage(f"compaction: {name}", edit(COMPACTION, lambda b, t=text: t), EITHER, "compacted")
                                 for name, text in texts.items()] +
                   [Damage(f"compaction cut to {size}", edit(COMPACTION, lambda b, n=size: b[:n]), EITHER, "compacted")
                    for size in (10, 99, 200, 400, 900)])

        def gap(version):
            return lambda table: (table / log(version)).unlink()
        self.check("commits", [Damage("commit 0 is gone", gap(0), names=VERSIONS[0]),
                               Damage("commit 1 is gone", gap(1), names=VERSIONS[1]),
                               Damage("the log is empty", lambda table: shutil.rmtree(table / "_delta_log"), names="_delta_log"),
                               Damage("a commit is a folder", lambda table: ((table / log(1)).unlink(), (table / log(1)).mkdir()),
                                      names=VERSIONS[1]),
                               Damage("a commit is a dangling link", lambda table: ((table / log(1)).unlink(),
                                                                                    (table / log(1)).symlink_to("nowhere")),
                                      names=VERSIONS[1]),
                               Damage("a commit is a link to itself", lambda table: ((table / log(1)).unlink(),
                                                                                     (table / log(1)).symlink_to(VERSIONS[1] + ".json")),
                                      names=VERSIONS[1])])

    def test_a_json_checkpoint_that_is_cut_is_refused(self):
        import base
        text = (base.made()["v2_json_only"] / V2_JSON).read_bytes()
        ends = [i + 1 for i, byte in enumerate(text) if byte == 0x0A]
        damages = [Damage(f"cut to {size}", edit(V2_JSON, lambda b, n=size: b[:n]), names="checkpoint")
                   for size in cuts(text, 61) if size not in ends and size + 1 not in ends and size > 0]
        self.check("v2_json_only", damages)


assert ROWS
if __name__ == "__main__":
    unittest.main()
