"""Proves that load_cdf answers what the package deltalake answers; refusals too."""
import datetime
import unittest

import deltalake
import deltic
import pyarrow as pa
from deltic.exceptions import DeltaError, InvalidArgumentError, NotFoundError
from tables import UTC, Tables


def changes(reader):
    """Rows in one order, without their times: deltic's are those of the commit files, as the protocol has it without in-commit
    timestamps; deltalake's are what each commit says of itself."""
    rows = pa.table(reader).drop(["_commit_timestamp"]).to_pylist()
    return sorted(rows, key=lambda row: repr(sorted(row.items())))


class Changes(Tables):
    def setUp(self):
        self.uri = self.fresh()
        deltalake.write_deltalake(self.uri, pa.table({"id": [1, 2, 3], "part": ["a", "b", None]}), partition_by=["part"],
                                  configuration={"delta.enableChangeDataFeed": "true"})
        table = deltalake.DeltaTable(self.uri)
        deltalake.write_deltalake(self.uri, pa.table({"id": [4], "part": ["a"]}), mode="append")
        table.update_incremental()
        table.update({"id": "id * 10"}, predicate="part = 'a'")
        table.delete("id = 2")

    def test_changes_are_those_of_deltalake(self):
        ours, theirs = deltic.DeltaTable(self.uri), deltalake.DeltaTable(self.uri)
        for first, last in ((0, None), (0, 0), (1, 2), (2, 2), (3, None), (2, 3)):
            with self.subTest(first=first, last=last):
                self.assertEqual(changes(ours.load_cdf(first, last)), changes(theirs.load_cdf(first, last)))

    def test_columns_and_predicates_choose(self):
        table = deltic.DeltaTable(self.uri)
        rows = table.load_cdf(columns=["id", "_change_type"], predicate="_change_type = 'delete'").read_all()
        self.assertEqual(pa.table(rows).to_pylist(), [{"id": 2, "_change_type": "delete"}])
        self.assertEqual(table.load_cdf(predicate=[("_commit_version", "=", 1)]).read_all().num_rows, 1)
        with self.assertRaises(InvalidArgumentError):
            table.load_cdf(columns=["nothing"])

    def test_ranges_of_time_choose_versions(self):
        table = deltic.DeltaTable(self.uri)
        stamps = {version: timestamp_ms for version, timestamp_ms, _ in table._table.history(None)}
        moment = datetime.datetime.fromtimestamp(stamps[2] / 1000, UTC)
        want = [version for version in stamps if stamps[version] >= stamps[2]]
        rows = pa.table(table.load_cdf(starting_timestamp=moment))
        self.assertEqual(set(rows["_commit_version"].to_pylist()), set(want))
        rows = pa.table(table.load_cdf(starting_timestamp=moment.isoformat(), ending_timestamp=moment))
        self.assertLessEqual(set(rows["_commit_version"].to_pylist()), {v for v in stamps if stamps[v] == stamps[2]})

    def test_a_range_beyond_the_newest_version_is_refused_unless_allowed(self):
        table = deltic.DeltaTable(self.uri)
        with self.assertRaises(DeltaError):
            table.load_cdf(99)
        self.assertEqual(table.load_cdf(99, allow_out_of_range=True).read_all().num_rows, 0)
        self.assertEqual(changes(table.load_cdf(3, 99, allow_out_of_range=True)), changes(table.load_cdf(3)))

    def test_a_table_that_records_no_changes_is_refused(self):
        with self.assertRaises(InvalidArgumentError):
            deltic.DeltaTable(self.versions).load_cdf()


if __name__ == "__main__":
    unittest.main()
