"""Owns what is measured of changing tables: appends, deletes, updates, merges, and their upkeep."""

from case import Bar, Case, Contender, peer, rows, writer

# The merges of delta-rs' crates/benchmarks: what is done, and the shares of the table's rows that the source has and that it
# has with other keys. (Its share of files matched is only a name: the table has one file.)
WEB_RETURNS_MERGES = [
    *[("insert", "Insert", "0", share) for share in ("0.05", "0.5", "1")],
    *[("inserts", "Two inserts", "0", share) for share in ("0.05", "0.5", "1")],
    ("delete", "Delete", "0.05", "0"),
    *[("upsert", "Upsert", share, "0.1") for share in ("0", "0.01", "0.1")],
    *[("upsert", "Upsert", share, "0.001") for share in ("0.5", "0.99", "1", "0.01")],
    ("upsert", "Upsert", "0.1", "0"),
]

CHANGE_CASES = [
    Case(
        "append-lineitem",
        "lineitem from an Arrow stream into a new table (the stream is read from the same files, on the clock)",
        ["lineitem"],
        [
            writer("deltic", "--warm", "append", "{lineitem}"),
            peer("delta-rs", "rs_append", "{lineitem}"),
            peer("DuckDB COPY", "duckdb_copy", "{lineitem}"),
        ],
        [
            Bar("deltic", "time", "delta-rs", 1 / 1.6),
            Bar("deltic", "memory", "delta-rs", 0.5),
            Bar("deltic", "time", "DuckDB COPY", 1.2),
        ],
        "deltic makes its files durable before it commits; the peers do not.",
        ["deltic", "delta-rs", "DuckDB COPY"],
    ),
    Case(
        "appends",
        "300 appends of 100 rows by one process, to a new table",
        [],
        [writer("deltic", "--warm", "appends", "300"), peer("delta-rs", "rs_appends", "300")],
        [Bar("deltic", "time", "delta-rs", 1 / 5)],
        "deltic makes each file and each commit durable; delta-rs does not. Both upkeep the log as they do by default.",
        ["deltic", "delta-rs"],
    ),
    Case(
        "appends-late",
        "The same to a table at version 10,000 (10,000 files, a checkpoint at the end)",
        ["ten_thousand_versions"],
        [
            writer("deltic", "--warm", "appends", "300", "{ten_thousand_versions}"),
            peer("delta-rs", "rs_appends", "300", "{ten_thousand_versions}"),
        ],
        [Bar("deltic", "time", "delta-rs", 1 / 5)],
        same_answer=["deltic", "delta-rs"],
    ),
    Case(
        "writers",
        "8 processes that append 100 rows at a time to one table for 5 seconds: time for one commit",
        [],
        [writer("deltic", "writers", "8", "5"), peer("delta-rs", "rs_writers", "8", "5")],
        [Bar("deltic", "time", "delta-rs", 1 / 3)],
        "The processes have two cores among them; starting them counts for neither.",
    ),
    Case(
        "delete",
        "Delete 1 % of lineitem's rows (2 files, from Python)",
        ["lineitem"],
        [
            rows("deltic, deletion vectors", "delete", "deltic+vectors", "lineitem"),
            rows("deltic, rewriting", "delete", "deltic", "lineitem"),
            rows("delta-rs", "delete", "deltalake", "lineitem"),
        ],
        [
            Bar("deltic, deletion vectors", "time", "delta-rs", 1 / 10),
            Bar("deltic, deletion vectors", "memory", limit=200),
            Bar("deltic, rewriting", "time", "delta-rs", 1 / 1.5),
        ],
        "delta-rs writes no deletion vectors.",
        ["deltic, deletion vectors", "deltic, rewriting", "delta-rs"],
    ),
    Case(
        "update",
        "Update 1 % of lineitem's rows",
        ["lineitem"],
        [
            rows("deltic, deletion vectors", "update", "deltic+vectors", "lineitem"),
            rows("deltic, rewriting", "update", "deltic", "lineitem"),
            rows("delta-rs", "update", "deltalake", "lineitem"),
        ],
        [Bar("deltic, deletion vectors", "time", "delta-rs", 1 / 5)],
        same_answer=["deltic, deletion vectors", "deltic, rewriting", "delta-rs"],
    ),
    Case(
        "merge",
        "Merge changed rows (1 % of the orders) and 20,000 new ones into lineitem",
        ["lineitem"],
        [
            rows("deltic, deletion vectors", "merge", "deltic+vectors", "lineitem"),
            rows("deltic, rewriting", "merge", "deltic", "lineitem"),
            rows("delta-rs", "merge", "deltalake", "lineitem"),
        ],
        [
            Bar("deltic, deletion vectors", "time", "delta-rs", 1 / 4),
            Bar("deltic, deletion vectors", "memory", limit=400),
        ],
        "The source is in memory, and counts in all three.",
        ["deltic, deletion vectors", "deltic, rewriting", "delta-rs"],
    ),
    Case(
        "merge-sf10",
        "Merge 60,476 changed rows and 20,000 new ones into lineitem of 60 million rows",
        ["lineitem_sf10"],
        [
            Contender("deltic, deletion vectors", ["{rows}", "merge", "deltic+vectors", "{lineitem_sf10}", "60476"]),
            Contender("delta-rs", ["{rows}", "merge", "deltalake", "{lineitem_sf10}", "60476"]),
        ],
        [
            Bar("deltic, deletion vectors", "time", "delta-rs", 1 / 4),
            Bar("deltic, deletion vectors", "memory", limit=600),
        ],
        "The source is in memory, and counts in both.",
        ["deltic, deletion vectors", "delta-rs"],
    ),
    *[
        Case(
            f"merge-{kind}-{matched}-{not_matched}",
            f"{title} of web_returns: matched {float(matched) * 100:g} %, not matched {float(not_matched) * 100:g} %",
            ["web_returns"],
            [
                Contender(name, ["{rows}", "merge_web_returns", package, "{web_returns}", kind, matched, not_matched])
                for name, package in (("deltic, deletion vectors", "deltic+vectors"), ("deltic, rewriting", "deltic"), ("delta-rs", "deltalake"))
            ],
            [Bar("deltic, deletion vectors", "time", "delta-rs", 1 / 2), Bar("deltic, rewriting", "time", "delta-rs", 1 / 2)],
            "A case of delta-rs' own benchmark.",
            ["deltic, deletion vectors", "deltic, rewriting", "delta-rs"],
        )
        for kind, title, matched, not_matched in WEB_RETURNS_MERGES
    ],
    Case(
        "compact-300",
        "Compact 300 files of 100 rows",
        ["small_300"],
        [rows("deltic", "compact", "deltic", "small_300"), rows("delta-rs", "compact", "deltalake", "small_300")],
        [Bar("deltic", "time", "delta-rs", 1 / 2)],
        same_answer=["deltic", "delta-rs"],
    ),
    Case(
        "compact-10000",
        "Compact 10,000 files of 100 rows",
        ["small_10000"],
        [rows("deltic", "compact", "deltic", "small_10000"), rows("delta-rs", "compact", "deltalake", "small_10000")],
        [Bar("deltic", "time", "delta-rs", 1 / 2)],
        same_answer=["deltic", "delta-rs"],
    ),
    Case(
        "z-order",
        "Z-order lineitem by l_shipdate, l_partkey",
        ["lineitem"],
        [rows("deltic", "z_order", "deltic", "lineitem"), rows("delta-rs", "z_order", "deltalake", "lineitem")],
        [Bar("deltic", "time", "delta-rs", 1 / 4), Bar("deltic", "memory", limit=800)],
    ),
    Case(
        "vacuum",
        "Vacuum a table with 100,000 files beside it that no version names: all are found and deleted",
        ["small"],
        [rows("deltic", "vacuum", "deltic", "small"), rows("delta-rs", "vacuum", "deltalake", "small")],
        [Bar("deltic", "time", "delta-rs", 1 / 3)],
        same_answer=["deltic", "delta-rs"],
    ),
]
