"""Owns damages to checkpoints: cut, garbage, wrong columns, missing parts and sidecars, checkpoints that name themselves.
Where the commits before a checkpoint are still there, a reader may pass a broken one over; where they are gone, it must
refuse."""
import shutil
import unittest

import pyarrow as pa
import pyarrow.parquet as pq

from base import CorruptTest, edit, edit_actions, log
from judge import EITHER, ERROR, SAME, Damage
from tables import ACTION_TYPES, ROWS, UUID, VERSIONS, add, path_of, remove, rows_of, state_actions, write_checkpoint

CLASSIC = log(1, "checkpoint.parquet")
PARTS = [log(1, f"checkpoint.{part:010}.{2:010}.parquet") for part in (1, 2)]
V2_JSON = log(1, f"checkpoint.{UUID}.json")
V2_PARQUET = log(1, f"checkpoint.{UUID}.parquet")
SIDECARS = ["_delta_log/_sidecars/one.parquet", "_delta_log/_sidecars/two.parquet"]
FILES_OF = {"classic_only": [CLASSIC], "multipart_only": PARTS, "v2_parquet_only": [V2_PARQUET] + SIDECARS,
            "v2_json_only": SIDECARS}


def gone(path):
    return lambda table: (table / path).unlink()


def parquet_damages(path):
    """What can happen to the bytes of any Parquet file."""
    for size in (0, 1, 4, 8, 50, 200):
        yield f"cut to {size}", edit(path, lambda b, n=size: b[:n])
    yield "cut to a half", edit(path, lambda b: b[:len(b) // 2])
    for less in (1, 4, 8, 12, 100, 500):
        yield f"cut by {less}", edit(path, lambda b, n=less: b[:-n])
    yield "without its first half", edit(path, lambda b: b[len(b) // 2:])
    yield "zeros", edit(path, lambda b: b"\0" * len(b))
    yield "zeros between the magics", edit(path, lambda b: b[:4] + b"\0" * (len(b) - 12) + b[-8:])
    yield "0xFF footer", edit(path, lambda b: b[:-200] + b"\xff" * 192 + b[-8:])
    yield "footer length 2^32-1", edit(path, lambda b: b[:-8] + b"\xff\xff\xff\xff" + b[-4:])
    yield "footer length 0", edit(path, lambda b: b[:-8] + b"\0\0\0\0" + b[-4:])
    yield "another magic", edit(path, lambda b: b[:-4] + b"PARE")
    yield "json", edit(path, lambda b: b'{"add":{"path":"x"}}\n' * 20)


def rewritten(path, change):
    """A damage that changes a Parquet checkpoint as a table: change(pa.Table) -> pa.Table."""
    def apply(table):
        pq.write_table(change(pq.read_table(table / path)), table / path)
    return apply


def with_column(name, make):
    return lambda t: t.set_column(t.schema.get_field_index(name), name, make(t.column(name).combine_chunks()))


def with_field(column, field, make):
    """Replaces one field of a struct column; make(values: list) -> array, or None to leave the field out."""
    def change(array):
        kind = array.type
        names = [child.name for child in kind]
        children = {name: array.field(name) for name in names}
        made = make(children[field].to_pylist())
        if made is None:
            del children[field]
        else:
            children[field] = made
        return pa.StructArray.from_arrays(list(children.values()), list(children), mask=array.is_null())
    return with_column(column, change)


class Checkpoints(CorruptTest):
    def test_a_damaged_checkpoint_file_is_refused_and_named_where_nothing_replaces_it(self):
        for layout, paths in FILES_OF.items():
            with self.subTest(layout):
                damages = [Damage(f"{path}: {name}", apply, names=path.rsplit("/", 1)[1])
                           for path in paths for name, apply in parquet_damages(path)]
                damages += [Damage(f"{path} is gone", gone(path), names=[path.rsplit("/", 1)[1], VERSIONS[0]]) for path in paths]
                self.check(layout, damages)

    def test_a_damaged_checkpoint_may_be_passed_over_where_the_commits_are_there(self):
        self.check("classic", [Damage(name, apply, EITHER, CLASSIC) for name, apply in parquet_damages(CLASSIC)] +
                   [Damage("gone", gone(CLASSIC), SAME)])

    def test_bytes_that_change_within_a_checkpoint_never_give_other_rows_without_a_word(self):
        # Parquet pages without checksums cannot tell every change: what must not happen is a crash or a hang. A path that
        # changed names a file that is not there.
        import base
        size = len((base.made()["classic_only"] / CLASSIC).read_bytes())

        def flip(at):
            return edit(CLASSIC, lambda b: b[:at] + bytes([b[at] ^ 0xFF]) + b[at + 1:])
        self.check("classic_only", [Damage(f"byte {at} inverted", flip(at), EITHER) for at in range(4, size, max(1, size // 60))])

    def test_columns_of_other_types_are_refused(self):
        def nothing(values):
            return None

        def texts(values):
            return pa.array([None if value is None else "text" for value in values], pa.string())

        def numbers(values):
            return pa.array([None if value is None else 5 for value in values], pa.int64())

        def nulls(values):
            return pa.array([None] * len(values), pa.string())

        damages = []
        for column, kinds in {"add": ["a number", "text", "a list", "null"], "metaData": ["a number", "text", "null"],
                              "protocol": ["a number", "text", "null"]}.items():
            makers = {"a number": lambda a: pa.array([None if not v.is_valid else 5 for v in a], pa.int64()),
                      "text": lambda a: pa.array([None if not v.is_valid else "text" for v in a], pa.string()),
                      "a list": lambda a: pa.array([[v.as_py()] if v.is_valid else None for v in a], pa.list_(a.type)),
                      "null": lambda a: pa.nulls(len(a), a.type)}
            for kind in kinds:
                if (column, kind) == ("add", "null"):
                    continue  # a checkpoint of a table without files
                damages.append(Damage(f"{column} is {kind}", rewritten(CLASSIC, with_column(column, makers[kind])), ERROR,
                                      ["checkpoint", column]))
        for column in ("add", "protocol", "metaData"):
            # A checkpoint of a table without files may do without the column that would hold them.
            damages.append(Damage(f"no column {column}", rewritten(CLASSIC, lambda t, c=column: t.drop([c])), ERROR,
                                  ["checkpoint", column], rows=rows_of("d") if column == "add" else None))
        for field, makers in {"path": [nothing, numbers, nulls], "partitionValues": [nothing, texts, numbers],
                              "size": [texts]}.items():
            for make in makers:
                damages.append(Damage(f"add.{field}: {make.__name__}", rewritten(CLASSIC, with_field("add", field, make)),
                                      ERROR, ["checkpoint", "data file"]))
        for field, make in (("stats", numbers), ("modificationTime", texts), ("tags", texts), ("dataChange", texts)):
            damages.append(Damage(f"add.{field}: {make.__name__}", rewritten(CLASSIC, with_field("add", field, make)), EITHER,
                                  ["checkpoint", "data file"]))
        for column, field, makers in (("metaData", "schemaString", [nothing, numbers, nulls, texts]),
                                      ("metaData", "partitionColumns", [nothing, texts, numbers]),
                                      ("metaData", "id", [nothing, nulls]), ("protocol", "minReaderVersion", [nothing, texts, nulls])):
            for make in makers:
                damages.append(Damage(f"{column}.{field}: {make.__name__}", rewritten(CLASSIC, with_field(column, field, make)),
                                      ERROR, ["checkpoint", "schema", column]))
        self.check("classic_only", damages)

    def test_checkpoints_that_say_another_thing_than_one_table_are_refused(self):
        def of(actions):
            return lambda table: write_checkpoint(table / CLASSIC, actions(table))

        def copied(source):
            return lambda table: shutil.copy(table / source, table / CLASSIC)

        def files(table):
            return [add(table, "b"), add(table, "c")]
        self.check("classic_only", [
            Damage("a data file", copied(path_of("b")), names="checkpoint"),
            Damage("no rows", of(lambda t: []), names=["checkpoint", "protocol"]),
            Damage("two protocols", of(lambda t: state_actions(t) + state_actions(t)[:1] + files(t)), names="checkpoint"),
            Damage("two metadatas", of(lambda t: state_actions(t) + state_actions(t)[1:2] + files(t)), names="checkpoint"),
            Damage("a path that leaves", of(lambda t: state_actions(t) + files(t) + [add(t, "b", path="../../etc/passwd")]),
                   names="etc/passwd"),
            Damage("an empty path", of(lambda t: state_actions(t) + files(t) + [add(t, "b", path="")]), names=["checkpoint", "path"]),
            Damage("a negative size", of(lambda t: state_actions(t) + files(t)[1:] + [add(t, "b", size=-1)]), EITHER, ["checkpoint", "b.parquet"]),
            Damage("no partition value", of(lambda t: state_actions(t) + files(t)[1:] + [add(t, "b", partitionValues={})]),
                   names="b.parquet")])

    def test_deletion_vectors_in_checkpoints_are_not_lost(self):
        vector = {"storageType": "u", "pathOrInlineDv": "x" * 20, "offset": 1, "sizeInBytes": 40, "cardinality": 2}

        def of(**changes):
            def apply(table):
                actions = state_actions(table, ["deletionVectors"]) + [
                    add(table, "b", deletionVector={**vector, **changes}), add(table, "c")]
                write_checkpoint(table / CLASSIC, actions)
            return apply
        self.check("classic_only", [
            Damage(f"{field} is {value}", of(**{field: value}), names=["b.parquet", "deletion vector"])
            for field, values in {"storageType": [None, "", "uu", "x"], "pathOrInlineDv": [None, ""], "sizeInBytes": [None, -1, 0],
                                  "cardinality": [None, -1, 0, 1 << 62], "offset": [-1, 2147483647]}.items()
            for value in values])

    def test_parts_that_do_not_make_a_whole_are_not_taken_for_one(self):
        third = log(1, f"checkpoint.{3:010}.{3:010}.parquet")

        def spare(table):
            shutil.copy(table / PARTS[0], table / third)
        self.check("multipart_only", [
            Damage("part 1 twice", lambda table: shutil.copy(table / PARTS[0], table / PARTS[1]), ERROR, "checkpoint"),
            Damage("part 2 twice", lambda table: shutil.copy(table / PARTS[1], table / PARTS[0]), ERROR, ["checkpoint", "protocol"]),
            Damage("a part of another count beside it", spare, SAME),
            Damage("part 2 is a data file", lambda table: shutil.copy(table / path_of("b"), table / PARTS[1]), ERROR, "checkpoint"),
            Damage("part 2 is empty", lambda table: write_checkpoint(table / PARTS[1], []), EITHER, "checkpoint",
                   rows=rows_of("b") + rows_of("d"))])

    def test_sidecars_that_are_missing_or_not_sidecars_are_refused(self):
        def sidecar(value, field="path"):
            def change(actions):
                for action in actions:
                    if "sidecar" in action and action["sidecar"]["path"] == "two.parquet":
                        action["sidecar"][field] = value
                return actions
            return edit_actions(V2_JSON, change)

        def swapped(source):
            return lambda table: shutil.copy(table / source, table / SIDECARS[1])

        def itself(table):
            write_checkpoint(table / SIDECARS[1], state_actions(table) + [
                {"sidecar": {"path": "two.parquet", "sizeInBytes": 1, "modificationTime": 1}}, add(table, "c"), remove("a")])
        names = ["checkpoint", "sidecar", "two.parquet"]
        bad = ["", ".", "..", "../..", "nothing.parquet", "a%00b", "%zz", "\0", "one.parquet/..", VERSIONS[1] + ".checkpoint." + UUID + ".json",
               "../" + VERSIONS[1] + ".checkpoint." + UUID + ".json", "http://host/", "/", "x" * 5000]
        self.check("v2_json_only", [
            Damage(f"path {number}: {path[:30]!r}", sidecar(path), names=names) for number, path in enumerate(bad)] + [
            Damage("path is a number", sidecar(5), names=names), Damage("path is null", sidecar(None), names=names),
            Damage("size is text", sidecar("x", "sizeInBytes"), names=names), Damage("size is negative", sidecar(-1, "sizeInBytes"), names=names),
            Damage("the same sidecar twice", sidecar("one.parquet"), names=["one.parquet", "checkpoint"]),
            Damage("a sidecar that is a data file", swapped(path_of("b")), names=names),
            Damage("a sidecar that is JSON", swapped(V2_JSON), names=names),
            # What a sidecar says but adds and removes is not followed, so nothing can go round in a circle.
            Damage("a sidecar that names itself", itself, EITHER, names),
            Damage("a sidecar that is a folder", lambda t: ((t / SIDECARS[1]).unlink(), (t / SIDECARS[1]).mkdir()), names=names),
            Damage("no checkpointMetadata", edit_actions(V2_JSON, lambda a: a[1:]), EITHER, "checkpoint"),
            Damage("no protocol", edit_actions(V2_JSON, lambda a: [x for x in a if "protocol" not in x]), names="protocol"),
            Damage("no metaData", edit_actions(V2_JSON, lambda a: [x for x in a if "metaData" not in x]), names="metaData")])
        self.check("v2_parquet_only", [
            # The checkpoint holds no adds of its own: as a sidecar it is one of no files.
            Damage("a sidecar that is the checkpoint", swapped(V2_PARQUET), names=names + [UUID],
                   rows=rows_of("b") + rows_of("d")),
            Damage("the checkpoint is a sidecar", lambda t: shutil.copy(t / SIDECARS[0], t / V2_PARQUET), names=["protocol", UUID])])

    def test_a_sidecar_of_no_files_is_well(self):
        def empty(table):
            write_checkpoint(table / SIDECARS[1], [remove("a")], {kind: ACTION_TYPES[kind] for kind in ("add", "remove")})
        self.check("v2_json_only", [Damage("empty", empty, rows=rows_of("b") + rows_of("d"), expect=EITHER, names="no name")])
        assert edit and ROWS


if __name__ == "__main__":
    unittest.main()
