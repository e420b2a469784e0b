"""Proves that tables which other writers made are read right by every way out of the package: rows against the corpus' reference, by
the rules of the corpus' own check.py; refusals where it says so. Skipped where the corpus does not lie beside the project."""
import importlib.util
import json
import os
import pathlib
import unittest

import deltic
import pandas
import pyarrow as pa
from deltic.exceptions import DeltaError

CORPUS = pathlib.Path(os.environ.get("DELTIC_CORPUS", pathlib.Path(__file__).resolve().parents[3] / "shared/corpus"))


def checker():
    spec = importlib.util.spec_from_file_location("corpus_check", CORPUS / "check.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def as_type(value, kind):
    """A Python value as pyarrow takes it for a type: releases of polars without maps give lists of their entries."""
    if value is None:
        return None
    if pa.types.is_map(kind):
        pairs = [tuple(entry.values()) if isinstance(entry, dict) else entry for entry in value]
        return [(as_type(key, kind.key_type), as_type(item, kind.item_type)) for key, item in pairs]
    if pa.types.is_list(kind):
        return [as_type(item, kind.value_type) for item in value]
    if pa.types.is_struct(kind):
        return {field.name: as_type(value[field.name], field.type) for field in kind}
    return value


def from_polars(frame, schema):
    """As pyarrow, with maps where there were maps."""
    rows = frame.to_arrow()
    for index, name in enumerate(rows.column_names):
        kind = schema.field(name).type
        if "map<" in str(kind):
            rows = rows.set_column(index, name, pa.array([as_type(value, kind) for value in rows[name].to_pylist()], kind))
    return rows


def by_batches(reader):
    schema = pa.schema(reader.schema)
    return pa.Table.from_batches([pa.record_batch(batch) for batch in reader], schema)


# Each way to all rows, as a pyarrow table; given also the schema that to_pyarrow_table has.
WAYS = {
    "to_pyarrow_table": lambda table, schema: table.to_pyarrow_table(),
    "scan": lambda table, schema: pa.table(table.scan()),
    "scan, batch by batch": lambda table, schema: by_batches(table.scan()),
    "__arrow_c_stream__": lambda table, schema: pa.table(table),
    "to_pandas": lambda table, schema: pa.Table.from_pandas(table.to_pandas(types_mapper=pandas.ArrowDtype), preserve_index=False),
    "dataset": lambda table, schema: table.to_pyarrow_dataset().to_table(),
    "dataset, batch by batch": lambda table, schema: pa.Table.from_batches(table.to_pyarrow_dataset().to_batches(), schema),
    "to_polars": lambda table, schema: from_polars(table.to_polars(), schema),
    "to_polars, lazy": lambda table, schema: from_polars(table.to_polars(lazy=True).collect(), schema),
    "sql": lambda table, schema: pa.table(deltic.sql("select * from t", t=table)),
    "QueryBuilder": lambda table, schema: pa.table(deltic.QueryBuilder().register("a b", table).execute('select * from "a b"').read_all()),
}


@unittest.skipUnless((CORPUS / "check.py").exists(), "there is no corpus beside the project")
class Corpus(unittest.TestCase):
    def test_every_table_of_the_corpus_is_read_right_or_refused_by_every_way(self):
        self.check = checker()
        wrong, right = [], 0
        for meta in sorted(CORPUS.glob("*/*/meta.json")):
            says = json.loads(meta.read_text())
            name = f"{meta.parent.parent.name}/{meta.parent.name}"
            found = self.refusal(meta.parent) if says["expected_outcome"] != "reads" else self.reads(meta.parent, says)
            right += sum(not bad for _, bad in found)
            if not says.get("soft"):
                wrong += [f"{name} {what}: {bad}" for what, bad in found if bad]
        print(f"corpus: {right} right, {len(wrong)} wrong")
        self.assertEqual(wrong, [], "\n" + "\n".join(wrong))
        self.assertGreater(right, 1000)

    def refusal(self, folder):
        found = []
        for way, read in WAYS.items():
            try:
                read(deltic.DeltaTable(folder / "delta"), None)
                found.append((way, "read, but must be refused"))
            except DeltaError as error:
                found.append((way, "" if str(error) else "refused without a message"))
            except pa.ArrowException as error:  # what pyarrow makes of a stream's error has no class, but the text
                found.append((way, "" if str(error) else "refused without a message"))
        return found

    def reads(self, folder, says):
        versions = [None] + [int(key[1:]) for key in says.get("expected_data", {}) if key[:1] == "v" and key[1:].isdigit()]
        found = []
        for version in versions:
            try:
                table = deltic.DeltaTable(folder / "delta", version)
                if says["kind"] == "log-only":
                    count = len(table.file_uris())
                    found.append((f"@{version}", "" if count == says["active_files"] else f"{count} files, expected {says['active_files']}"))
                    continue
                expected = says.get("expected_data", {}).get("latest" if version is None else f"v{version}", "expected")
                # Variants come as JSON text here, which check.py does not compare with their binary form.
                variants = [field.name for field in table.schema().fields if "variant" in field.type.to_json()]
                want = self.check.load(str(folder / expected), says["reference"])
                want = want.drop([name for name in variants if name in want.column_names])
                schema = table.to_pyarrow_dataset().schema
            except Exception as error:
                found.append((f"@{version}", f"{type(error).__name__}: {error}"[:300]))
                continue
            if want.num_columns == 0:
                continue
            for way, read in WAYS.items():
                try:
                    bad = self.check.compare(want, read(table, schema).drop(variants))
                except Exception as error:
                    bad = f"{type(error).__name__}: {error}"[:300]
                found.append((f"@{version} by {way}", bad))
        return found


if __name__ == "__main__":
    unittest.main()
