"""A first look at an installed package with whatever Python runs this, needing nothing but the package: opens the table whose path is
given (4,999 rows, ids 0 to 4999 without 42, six versions), reads it, queries it. Not a test of its own: run.py runs it in clean
environments, one for each Python there is."""
import pickle
import sys

import deltic
from deltic.exceptions import InvalidArgumentError, NotFoundError


def main(uri):
    table = deltic.DeltaTable(uri)
    assert table.version() == 5 and deltic.DeltaTable(uri, 0).count() == 1000
    assert table.scan().read_all().num_rows == table.count() == 4999
    assert sum(batch.num_rows for batch in table.scan(["id"], [("id", "<", 10)])) == 10
    assert deltic.sql("select count(*) as n from t where id between 40 and 49", t=table).read_all()["n"].to_pylist() == [9]
    assert table.get_add_actions(flatten=True).num_rows == len(table.files()) == len(table.file_uris())
    assert table.history(1)[0]["operation"] == "DELETE"
    assert pickle.loads(pickle.dumps(table)) == table
    assert [field.name for field in table.schema().fields] == ["id", "group", "value"]
    assert "DeltaTable" in table._repr_html_()
    for refused, kind in ((lambda: deltic.DeltaTable(uri + "-nowhere"), NotFoundError), (lambda: table.count("nothing = 1"), InvalidArgumentError)):
        try:
            refused()
            raise SystemExit("not refused")
        except kind:
            pass
    print(f"Python {sys.version.split()[0]}: deltic {deltic.__version__} reads")


if __name__ == "__main__":
    main(sys.argv[1])
