"""Owns damages to deletion vectors, to their descriptors and to data files."""
import os
import struct
import unittest

import pyarrow as pa
import pyarrow.parquet as pq

from base import CorruptTest, edit, edit_actions, log
from judge import EITHER, ELSEWHERE, ERROR, REFUSALS, SAME, Damage
from tables import DV_NAME, ROWS, bitmap_array, dv_file, dv_inline, dv_on_disk, path_of, rows_of, z85
from test_checkpoints import CLASSIC, SIDECARS, V2_JSON, gone, parquet_damages

CORPSE = path_of("c")


def describing(file, **changes):
    """Changes the descriptor of the file's deletion vector; a value of ... leaves the field out."""
    def change(actions):
        for action in actions:
            if action.get("add", {}).get("path") == path_of(file):
                for field, value in changes.items():
                    if value is ...:
                        action["add"]["deletionVector"].pop(field, None)
                    else:
                        action["add"]["deletionVector"][field] = value
        return actions
    return edit_actions(log(3), change)


def payload(data, cardinality=2):
    """Another bitmap on disk, framed rightly and described rightly."""
    def apply(table):
        (table / DV_NAME).write_bytes(dv_file(data))
        describing("b", **dv_on_disk(data, cardinality))(table)
    return apply


class Vectors(CorruptTest):
    NAMES = ["deletion vector", "deletionVector", log(3)]

    def test_a_damaged_file_of_deletion_vectors_is_refused_and_named(self):
        size = 1 + 4 + len(bitmap_array([1, 3])) + 4
        damages = [Damage(f"cut to {n}", edit(DV_NAME, lambda b, n=n: b[:n]), names=DV_NAME) for n in range(size)]
        damages += [Damage(f"byte {at} inverted", edit(DV_NAME, lambda b, at=at: b[:at] + bytes([b[at] ^ 0xFF]) + b[at + 1:]),
                           names=DV_NAME) for at in range(size)]
        damages += [Damage("gone", gone(DV_NAME), names=DV_NAME), Damage("garbage", edit(DV_NAME, lambda b: b"garbage" * 20), names=DV_NAME),
                    Damage("a folder", lambda t: ((t / DV_NAME).unlink(), (t / DV_NAME).mkdir()), names=DV_NAME),
                    Damage("more behind it", edit(DV_NAME, lambda b: b + b"more"), SAME)]
        self.check("dv", damages)

    def test_a_descriptor_that_does_not_fit_its_vector_is_refused(self):
        values = {"storageType": ["x", "", "uu", 5, None, ..., "p", "i"], "pathOrInlineDv": ["", "short", "x" * 20, " " * 20, 5, None,
                  ..., "../" + "x" * 20, "/etc/passwd", "\0" * 20, "x" * 100000, "..%2f" + "x" * 20], "offset": [-1, 0x7FFFFFFF, 2, 1 << 31,
                  1 << 63, "x", 5000, 1.5], "sizeInBytes": [0, 1, -1, 37, 0x7FFFFFFF, 1 << 31, "x", None, ...],
                  "cardinality": [0, 1, 3, -1, (1 << 63) - 1, 1 << 63, "x", None, ..., 1.5]}
        self.check("dv", [Damage(f"{field} {number}: {str(value)[:20]!r}", describing("b", **{field: value}), names=self.NAMES)
                          for field, of in values.items() for number, value in enumerate(of)])

    def test_an_absolute_place_that_holds_no_vector_is_refused(self):
        places = ["/etc/passwd", "file:///etc/passwd", "/no/such/file", "http://127.0.0.1:1/x.bin", "s3://bucket/x.bin", "relative.bin", "/",
                  "file:", "/dev/zero", "/proc/self/mem", "%00", "/%zz", "/a\0b"]
        self.check("dv", [Damage(place[:30], describing("b", storageType="p", pathOrInlineDv=place), names=self.NAMES,
                                 refusals=ELSEWHERE if "://" in place else REFUSALS)
                          for place in places])

    def test_an_inline_vector_that_is_damaged_is_refused(self):
        good = bitmap_array([0, 9])
        text = z85(good)
        texts = ["", "x", text[:-1], text[:-5], text + "00000", text.replace(text[0], "~", 1), "#" * len(text), "~" * 20, "\0" * 20, "0" * 100000,
                 "é" * 10]
        damages = [Damage(f"text {number}", describing("c", pathOrInlineDv=value), names=self.NAMES) for number, value in enumerate(texts)]
        damages += [Damage(f"size {size}", describing("c", sizeInBytes=size), names=self.NAMES)
                    for size in (0, 1, len(good) - 1, len(good) + 1, -1, 0x7FFFFFFF)]
        damages += [Damage(f"cardinality {count}", describing("c", cardinality=count), names=self.NAMES) for count in (0, 1, 3, 1 << 40)]
        self.check("dv", damages)

    def test_bitmaps_that_are_framed_rightly_and_lie_are_refused(self):
        def portable(bitmaps):
            return struct.pack("<IQ", 1681511377, len(bitmaps)) + b"".join(struct.pack("<I", key) + b for key, b in bitmaps)

        def array(values, count=None):
            return struct.pack("<IIHHI", 12346, 1, 0, (len(values) if count is None else count) - 1, 16) + \
                b"".join(struct.pack("<H", v) for v in values)

        def runs(pairs, cardinality):
            return struct.pack("<HHBHHH", 12347, 0, 1, 0, cardinality - 1, len(pairs)) + b"".join(struct.pack("<HH", *p) for p in pairs)
        bad = {"unsorted": portable([(0, array([3, 1]))]), "twice": portable([(0, array([1, 1]))]),
               "keys descend": portable([(1, array([1])), (0, array([3]))]), "a key twice": portable([(0, array([1])), (0, array([3]))]),
               "key 2^31": portable([(0, array([1])), (1 << 31, array([1]))]), "count too high": portable([(0, array([1, 3], 9))]),
               "2^60 bitmaps": struct.pack("<IQ", 1681511377, 1 << 60), "run past the end": portable([(0, runs([(65535, 1)], 2))]),
               "runs overlap": portable([(0, runs([(0, 5), (3, 5)], 12))]), "bytes behind": bitmap_array([1, 3]) + b"\0\0\0\0",
               "another magic": struct.pack("<IQ", 1681511375, 0), "empty": b"", "magic only": struct.pack("<I", 1681511377),
               "offset elsewhere": portable([(0, struct.pack("<IIHHIHH", 12346, 1, 0, 1, 999, 1, 3))])}
        self.check("dv", [Damage(name, payload(data), names=DV_NAME) for name, data in bad.items()] + [
            # Rows that the file does not have are deleted all the same: the others must stay.
            Damage("rows beyond the file", payload(portable([(0, array([1, 3, 500]))]), 3), EITHER, DV_NAME),
            Damage("rows beyond 2^32", payload(portable([(0, array([1, 3])), (7, array([1]))]), 3), EITHER, DV_NAME),
            Damage("billions of rows", payload(portable([(key, struct.pack("<HH", 12347, 65535) + b"\xff" * 8192 + b"".join(
                struct.pack("<HH", k, 65535) for k in range(65536)) + b"\0" * 4 * 65536) for key in range(2)]), 1 << 33), ERROR, DV_NAME)])

    def test_what_is_deleted_is_deleted_in_any_layout(self):
        native = struct.pack("<II", 1681511376, 1)
        bitmap = bitmap_array([1, 3])[16:]
        self.check("dv", [Damage("native", payload(native + struct.pack("<I", len(bitmap)) + bitmap), SAME),
                          Damage("no rows", payload(struct.pack("<IQ", 1681511377, 0), 0),
                                 rows=rows_of("b") + rows_of("c", (0, 9)) + rows_of("d")),
                          Damage("inline", describing("b", offset=..., **dv_inline(bitmap_array([1, 3]), 2)), SAME),
                          Damage("offset left out", describing("b", offset=...), EITHER, DV_NAME)])


class DataFiles(CorruptTest):
    def test_a_damaged_data_file_is_refused_and_named(self):
        self.check("commits", [Damage(name, apply, names="c.parquet") for name, apply in parquet_damages(CORPSE)] + [
            Damage("gone", gone(CORPSE), names="c.parquet"),
            Damage("a folder", lambda t: ((t / CORPSE).unlink(), (t / CORPSE).mkdir()), names="c.parquet"),
            Damage("a link to itself", lambda t: ((t / CORPSE).unlink(), (t / CORPSE).symlink_to("c.parquet")), names="c.parquet"),
            Damage("a pipe nobody writes to", lambda t: ((t / CORPSE).unlink(), os.mkfifo(t / CORPSE)), names="c.parquet"),
            Damage("the folder is gone", lambda t: (gone(CORPSE)(t), (t / CORPSE).parent.rmdir()), names="c.parquet")])

    def test_a_pipe_or_a_device_in_a_files_place_is_neither_waited_for_nor_read_without_end(self):
        def pipe(path):
            return lambda t: ((t / path).unlink(missing_ok=True), os.mkfifo(t / path))

        def endless(path):
            return lambda t: ((t / path).unlink(missing_ok=True), (t / path).symlink_to("/dev/zero"))
        for layout, path, expect in (("commits", log(1), ERROR), ("commits", log(2, "crc"), SAME), ("classic_only", CLASSIC, ERROR),
                                     ("classic", "_delta_log/_last_checkpoint", SAME), ("v2_json_only", SIDECARS[0], ERROR),
                                     ("v2_json_only", V2_JSON, ERROR), ("dv", DV_NAME, ERROR)):
            # A log file that is no file is as good as not there: then what is missing is named.
            names = [path.rsplit("/", 1)[-1], "no complete checkpoint"]
            with self.subTest(path):
                self.check(layout, [Damage("a pipe", pipe(path), expect, names), Damage("endless", endless(path), expect, names)])

    def test_bytes_that_change_within_a_data_file_crash_nothing(self):
        import base
        size = len((base.made()["commits"] / CORPSE).read_bytes())

        def flip(at):
            return edit(CORPSE, lambda b: b[:at] + bytes([b[at] ^ 0xFF]) + b[at + 1:])
        # Data pages without checksums hold any values: only the footer's bytes must give the same rows or a refusal.
        body = 320
        self.check("commits", [Damage(f"byte {at} inverted", flip(at), EITHER, "c.parquet") for at in range(body, size, max(1, size // 60))])

    def test_a_data_file_of_another_schema_is_refused_or_read_as_the_protocol_says(self):
        def of(**columns):
            return lambda t: pq.write_table(pa.table(columns), t / CORPSE)
        ids, names = pa.array(range(20, 30), pa.int64()), pa.array([f"c {i}" for i in range(10)])
        rest = rows_of("b") + rows_of("d")
        self.check("commits", [
            Damage("id is text", of(id=names, name=names), names="c.parquet"),
            Damage("id is a list", of(id=pa.array([[1]] * 10), name=names), names="c.parquet"),
            Damage("id is a struct", of(id=pa.array([{"x": 1}] * 10), name=names), names="c.parquet"),
            Damage("id is a double", of(id=pa.array([0.5] * 10), name=names), names="c.parquet"),
            Damage("id is a timestamp", of(id=pa.array([1] * 10, pa.timestamp("us")), name=names), names="c.parquet"),
            Damage("name is a number", of(id=ids, name=ids), names="c.parquet"),
            Damage("id is narrower", of(id=ids.cast(pa.int32()), name=names), EITHER, "c.parquet"),
            Damage("a column more", of(id=ids, name=names, more=ids), SAME),
            Damage("columns in another order", of(name=names, id=ids), SAME),
            Damage("no name", of(id=ids), rows=rest + [{**row, "name": None} for row in rows_of("c")]),
            Damage("no column that is known", of(other=ids), EITHER, "c.parquet",
                   rows=rest + [{**row, "name": None, "id": None} for row in rows_of("c")]),
            Damage("no rows", lambda t: pq.write_table(pa.table({"id": ids[:0], "name": names[:0]}), t / CORPSE), rows=rest)])


assert ROWS and ERROR
if __name__ == "__main__":
    unittest.main()
