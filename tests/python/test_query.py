"""Proves SQL over tables from Python: registered names, delta_scan, versions, files beside tables; refusals."""
import unittest

import deltalake
import deltic
import pyarrow as pa
import pyarrow.parquet as pq
from deltic.exceptions import InvalidArgumentError, NotFoundError
from tables import Tables


def rows(reader):
    return [tuple(row.values()) for row in pa.table(reader).to_pylist()]


class Query(Tables):
    def test_a_query_answers_what_deltalake_answers(self):
        sql = "select \"group\", count(*) as n, sum(value) as total from t where id >= 500 group by 1 order by 1"
        ours = deltic.QueryBuilder().register("t", deltic.DeltaTable(self.versions)).execute(sql)
        theirs = deltalake.QueryBuilder().register("t", deltalake.DeltaTable(self.versions)).execute(sql)
        self.assertEqual(rows(ours), rows(theirs))

    def test_tables_join_with_other_tables_versions_and_files(self):
        uri = self.fresh()
        deltalake.write_deltalake(uri, pa.table({"id": [1, 2, 4999], "word": ["one", "two", "last"]}))
        pq.write_table(pa.table({"id": [2, 3]}), uri + "-file.parquet")
        now, then = deltic.DeltaTable(self.versions), deltic.DeltaTable(self.versions, version=0)
        self.assertEqual(rows(deltic.sql("select w.word from words w join now using (id) order by 1", words=deltic.DeltaTable(uri), now=now)), [("last",), ("one",), ("two",)])
        self.assertEqual(rows(deltic.sql("select count(*) from now anti join old using (id)", now=now, old=then)), [(4000,)])
        self.assertEqual(rows(deltic.sql(f"select word from delta_scan('{uri}') semi join '{uri}-file.parquet' using (id)")), [("two",)])
        self.assertEqual(rows(deltic.sql(f"select count(*) from delta_scan('{self.versions}', version => 3)")), [(4000,)])
        self.assertEqual(rows(deltic.sql("select 42")), [(42,)])

    def test_a_registered_table_is_at_the_version_it_has_when_the_query_begins(self):
        table = deltic.DeltaTable(self.versions, version=1)
        builder = deltic.QueryBuilder().register("t", table)
        self.assertEqual(rows(builder.execute("select count(*) from t")), [(2000,)])
        table.update_incremental()
        self.assertEqual(rows(builder.execute("select count(*) from t")), [(4999,)])

    def test_several_queries_can_be_read_at_once(self):
        builder = deltic.QueryBuilder().register("t", deltic.DeltaTable(self.versions))
        first, second = builder.execute("select id from t"), builder.execute("select id from t where id < 10")
        self.assertEqual(second.read_all().num_rows, 10)
        self.assertEqual(first.read_all().num_rows, 4999)

    def test_what_does_not_bind_is_refused(self):
        builder = deltic.QueryBuilder().register("t", deltic.DeltaTable(self.versions))
        for wrong in ("select nothing from t", "select * from unknown", "selekt", ""):
            with self.assertRaises(InvalidArgumentError):
                builder.execute(wrong)
        with self.assertRaises(NotFoundError):
            builder.execute(f"select * from delta_scan('{self.folder}/nowhere')")
        with self.assertRaises(TypeError):
            builder.register("u", "a path")
        with self.assertRaises(InvalidArgumentError):
            deltic.QueryBuilder({"no.such": "1"})
        deltic.QueryBuilder({"datafusion.execution.batch_size": "1024"})


if __name__ == "__main__":
    unittest.main()
