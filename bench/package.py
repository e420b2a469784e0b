"""Owns the steps of deltic's own Python package, one a run, as peers.py has those of the peers. Decides no verdict.

    python3 bench/package.py STEP ARGUMENT...

Prints what peers.py prints. Loading the engine is outside the step, as imports are.
"""

import os

import peers


def load():
    import deltic

    deltic.sql("select 1").read_all()
    return deltic


def package_import():
    """What `import` costs; the process has imported nothing before."""
    yield
    import deltic  # noqa: F401

    yield None


def arrow_table(path):
    import pandas  # noqa: F401  pyarrow asks for it when it takes a stream over
    import pyarrow.dataset  # noqa: F401

    deltic = load()
    yield
    yield f"{deltic.DeltaTable(path).to_pyarrow_table().num_rows} rows"


def pandas_frame(path):
    import pandas  # noqa: F401
    import pyarrow.dataset  # noqa: F401

    deltic = load()
    yield
    yield f"{len(deltic.DeltaTable(path).to_pandas())} rows"


def polars_frame(path):
    import polars  # noqa: F401

    deltic = load()
    yield
    yield f"{deltic.DeltaTable(path).to_polars().height} rows"


def polars_lazy(path):
    import polars  # noqa: F401

    deltic = load()
    yield
    yield f"{deltic.DeltaTable(path).to_polars(lazy=True).collect().height} rows"


def changes(path):
    deltic = load()
    yield
    yield f"{deltic.DeltaTable(path).load_cdf(0).read_all().num_rows} rows"


def tpch(path):
    """All queries, one after the other; the tables are open already."""
    import pandas  # noqa: F401
    import pyarrow
    from tpch import QUERIES, TABLES

    deltic = load()
    builder = deltic.QueryBuilder()
    for name in TABLES:
        builder.register(name, deltic.DeltaTable(os.path.join(path, name)))
    yield
    yield peers.answers(pyarrow.table(builder.execute(sql).read_all()) for sql in QUERIES.values())


if __name__ == "__main__":
    peers.main(globals())
