"""Proves what the progress bar shows, when, and that it leaves nothing behind; and that SQL of deltalake means the same to the engine."""
import io
import unittest

from deltic import Progress, exceptions, progress
from deltic._progress import _line, watched
from deltic._sql import column_parts, column_text, engine_sql


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Bar(unittest.TestCase):
    def test_a_line_says_operation_phase_share_and_time(self):
        now = Progress("compact", "writing files", 30, 120, "files", 12.3)
        self.assertEqual(_line(now, 200), "compact: writing files  [######..................]  25%  30/120 files  12 s")
        self.assertEqual(_line(Progress("clone", "copying", 3 << 20, 1 << 30, "bytes", 1.0), 200),
                         "clone: copying  [........................]   0%  3.0 MiB/1.0 GiB  1 s")
        self.assertEqual(_line(Progress("merge", "reading the source", 1234567, None, "rows", 2.0), 200), "merge: reading the source  1,234,567 rows  2 s")
        self.assertLessEqual(len(_line(now, 30)), 30)

    def test_a_bar_appears_after_a_second_on_terminals_alone_and_is_wiped(self):
        for file, after, shown in ((Terminal(), 0, True), (Terminal(), None, False), (io.StringIO(), 0, False)):
            with progress(file=file, after=after), watched("delete") as listen:
                listen("finding rows", 1, 4, "files")
                listen("finding rows", 4, 4, "files")
            lines = file.getvalue().split("\r")
            self.assertEqual("delete: finding rows" in file.getvalue(), shown)
            if shown:
                self.assertEqual((lines[0], lines[-1], lines[-2].strip()), ("", "", ""))

    def test_nobody_listens_outside_of_it_and_the_inner_one_counts(self):
        heard = []
        with progress(lambda now: heard.append("outer")):
            with progress(lambda now: heard.append(now.total)), watched("merge") as listen:
                listen("a", 0, 0, "rows")
            with watched("merge") as listen:
                listen("b", 0, 0, "rows")
        self.assertEqual(heard, [None, "outer"])
        with watched("merge") as listen:
            self.assertIsNone(listen)


class Names(unittest.TestCase):
    def test_names_in_backquotes_become_names_in_double_quotes_and_nothing_else_changes(self):
        for text, wanted in (
            ("id = 1", "id = 1"), ("`a b` = 1", '"a b" = 1'), ("t.`a``b\"` = '`x`'", "t.\"a`b\"\"\" = '`x`'"),
            ("\"`q`\" = 'it''s `' and `z`", "\"`q`\" = 'it''s `' and \"z\""), ("a -- `no`\n = `b`", 'a -- `no`\n = "b"'),
            ("a /* ` */ = `b`", 'a /* ` */ = "b"'), ("a = 'open `x`", "a = 'open `x`"), ("``", '""'), ("a --`", "a --`"), ("a /*`", "a /*`"),
        ):
            self.assertEqual(engine_sql(text), wanted)
        with self.assertRaises(exceptions.InvalidArgumentError):
            engine_sql("`id = 1")

    def test_names_are_taken_apart_at_their_dots(self):
        for text, parts in (("a", ["a"]), ("t.a", ["t", "a"]), ("t.`a.b`.c", ["t", "a.b", "c"]), ('"x""y".z', ['x"y', "z"]), ("`a``b`", ["a`b"]), ("a b", ["a b"])):
            self.assertEqual(column_parts(text), parts)
        self.assertEqual(column_text(["a.b", "c`d"]), "`a.b`.`c``d`")
        for text in ("", "a.", ".a", "`a", "`a`b", "a..b"):
            with self.assertRaises(exceptions.InvalidArgumentError, msg=text):
                column_parts(text)


if __name__ == "__main__":
    unittest.main()
