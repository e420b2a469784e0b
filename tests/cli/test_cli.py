"""Owns the proof that the program `deltic` does what docs/cli.md says: every command, every refusal, exit statuses,
pipes, signals, terminals. Runs the program of env DELTIC (default build/release/bin/deltic) on tables that delta-rs
makes. Does not test the reader's correctness on many tables; tests/conformance does.
"""
import datetime
import fcntl
import json
import os
import pathlib
import pty
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time
import unittest

import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet as pq

ROOT = pathlib.Path(__file__).resolve().parents[2]
DELTIC = os.environ.get("DELTIC", str(ROOT / "build/release/bin/deltic"))
USAGE, INVALID, NOT_FOUND, UNSUPPORTED, UNAVAILABLE = 2, 11, 12, 15, 19


def run(*args, **options):
    return subprocess.run([DELTIC, *map(str, args)], capture_output=True, text=True, timeout=120, **options)


def on_terminal(*args, columns=80, env=None, until=None):
    """Runs on a pseudo-terminal; answers what it showed and its wait status. until(output, pid) may send signals."""
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    variables = {**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8", "NO_COLOR": "", **(env or {})}
    process = subprocess.Popen([DELTIC, *map(str, args)], stdin=child, stdout=child, stderr=child, env=variables,
                               start_new_session=True)
    os.close(child)
    shown = b""
    while True:
        try:
            chunk = os.read(parent, 65536)
        except OSError:
            break
        if not chunk:
            break
        shown += chunk
        if until is not None:
            until(shown, process.pid)
    os.close(parent)
    return shown.decode().replace("\r\n", "\n"), process.wait(timeout=60)


@unittest.skipUnless(os.access(DELTIC, os.X_OK), f"{DELTIC} is not built")
class Cli(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        from deltalake import DeltaTable, write_deltalake
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="deltic-cli-"))
        cls.table = cls.folder / "people"
        schema = pa.schema([pa.field("id", pa.int64(), nullable=False), ("kind", pa.string()), ("name", pa.string()),
                            ("score", pa.float64()), ("at", pa.timestamp("us", "UTC")), ("tags", pa.list_(pa.string())),
                            ("price", pa.decimal128(10, 2))])
        at = datetime.datetime(2024, 2, 29, 12, 0, 0, tzinfo=datetime.timezone.utc)

        def rows(first, last):
            return pa.Table.from_pylist(
                [{"id": i, "kind": None if i % 5 == 4 else "ab"[i % 2], "name": f"name {i}" if i % 3 else None,
                  "score": i / 2, "at": at, "tags": ["x", None][: i % 3], "price": i} for i in range(first, last)],
                schema=schema)

        write_deltalake(cls.table, rows(0, 10), partition_by=["kind"], name="people", description="some people")
        cls.after_first = int(time.time() * 1000)
        time.sleep(0.05)
        write_deltalake(cls.table, rows(10, 20), mode="append")
        DeltaTable(cls.table).delete("id = 3")
        cls.rows = [r for r in rows(0, 20).to_pylist() if r["id"] != 3]

        cls.odd = cls.folder / "odd names"
        write_deltalake(cls.odd, pa.table({"a,b": ["line\none\ttab", "\x1b[31mred", "日本語 text", "  spaces  ", None],
                                           'q"q': [1, 2, 3, 4, 5], " lead": [True, False, None, True, False]}))
        cls.empty = cls.folder / "empty"
        write_deltalake(cls.empty, pa.table({"x": pa.array([], pa.int32())}))

        # Large enough that an export on one thread can be interrupted.
        cls.big = cls.folder / "big"
        n = 1_000_000
        batch = pa.table({"i": pa.array(range(n), pa.int64()), "s": pa.array([f"{i * 2654435761 % 2**61:x}" for i in range(n)])})
        write_deltalake(cls.big, batch)
        for _ in range(2):
            write_deltalake(cls.big, batch, mode="append")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def setUp(self):
        self.out = pathlib.Path(tempfile.mkdtemp(dir=self.folder))

    def ok(self, *args, **options):
        done = run(*args, **options)
        self.assertEqual((done.returncode, done.stderr), (0, ""), args)
        return done.stdout

    def refused(self, status, text, *args, code=None):
        done = run(*args)
        self.assertEqual(done.returncode, status, f"{args}: {done.stderr}")
        self.assertTrue(done.stderr.startswith("error: "), done.stderr)
        self.assertIn(text, done.stderr)
        name = code or {USAGE: "InvalidArgument", INVALID: "InvalidArgument", NOT_FOUND: "NotFound",
                        UNAVAILABLE: "Unavailable"}[status]
        self.assertIn(name + ":", done.stderr)
        self.assertEqual(list(self.out.iterdir()), [], "left a file")

    def sorted_ids(self, table):
        return sorted(table.column("id").to_pylist())

    # What it tells of itself

    def test_the_program_tells_its_version_and_its_help(self):
        self.assertRegex(self.ok("--version"), r"^deltic \d+\.\d+\.\d+\n$")
        self.assertIn("export", self.ok("--help"))
        for command in ("info", "schema", "files", "history", "count", "cat", "export", "cdf", "explain", "completion"):
            self.assertIn("Usage: deltic " + command, self.ok(command, "--help"))

    def test_a_wrong_command_line_is_status_2(self):
        self.refused(USAGE, "subcommand is required")
        self.refused(USAGE, 'no command "nonsense"', "nonsense")
        self.refused(USAGE, "TABLE is required", "cat")
        self.refused(USAGE, "--nonsense", "cat", self.table, "--nonsense")
        self.refused(USAGE, "whole number", "cat", self.table, "--limit", "-1")
        self.refused(USAGE, "whole number", "cat", self.table, "--version", "x")
        self.refused(USAGE, "whole number", "cat", self.table, "--threads", "0")
        self.refused(USAGE, "excludes", "cat", self.table, "--version", "0", "--timestamp", "0")
        self.refused(USAGE, "neither a time", "cat", self.table, "--timestamp", "yesterday")
        self.refused(USAGE, "not in", "cat", self.table, "--format", "xml")
        self.refused(USAGE, "not in", "export", self.table, self.out / "o.parquet", "--format", "xml")
        self.refused(USAGE, "name is empty", "cat", self.table, "--columns", "id,")
        self.refused(USAGE, "quote", "cat", self.table, "--columns", '"id')

    def test_completion_scripts_parse_and_name_every_command_and_option(self):
        for shell in ("bash", "zsh", "fish"):
            script = self.ok("completion", shell)
            for word in ("history", "explain", "timestamp", "memory-limit"):
                self.assertIn(word, script)
            if shutil.which(shell):
                subprocess.run([shell, "-n"], input=script, text=True, check=True)
        self.refused(USAGE, "not in", "completion", "tcsh")

    def test_bash_completes_commands_options_and_values(self):
        script = self.out / "c"
        script.write_text(self.ok("completion", "bash"))

        def complete(*words):
            code = (f"source {script}; COMP_WORDS=(deltic {' '.join(repr(w) for w in words)}); "
                    f"COMP_CWORD={len(words)}; _deltic; echo \"${{COMPREPLY[*]}}\"")
            return subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=True).stdout.split()

        self.assertEqual(complete("hi"), ["history"])
        self.assertEqual(complete("cat", "--li"), ["--limit"])
        self.assertEqual(complete("cat", "t", "--format", "j"), ["json"])
        self.assertEqual(complete("completion", "f"), ["fish"])

    # One command each

    def test_info_as_json_has_the_promised_keys(self):
        info = json.loads(self.ok("info", self.table, "--json"))
        self.assertEqual((info["version"], info["num_rows"], info["name"]), (2, 19, "people"))
        self.assertEqual(info["partition_columns"], ["kind"])
        self.assertEqual(info["num_files"], len(json.loads(self.ok("files", self.table, "--json"))))
        self.assertEqual([f["name"] for f in info["schema"]["fields"]][:2], ["id", "kind"])
        for key in ("timestamp", "id", "description", "size_bytes", "num_deletion_vectors", "num_deleted_rows",
                    "configuration", "uri"):
            self.assertIn(key, info)
        self.assertEqual(sorted(info["protocol"]),
                         ["min_reader_version", "min_writer_version", "reader_features", "writer_features"])

    def test_info_as_text_says_the_same(self):
        text = self.ok("info", self.table)
        for part in ("Version        2, 20", "Rows           19", "Partitioned by kind", "some people"):
            self.assertIn(part, text)

    def test_an_older_version_and_an_older_time_are_readable(self):
        self.assertEqual(json.loads(self.ok("info", self.table, "--version", 0, "--json"))["num_rows"], 10)
        iso = datetime.datetime.fromtimestamp(self.after_first / 1000, datetime.timezone.utc).isoformat()
        for when in (self.after_first, iso, iso.replace("+00:00", "Z")):
            self.assertEqual(json.loads(self.ok("info", self.table, "--timestamp", when, "--json"))["version"], 0)
        self.assertEqual(self.ok("count", self.table, "--version", 1), "20\n")

    def test_schema_is_a_tree_or_the_raw_json(self):
        tree = self.ok("schema", self.table)
        self.assertTrue(tree.startswith("root\n |-- id: long (nullable = false)\n |-- kind: string (nullable = true)\n"), tree)
        self.assertIn(" |-- tags: array (nullable = true)\n |    |-- element: string (containsNull = true)\n", tree)
        self.assertEqual(json.loads(self.ok("schema", self.table, "--json"))["type"], "struct")

    def test_files_are_listed_filtered_and_limited(self):
        files = json.loads(self.ok("files", self.table, "--json"))
        self.assertTrue(all((self.table / f["path"]).exists() for f in files))
        self.assertEqual(sum(f["num_records"] for f in files), 19)
        only_a = json.loads(self.ok("files", self.table, "--where", "kind = 'a'", "--json"))
        self.assertEqual({f["partition_values"]["kind"] for f in only_a}, {"a"})
        self.assertIn("kind=NULL", self.ok("files", self.table))
        self.assertIn("(1 file)", self.ok("files", self.table, "--limit", 1))
        self.assertEqual(json.loads(self.ok("files", self.empty, "--where", "x = 1", "--json")), [])

    def test_history_is_newest_first(self):
        history = json.loads(self.ok("history", self.table, "--json"))
        self.assertEqual([h["version"] for h in history], [2, 1, 0])
        self.assertEqual(history[0]["operation"], "DELETE")
        text = self.ok("history", self.table, "--limit", 1)
        self.assertEqual(len(text.splitlines()), 3)
        self.assertIn("predicate=id = 3", text)

    def test_count_with_and_without_a_filter(self):
        self.assertEqual(self.ok("count", self.table), "19\n")
        self.assertEqual(self.ok("count", self.table, "--where", "id >= 10 and kind = 'a'"), "4\n")
        self.assertEqual(json.loads(self.ok("count", self.table, "--json")), {"version": 2, "count": 19})

    def test_explain_tells_what_is_skipped(self):
        plan = json.loads(self.ok("explain", self.table, "--where", "kind = 'a' and id >= 10", "--json"))
        self.assertEqual(plan["files_total"], plan["files_kept"] + plan["files_dropped_by_partition"] +
                         plan["files_dropped_by_statistics"])
        self.assertEqual((plan["files_kept"], len(plan["kept_paths"])), (1, 1))
        self.assertIn("dropped by partition", self.ok("explain", self.table, "--where", "kind = 'a'"))

    # Rows

    def test_cat_aligns_a_table(self):
        text = self.ok("cat", self.table, "--columns", "id,name,score", "--where", "id in (1, 6, 12)")
        lines = sorted(text.splitlines()[2:-1])
        self.assertEqual(text.splitlines()[0], " id | name   | score")
        self.assertEqual(lines, ["  1 | name 1 |   0.5", "  6 | NULL   |   3.0", " 12 | NULL   |   6.0"])
        self.assertEqual(text.splitlines()[-1], "(3 rows)")
        self.assertIn("(0 rows)", self.ok("cat", self.empty))

    def test_cat_escapes_what_would_break_lines_or_steer_a_terminal(self):
        text = self.ok("cat", self.odd)
        self.assertEqual(len(text.splitlines()), 8)
        self.assertIn("line\\none\\ttab", text)
        self.assertIn("\\x1b[31mred", text)
        self.assertNotIn("\x1b", text)

    def test_cat_csv_and_json_hold_every_row(self):
        rows = [json.loads(line) for line in self.ok("cat", self.table, "--format", "json").splitlines()]
        self.assertEqual(sorted(r["id"] for r in rows), [r["id"] for r in self.rows])
        self.assertEqual(next(r for r in rows if r["id"] == 5)["tags"], ["x", None])
        text = self.ok("cat", self.table, "--format", "csv")
        back = pa.csv.read_csv(pa.py_buffer(text.encode()))
        self.assertEqual(self.sorted_ids(back), [r["id"] for r in self.rows])
        self.assertEqual(len(self.ok("cat", self.table, "--format", "json", "--limit", 3).splitlines()), 3)

    def test_columns_with_commas_and_quotes_can_be_named(self):
        text = self.ok("cat", self.odd, "--columns", '"a,b","q""q", lead')
        self.assertTrue(text.startswith(' a,b'), text)
        self.assertIn('q"q', text.splitlines()[0])

    def test_export_in_each_format_holds_every_row(self):
        want = sorted(self.rows, key=lambda r: r["id"])
        for name in ("o.parquet", "o.arrow", "o.ipc", "o.FEATHER"):
            self.assertEqual(self.ok("export", self.table, self.out / name), "")
            if name == "o.parquet":
                table = pq.read_table(self.out / name)
            else:
                with pa.OSFile(str(self.out / name)) as source:
                    table = pa.ipc.open_file(source).read_all()
            self.assertEqual(sorted(table.to_pylist(), key=lambda r: r["id"]), want, name)
        for name in ("o.json", "o.jsonl", "o.ndjson"):
            self.ok("export", self.table, self.out / name)
            rows = [json.loads(line) for line in (self.out / name).read_text().splitlines()]
            self.assertEqual(sorted(r["id"] for r in rows), [r["id"] for r in want])
        self.ok("export", self.table, self.out / "o.csv")
        self.assertEqual(self.sorted_ids(pa.csv.read_csv(self.out / "o.csv")), [r["id"] for r in want])
        self.ok("export", self.table, self.out / "plain", "--format", "parquet")
        self.assertEqual(pq.read_table(self.out / "plain").num_rows, 19)
        self.assertEqual(len(list(self.out.iterdir())), 9, "temporary files are left")

    def test_export_takes_a_version_a_filter_columns_and_a_limit(self):
        out = self.out / "o.parquet"
        self.ok("export", self.table, out, "--version", 0)
        self.assertEqual(pq.read_table(out).num_rows, 10)
        self.ok("export", self.table, out, "--columns", "name,id", "--where", "id > 15", "--limit", 2)
        table = pq.read_table(out)
        self.assertEqual((table.schema.names, table.num_rows), (["name", "id"], 2))
        self.ok("export", self.empty, self.out / "e.arrow")
        with pa.OSFile(str(self.out / "e.arrow")) as source:
            self.assertEqual(pa.ipc.open_file(source).read_all().num_rows, 0)

    def test_export_compresses(self):
        for codec, name in (("snappy", "SNAPPY"), ("zstd", "ZSTD"), ("gzip", "GZIP"), ("lz4", "LZ4"),
                            ("none", "UNCOMPRESSED")):
            out = self.out / "o.parquet"
            self.ok("export", self.table, out, "--compression", codec)
            self.assertEqual(pq.ParquetFile(out).metadata.row_group(0).column(0).compression, name)
        self.ok("export", self.table, self.out / "o.csv", "--compression", "gzip")
        self.assertEqual((self.out / "o.csv").read_bytes()[:2], b"\x1f\x8b")

    def test_export_to_standard_output(self):
        rows = self.ok("export", self.table, "-", "--format", "json").splitlines()
        self.assertEqual(len(rows), 19)
        done = subprocess.run([DELTIC, "export", self.table, "-", "--format", "arrow"], capture_output=True, check=True)
        self.assertEqual(pa.ipc.open_stream(done.stdout).read_all().num_rows, 19)

    def test_global_settings_are_taken(self):
        self.assertEqual(self.ok("count", self.table, "--where", "id > 0", "--threads", 1, "--memory-limit", "500MB",
                                 "--temp-dir", self.out), "18\n")

    def test_arguments_that_begin_with_dashes_and_brackets_keep_their_meaning(self):
        self.assertEqual(self.ok("count", self.table, "--where", "-id > -2"), "2\n")
        self.assertEqual(self.ok("count", self.table, "--where", "[id] = [7]"), "1\n")

    # Refusals

    def test_a_missing_table_is_not_found(self):
        for command in ("info", "schema", "files", "history", "count", "cat", "explain"):
            self.refused(NOT_FOUND, "missing", command, self.folder / "missing")
        self.refused(NOT_FOUND, "missing", "export", self.folder / "missing", self.out / "o.parquet")

    def test_a_missing_version_or_time_is_not_found(self):
        self.refused(NOT_FOUND, "9", "info", self.table, "--version", 9)
        self.refused(NOT_FOUND, "9", "export", self.table, self.out / "o.parquet", "--version", 9)
        self.refused(NOT_FOUND, "", "cat", self.table, "--timestamp", "1999-01-01")

    def test_a_bad_column_or_bad_sql_is_refused_and_named(self):
        for command in (("cat",), ("export",)):
            out = [self.out / "o.arrow"] if command == ("export",) else []
            done = run(*command, self.table, *out, "--columns", "id,nope")
            self.assertIn(done.returncode, (INVALID, NOT_FOUND), done.stderr)
            self.assertIn("nope", done.stderr)
        for command in ("cat", "count", "explain", "files"):
            self.refused(INVALID, "", command, self.table, "--where", "id >")
            self.refused(INVALID, "nope", command, self.table, "--where", "nope = 1")
        for name in ("o.parquet", "o.csv", "o.json", "o.arrow"):
            self.refused(INVALID, "nope", "export", self.table, self.out / name, "--where", "nope = 1")

    def test_export_refuses_a_bad_target_before_reading(self):
        self.refused(NOT_FOUND, "nowhere", "export", self.table, self.out / "nowhere" / "o.parquet")
        self.refused(INVALID, "folder", "export", self.table, self.folder, "--format", "csv")
        self.refused(INVALID, "extension", "export", self.table, self.out / "o")
        self.refused(INVALID, "xyz", "export", self.table, self.out / "o.xyz")
        self.refused(INVALID, "--format", "export", self.table, "-")
        self.refused(INVALID, "--compression", "export", self.table, self.out / "o.csv", "--compression", "lz4")
        self.refused(INVALID, "inside the table", "export", self.table, self.table / "o.parquet")
        self.refused(INVALID, "inside the table", "export", self.odd, self.odd / "o.parquet")
        self.refused(INVALID, "inside the table", "export", self.table, self.out / ".." / "people" / "kind=a" / "o.csv")

    def test_a_failed_export_keeps_what_was_there(self):
        out = self.out / "o.parquet"
        out.write_text("precious")
        for where in ("nope = 1", "cast(name as int) > 0"):
            self.assertNotEqual(run("export", self.table, out, "--where", where).returncode, 0)
            self.assertEqual(out.read_text(), "precious")
            self.assertEqual(list(self.out.iterdir()), [out])

    def test_rows_that_fail_to_evaluate_leave_no_file(self):
        for name in ("o.parquet", "o.csv", "o.json", "o.arrow"):
            done = run("export", self.table, self.out / name, "--where", "cast(name as int) > 0")
            self.assertGreater(done.returncode, 2)
            self.assertTrue(done.stderr.startswith("error: "))
            self.assertEqual(list(self.out.iterdir()), [])

    # Pipes, signals, terminals

    def test_a_full_disk_behind_standard_output_is_an_error(self):
        for args in (("cat", self.table), ("cat", self.table, "--format", "csv"), ("info", self.table), ("--version",),
                     ("export", self.table, "-", "--format", "arrow")):
            with open("/dev/full", "w") as full:
                done = subprocess.run([DELTIC, *map(str, args)], stdout=full, stderr=subprocess.PIPE, text=True)
            self.assertEqual(done.returncode, UNAVAILABLE, done.stderr)

    def test_a_closed_pipe_ends_it_quietly(self):
        for args in ("", "--format csv", "--format json"):
            done = subprocess.run(["bash", "-c", f"'{DELTIC}' cat '{self.big}' {args} | head -n 1"], capture_output=True,
                                  text=True, timeout=60)
            self.assertEqual(done.stderr, "")
            self.assertEqual(len(done.stdout.splitlines()), 1)

    def test_appending_to_a_file_keeps_what_is_there(self):
        for form in ("table", "csv", "json"):
            out = self.out / form
            out.write_text("first\n")
            subprocess.run(["bash", "-c", f"'{DELTIC}' cat '{self.table}' --format {form} >> '{out}'"], check=True)
            lines = out.read_text().splitlines()
            self.assertEqual(lines[0], "first")
            self.assertGreater(len(lines), 19)

    def test_ctrl_c_leaves_no_output_and_tells_130(self):
        for name in ("o.parquet", "o.csv", "o.json", "o.arrow"):
            for number in (signal.SIGINT, signal.SIGTERM):
                with self.subTest(name=name, signal=number):
                    process = subprocess.Popen([DELTIC, "export", self.big, self.out / name, "--threads", "1"],
                                               stderr=subprocess.PIPE, text=True)
                    while process.poll() is None and not any(self.out.iterdir()):
                        time.sleep(0.001)
                    process.send_signal(number)
                    _, message = process.communicate(timeout=30)
                    if process.returncode == 0:
                        self.skipTest("the export was done before the signal")
                    self.assertEqual(process.returncode, 128 + number, message)
                    self.assertEqual(list(self.out.iterdir()), [])

    def test_ctrl_c_stops_cat(self):
        process = subprocess.Popen([DELTIC, "cat", self.big], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        process.stdout.read(1000)
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        self.assertEqual(process.wait(timeout=30), 130)
        process.stdout.close()

    def test_a_terminal_gets_colours_lines_and_cut_values_unless_it_says_no(self):
        args = ("cat", self.table, "--columns", "id,name,at,tags", "--where", "id in (6, 7, 8)")
        shown, status = on_terminal(*args, columns=40)
        self.assertEqual(status, 0)
        self.assertIn("\x1b[1mid\x1b[0m", shown)
        self.assertIn("\x1b[2mNULL\x1b[0m", shown)
        self.assertIn("│", shown)
        self.assertIn("…", shown)
        plain, _ = on_terminal(*args, columns=40, env={"NO_COLOR": "1"})
        self.assertNotIn("\x1b", plain)
        self.assertLessEqual(max(len(line) for line in plain.splitlines()), 40)

    def test_wide_characters_keep_the_columns_straight(self):
        lines = self.ok("cat", self.odd, "--columns", '"a,b","q""q"', env={**os.environ, "LC_ALL": "C.UTF-8"}).splitlines()
        wide = next(line for line in lines if "日本語" in line)
        narrow = next(line for line in lines if "spaces" in line)
        self.assertEqual(wide.index("|") + 3, narrow.index("|"))

    def test_binary_data_is_not_written_to_a_terminal(self):
        shown, status = on_terminal("export", self.table, "-", "--format", "parquet")
        self.assertEqual(status, INVALID)
        self.assertIn("terminal", shown)

    def test_long_work_shows_progress_on_a_terminal_only(self):
        shown, status = on_terminal("export", self.big, self.out / "o.json", "--threads", "1")
        self.assertEqual(status, 0)
        self.assertIn("3,000,000 rows of version 2", shown)
        self.assertEqual(self.ok("export", self.big, self.out / "o.csv"), "")


if __name__ == "__main__":
    unittest.main()
