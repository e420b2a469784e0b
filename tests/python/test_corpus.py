"""Proves that tables which other writers made are read right through to_pyarrow_table: rows against the corpus' reference, by
the rules of the corpus' own check.py; refusals where it says so. Skipped where the corpus does not lie beside the project."""
import importlib.util
import json
import os
import pathlib
import unittest

import deltic
import pyarrow as pa
from deltic.exceptions import DeltaError

CORPUS = pathlib.Path(os.environ.get("DELTIC_CORPUS", pathlib.Path(__file__).resolve().parents[3] / "shared/corpus"))


def checker():
    spec = importlib.util.spec_from_file_location("corpus_check", CORPUS / "check.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@unittest.skipUnless((CORPUS / "check.py").exists(), "there is no corpus beside the project")
class Corpus(unittest.TestCase):
    def test_every_table_of_the_corpus_is_read_right_or_refused(self):
        check = checker()
        wrong, right = [], 0
        for meta in sorted(CORPUS.glob("*/*/meta.json")):
            folder = meta.parent
            says = json.loads(meta.read_text())
            name = f"{folder.parent.name}/{folder.name}"
            if says["expected_outcome"] != "reads":
                try:
                    deltic.DeltaTable(folder / "delta").to_pyarrow_table()
                    bad = f"read, but must be {says['expected_outcome']}"
                except DeltaError as error:
                    bad = "" if str(error) else "refused without a message"
                right += not bad
                if bad and not says.get("soft"):
                    wrong.append(f"{name}: {bad}")
                continue
            versions = [None] + [int(key[1:]) for key in says.get("expected_data", {}) if key[:1] == "v" and key[1:].isdigit()]
            for version in versions:
                try:
                    table = deltic.DeltaTable(folder / "delta", version)
                    if says["kind"] == "log-only":
                        count = len(table.file_uris())
                        bad = "" if count == says["active_files"] else f"{count} files, expected {says['active_files']}"
                    else:
                        expected = says.get("expected_data", {}).get("latest" if version is None else f"v{version}", "expected")
                        # Variants come as JSON text here, which check.py does not compare with their binary form.
                        variants = [field.name for field in table.schema().fields if "variant" in field.type.to_json()]
                        want, got = check.load(str(folder / expected), says["reference"]), table.to_pyarrow_table()
                        bad = check.compare(want.drop([name for name in variants if name in want.column_names]), got.drop(variants))
                except Exception as error:
                    bad = f"{type(error).__name__}: {error}"[:300]
                right += not bad
                if bad and not says.get("soft"):
                    wrong.append(f"{name}@{version}: {bad}")
        print(f"corpus: {right} right, {len(wrong)} wrong")
        self.assertEqual(wrong, [], "\n" + "\n".join(wrong))


if __name__ == "__main__":
    unittest.main()
