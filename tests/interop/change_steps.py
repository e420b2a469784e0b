"""Owns the operations of the change cases, each in Spark's words and in deltic's. Does not say on which tables they run
(change_cases.py) nor what must be equal afterwards (change_pair.py).
"""
import dataclasses
import shlex


@dataclasses.dataclass(frozen=True)
class Step:
    """One operation. {t} stands for the table: in Spark's text as a name, in deltic's words as its folder."""
    name: str
    spark: object  # a text of SQL, or a function of the copy
    deltic: tuple
    refused: bool = False  # both must refuse it and leave the log alone
    conf: dict = dataclasses.field(default_factory=dict)  # Spark's settings during the step
    free_parameters: tuple = ()  # operationParameters of Spark's that deltic need not have
    free_metrics: bool = False
    needs: str = ""  # another command whose arrival this step waits for

    @property
    def commands(self):
        return {*self.deltic[:1], self.needs} - {""}

    def placed(self, base):
        """With {base} standing for the folder of the kind's table, beside which NAME.source lies."""
        spark = self.spark if callable(self.spark) else self.spark.replace("{base}", base)
        return self.but(spark=spark, deltic=tuple(w.replace("{base}", base) for w in self.deltic))

    def but(self, **changes):
        return dataclasses.replace(self, **changes)


def given(text):
    """What Spark does to both copies, so that there is something to work on."""
    return Step(f"given {text}", text, ())


def delete(where=None, ours=None, **more):
    """`ours` is deltic's spelling where the two dialects differ."""
    words = ("--all",) if where is None else ("--where", ours or where)
    return Step(f"delete {where or 'all'}", "DELETE FROM {t}" + (f" WHERE {where}" if where else ""), ("delete", "{t}", *words), **more)


def update(sets, where=None, ours=None, ours_where=None, **more):
    words = [w for s in (ours or sets) for w in ("--set", s)] + (["--where", ours_where or where] if where else [])
    return Step(f"update {', '.join(sets)}{' where ' + where if where else ''}",
                f"UPDATE {{t}} SET {', '.join(sets)}" + (f" WHERE {where}" if where else ""), ("update", "{t}", *words), **more)


def merge(name, source, clauses, on="t.id = s.id", evolve=False, ours_source=None, ours_clauses=None, **more):
    """`source` is a query in words of both dialects, or in Spark's with `ours_source` in deltic's."""
    text = f"MERGE{' WITH SCHEMA EVOLUTION' if evolve else ''} INTO {{t}} t USING ({source}) s ON {on} " + " ".join(f"WHEN {c}" for c in clauses)
    words = ["merge", "{t}", "--source-sql", ours_source or source, "--as", "t", "--source-as", "s", "--on", on]
    words += [w for c in (ours_clauses or clauses) for w in ("--when", c)] + ["--schema-evolution"] * evolve
    return Step(f"merge {name}", text, tuple(words), **more)


def values(*lines, names="id, v, p"):
    """Rows as a query that Spark and DuckDB understand alike."""
    columns = [n.strip() for n in names.split(",")]
    return " UNION ALL ".join("SELECT " + ", ".join(f"{v} AS {c}" for v, c in zip(line, columns)) for line in lines)


def optimize(where=None, zorder=(), full=False, **more):
    text = "OPTIMIZE {t}" + (" FULL" if full else "") + (f" WHERE {where}" if where else "") + (f" ZORDER BY ({', '.join(zorder)})" if zorder else "")
    words = ["optimize", "{t}", *(["--where", where] if where else []), *(["--zorder-by", ",".join(zorder)] if zorder else []), *(["--full"] if full else [])]
    return Step(text.replace("{t} ", "").replace("{t}", "").strip().lower(), text, tuple(words), **more)


def reorg(where=None):
    return Step("reorg purge", "REORG TABLE {t}" + (f" WHERE {where}" if where else "") + " APPLY (PURGE)", ("reorg", "{t}", *(["--where", where] if where else [])))


def restore(version, **more):
    return Step(f"restore to {version}", f"RESTORE {{t}} TO VERSION AS OF {version}", ("restore", "{t}", "--version", str(version)), needs="update", **more)


def append(query, ours=None):
    """Rows are added by plain writes, which other cases judge: a step between the steps of interest."""
    return Step("append", f"INSERT INTO {{t}} {query}", ("write", "{t}", "--quiet", "--from", ours or query), free_metrics=True, free_parameters=("partitionBy", "statsOnLoad"))


def replace_where(where, query, ours=None):
    def by_spark(copy):
        copy.spark.sql(query).coalesce(1).write.format("delta").mode("overwrite").option("replaceWhere", where).save(copy.path)
    # Change files of a replaceWhere came together with those of DELETE.
    return Step(f"replace where {where}", by_spark, ("write", "{t}", "--quiet", "--mode", "overwrite", "--replace-where", where, "--from", ours or query),
                free_metrics=True, free_parameters=("partitionBy", "canOverwriteSchema", "canMergeSchema", "statsOnLoad"), needs="delete")


def text_of(step):
    return shlex.join(("deltic", *step.deltic))
