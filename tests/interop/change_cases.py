"""Owns which operations run on which kinds of table. Does not judge (change_pair.py).

A case is a list of steps before the turn (Spark works on its copy, deltic on its own) and one after it (each works on the
other's). Every kind has a default case, in CI; the other shapes follow with --all.
"""
from change_kinds import KINDS, last_version, made, standard
from change_steps import append, delete, given, merge, optimize, reorg, replace_where, restore, update, values

UPSERT = ("MATCHED THEN UPDATE SET *", "NOT MATCHED THEN INSERT *")
CHANGES = values((3, "'d'", 0), (4, "'u4'", 1), (12, "'u12'", 2), (28, "'d'", 9), (70, "'i70'", 1), (71, "'d'", 0), (72, "NULL", "NULL"))

# Ten shapes of a merge on columns (id, v, p).
MERGES = {
    "upsert": merge("upsert", values((1, "'m1'", 1), (2, "NULL", 2), (22, "'m22'", 7), (60, "'n60'", 0), (61, "NULL", "NULL")), UPSERT),
    "changes": merge("changes", CHANGES, ("MATCHED AND s.v = 'd' THEN DELETE", "MATCHED THEN UPDATE SET v = s.v, p = s.p + 1",
                                          "NOT MATCHED AND s.v IS NULL OR s.v <> 'd' THEN INSERT (id, v, p) VALUES (s.id, s.v, s.p)")),
    "every clause": merge("every clause", values((6, "'a'", 0), (7, "'b'", 1), (80, "'x'", 2), (81, "'y'", 0)),
                          ("MATCHED AND s.id = 6 THEN UPDATE SET v = concat(t.v, s.v)", "MATCHED THEN DELETE", "NOT MATCHED AND s.id = 80 THEN INSERT *",
                           "NOT MATCHED THEN INSERT (id) VALUES (s.id)", "NOT MATCHED BY SOURCE AND t.id = 15 THEN UPDATE SET v = 'alone'",
                           "NOT MATCHED BY SOURCE AND t.id % 10 = 6 THEN DELETE")),
    "insert only": merge("insert only", values((8, "'no'", 0), (90, "'n90'", 2), (91, "'n91'", 0), (91, "'n91'", 0)), ("NOT MATCHED AND s.p = 0 THEN INSERT *",)),
    "delete only": merge("delete only", values((9, "'x'", 0), (9, "'y'", 0), (19, "'x'", 1), (999, "'x'", 0)), ("MATCHED THEN DELETE",)),
    "update only": merge("update only", values((10, "'x'", 0), (11, "'y'", 0), (999, "'x'", 0)), ("MATCHED AND t.p > 0 THEN UPDATE SET v = concat(s.v, '-', t.v)",)),
    "by source": merge("by source", standard(0, 20), ("NOT MATCHED BY SOURCE AND t.id < 25 THEN UPDATE SET v = 'gone', p = t.p", "NOT MATCHED BY SOURCE THEN DELETE")),
    "null keys": merge("null keys", values(("CAST(NULL AS INT)", "'null'", 1), (13, "'safe'", 2)), ("MATCHED THEN UPDATE SET v = s.v", "NOT MATCHED THEN INSERT *"), on="t.id <=> s.id",
                       ).but(deltic=("merge", "{t}", "--source-sql", values(("CAST(NULL AS INT)", "'null'", 1), (13, "'safe'", 2)), "--as", "t", "--source-as", "s", "--on",
                                     "t.id IS NOT DISTINCT FROM s.id", "--when", "MATCHED THEN UPDATE SET v = s.v", "--when", "NOT MATCHED THEN INSERT *")),
    "no equality": merge("no equality", values((14, "'range'", 17)), ("MATCHED THEN UPDATE SET v = s.v",), on="t.id >= s.id AND t.id < s.p"),
    "partition key": merge("partition key", values((1, "'pk'", 1), (4, "'pk'", 2), (16, "'pk'", 1)), ("MATCHED THEN UPDATE SET v = s.v, p = 5", "NOT MATCHED THEN INSERT *"), on="t.id = s.id AND t.p = s.p"),
}
EVOLVE = merge("evolve", values((17, "'e'", 1, 7), (95, "'e'", 0, 8), names="id, v, p, extra"), UPSERT, evolve=True)
EVOLVE_PART = merge("evolve without a column", values((18, "'f'", "'text'"), (96, "'f'", "NULL"), names="id, v, more"), UPSERT, evolve=True)

# Nothing changes: no version by either program.
NOTHING = (delete("id = -1"), delete("v = 'nobody'"), update(["v = 'x'"], "id = -1"), merge("nothing", values((999, "'x'", 0)), ("MATCHED THEN DELETE",)),
           merge("nothing either", values((3, "'x'", 0)), ("MATCHED AND s.v = 'z' THEN DELETE",)),
           optimize().but(name="optimize of optimized"))

REFUSED = (merge("ambiguous", values((20, "'a'", 0), (20, "'b'", 0)), ("MATCHED THEN UPDATE SET v = s.v",), refused=True),
           update(["v = 'a'", "v = 'b'"], "id = 1", refused=True), delete("nope = 1", refused=True), update(["nope = 1"], refused=True),
           merge("not last", values((20, "'a'", 0)), ("MATCHED THEN DELETE", "MATCHED THEN UPDATE SET v = s.v"), refused=True),
           merge("source in by source", values((20, "'a'", 0)), ("NOT MATCHED BY SOURCE THEN UPDATE SET v = s.v",), refused=True))

# Kinds whose default case waits for --all: each of their features is in another kind's.
RARE = ("partitioned", "vectors", "feed", "feed_partitioned_vectors", "clustered", "v2_checkpoint", "all_types_vectors")

CASES = {}  # name: (kind, steps before the turn, steps after it, in CI)


def last(kind):
    """The version of a kind's table before a case begins, which a restore can ask for."""
    return last_version(KINDS[kind])


def add(name, kind, before, after, ci=False):
    CASES[name] = (kind, tuple(before), tuple(after), ci)


def reorg_alike(kind):
    """Where REORG purges the same files by both programs. Spark leaves its change type column in data files of tables with a
    change feed and takes it for a dropped one; and on clustered tables it leaves files with deletion vectors alone when they are
    the only ones of their cube. deltic rewrites the files whose deleted rows or dropped columns are to go, and no others."""
    kind = KINDS[kind]
    return not kind.cluster and (kind.vectors or not kind.feed)


def on_standard():
    """Kinds with columns (id, v, p): each has a default case, with merges in turn, and all others with --all."""
    shapes = list(MERGES.values())
    kinds = [k for k, kind in KINDS.items() if kind.fill is standard or k in ("mapped_by_name", "widened")]
    for number, kind in enumerate(kinds):
        first, second, third = (shapes[(3 * number + i) % len(shapes)] for i in range(3))
        clustered = bool(KINDS[kind].cluster)
        tidy = optimize() if clustered or number % 2 else optimize(zorder=("id", "v"))
        add(f"{kind}.default", kind,
            [delete("id % 7 = 3"), update(["v = v || '!'"], "id % 5 = 1"), first, tidy],
            [append(standard(40, 46)), delete("id IN (0, 11, 41) OR v = 'v44'"), update(["p = p + 10", "v = NULL"], "id < 5"), second,
             append(standard(46, 49)),  # so that both copies have two files or more: deltic's updates leave fewer
             optimize(full=clustered), third], ci=kind not in RARE)
        add(f"{kind}.deletes", kind,
            [delete("p = 1"), delete("id >= 20 AND id < 30"), delete("v IS NULL"), append(standard(50, 60)), delete("id = 52"), delete("id = 53 OR id = 4")],
            [delete("id % 2 = 0"), append(standard(60, 63)), delete("v > 'v5'"), delete("p = 0"), delete(), append(standard(0, 3)), update(["v = 'one'"])])
        add(f"{kind}.updates", kind,
            [update(["v = v"], "id = 6"), update(["p = 7"], "p = 1"), update(["p = id", "id = p"], "id < 6"), update(["v = upper(v)"], "v IS NOT NULL AND id > 20"), restore(last(kind))],
            [update(["v = NULL", "p = NULL"], "id > 25"), update(["v = 'all'"]), update(["id = id + 1000"], "v = 'all' AND id % 3 = 0"), delete("v = 'all' AND id % 2 = 0"), restore(last(kind) + 1)])
        rest = [s for s in shapes if s not in (first, second, third)]
        add(f"{kind}.merges", kind, rest[:4], rest[4:] + [EVOLVE, EVOLVE_PART])  # stars without evolution need every column: evolution comes last
        purge = [reorg()] if reorg_alike(kind) else []
        add(f"{kind}.upkeep", kind,
            [*NOTHING[:5], delete("id IN (1, 12, 23)"), optimize(), NOTHING[5], delete("id = 2"), *purge, update(["v = 'w'"], "id = 3"), optimize(full=clustered) if clustered else optimize(zorder=("id",))],
            [delete("id IN (4, 15)"), restore(last(kind) + 1), *purge, append(standard(60, 63)), optimize(), restore(last(kind))])
        add(f"{kind}.tidied", kind,
            [given("DELETE FROM {t} WHERE id IN (1, 12, 23)"), *([] if KINDS[kind].feed else [given("UPDATE {t} SET v = 'spark' WHERE id IN (2, 13)")]), *purge, optimize(), given("DELETE FROM {t} WHERE id IN (4, 5)"),
             given(f"INSERT INTO {{t}} {standard(30, 40)}"), optimize()],
            [given("DELETE FROM {t} WHERE id = 6"), *purge, *purge, given(f"INSERT INTO {{t}} {standard(40, 44)}"), optimize(full=True) if clustered else optimize(zorder=("v", "id")), restore(last(kind) + 2).but(needs="")],
            ci=kind in ("feed_partitioned_vectors", "clustered_vectors_tracked", "everything"))
        back = [restore(last(kind) + n).but(needs="") for n in (0, 2, 4, 1)]
        add(f"{kind}.restored", kind,
            [given("DELETE FROM {t} WHERE id IN (1, 12, 23)"), given("UPDATE {t} SET v = 'spark' WHERE id IN (2, 13)"), back[0], given(f"INSERT INTO {{t}} {standard(30, 40)}"), back[1]],
            [given("DELETE FROM {t} WHERE id IN (2, 4)"), back[2], given("UPDATE {t} SET p = 9 WHERE id < 5"), back[3]], ci=kind in ("feed_vectors", "tracked_vectors_feed", "mapped_by_name"))
        if not clustered:
            add(f"{kind}.replace", kind, [replace_where("p = 1", "SELECT CAST(100 AS INT) AS id, 'r' AS v, CAST(1 AS INT) AS p"), replace_where("id < 6", "SELECT CAST(4 AS INT) AS id, 'r' AS v, CAST(0 AS INT) AS p")],
                [delete("id = 7"), replace_where("id BETWEEN 6 AND 12", "SELECT CAST(8 AS INT) AS id, 'r' AS v, CAST(2 AS INT) AS p")])
    add("plain.refused", "plain", [*REFUSED, *NOTHING[:5]], [delete("id = 1")], ci=True)
    add("feed_vectors.upkeep", *CASES["feed_vectors.upkeep"][:3], ci=True)
    add("feed_partitioned.replace", *CASES["feed_partitioned.replace"][:3], ci=True)
    add("mapped_by_name.merges", *CASES["mapped_by_name.merges"][:3], ci=True)


def on_nested():
    star = merge("star from a table", "SELECT * FROM delta.`{base}.source`", UPSERT, ours_source="SELECT * FROM delta_scan('{base}.source')")
    for kind in ("nested", "nested_vectors_mapped"):
        steps = [update(["s.b.c = 'deep'", "p = 9"], "id IN (1, 3, 4)"), update(["l = array(1, NULL, id)"], "id % 5 = 2", ours=["l = [1, NULL, id]"]),
                 delete("s.a > 8 AND s.a < 12 OR l IS NULL"), star]
        after = [update(["s = NULL"], "s.b.c = 'c5'"), update(["s = named_struct('a', 1, 'b', NULL)"], "id = 6", ours=["s = {'a': 1, 'b': NULL::STRUCT(c VARCHAR)}"]), delete("s IS NULL"),
                 merge("fields", "SELECT 14 AS id, 'k' AS c", ("MATCHED THEN UPDATE SET s.b.c = s2.c",)).but(
                     spark="MERGE INTO {t} t USING (SELECT 14 AS id, 'k' AS c) q ON t.id = q.id WHEN MATCHED THEN UPDATE SET t.s.b.c = q.c",
                     deltic=("merge", "{t}", "--source-sql", "SELECT 14 AS id, 'k' AS c", "--as", "t", "--source-as", "q", "--on", "t.id = q.id", "--when", "matched then update set s.b.c = q.c")),
                 optimize()]
        add(f"{kind}.default", kind, steps, after, ci=kind not in RARE)
        add(f"{kind}.upkeep", kind, [delete("id < 3"), reorg(), optimize(zorder=("id", "s.a")), star], [restore(last(kind)), star, delete("m IS NULL"), optimize()])
    for kind in ("all_types", "all_types_vectors"):
        steps = [delete("dbl > 3.2 AND dbl < 4.4"), update(["dbl = fl", "de = -1.25", "ts = TIMESTAMP'2024-02-29 12:00:00.000001'"], "da < DATE'1969-12-24'",
                                                         ours=["dbl = fl", "de = -1.25", "ts = TIMESTAMPTZ '2024-02-29 12:00:00.000001+00'"], ours_where="da < DATE '1969-12-24'"), star]
        after = [delete("st = 's20ü' OR bn IS NULL"), update(["bn = CAST('zz' AS BINARY)", "hu = hu + 1"], "bo", ours=["bn = 'zz'::BLOB", "hu = hu + 1"]),
                 delete("tn >= TIMESTAMP_NTZ'1970-01-20 00:00:00'", ours="tn >= TIMESTAMP '1970-01-20 00:00:00'"), optimize(zorder=("da", "dbl", "st"))]
        add(f"{kind}.default", kind, steps, after, ci=kind not in RARE)
        each = [delete(f"id = {n} AND {c} = (CASE WHEN true THEN {c} END)") for n, c in enumerate(("ti", "si", "bi", "de", "hu", "st", "da", "ts", "tn"), 5)]
        add(f"{kind}.each", kind, each[:5], each[5:] + [optimize(zorder=("ts", "hu")), star])


def on_made():
    kind = "made_columns"
    inserting = merge("inserts what is not given", values((2, "'m'"), (200, "'i'"), names="id, v"), ("MATCHED THEN UPDATE SET v = s.v, id = 201", "NOT MATCHED THEN INSERT (id) VALUES (s.id)"))
    add(f"{kind}.default", kind,
        [update(["id = id + 500"], "id IN (5, 6)"), delete("g > 40 AND g < 50"), inserting, update(["v = DEFAULT"], "id = 7"),
         update(["id = 1000000"], "id = 8", refused=True), update(["g = 1"], "id = 8", refused=True), update(["n = 1"], "id = 8", refused=True), update(["id = NULL"], "id = 8", refused=True)],
        [append(made(300, 303)).but(spark=f"INSERT INTO {{t}} (id, v) {made(300, 303)}"), update(["g = 18"], "id = 9"), inserting.but(name="merge inserts again"), optimize(),
         merge("against the rule", values((9, "'m'"), names="id, v"), ("MATCHED THEN UPDATE SET id = 1000000",), refused=True)], ci=True)


on_standard()
on_nested()
on_made()
