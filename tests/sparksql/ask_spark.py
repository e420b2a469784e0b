"""Owns Spark's side of tests/sparksql: evaluates expressions over a Parquet file, row by row, in ANSI mode. Runs in the interop
environment: ask_spark.py QUESTIONS.json TABLE.parquet ANSWERS.json SCRATCH JAR...

An answer is {"error": text} when Spark refuses the expression, else {"type": simpleString, "values": [...]}: text, null for NULL,
[] for a row that fails. Spark's own TryEval catches the failures."""
import fcntl
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "interop"))
import spark_session  # noqa: E402
from pyspark.sql import DataFrame  # noqa: E402


def canonical(name, kind):
    if kind == "date":
        return f"CAST(unix_date({name}) AS STRING)"
    if kind == "timestamp":
        return f"CAST(unix_micros({name}) AS STRING)"
    if kind == "timestamp_ntz":
        return f"CAST(unix_micros(CAST({name} AS TIMESTAMP)) AS STRING)"
    if kind == "binary":
        return f"hex({name})"
    if kind == "float":
        return f"CAST(CAST({name} AS DOUBLE) AS STRING)"
    if kind == "void":
        return "CAST(NULL AS STRING)"
    if kind.startswith(("array", "map", "struct")):
        return f"to_json({name}, map('ignoreNullFields', 'false'))"
    return f"CAST({name} AS STRING)"


def main(questions, table, answers, scratch, *jars):
    texts = json.load(open(questions))
    spark = spark_session.make_session(list(jars), scratch)
    assert spark.conf.get("spark.sql.ansi.enabled") == "true"
    spark.read.parquet(table).coalesce(1).createOrReplaceTempView("t")
    frame = spark.table("t")
    jvm = spark._jvm
    parser = spark._jsparkSession.sessionState().sqlParser()
    out = []
    good = []
    for index, text in enumerate(texts):
        try:
            kind = spark.sql(f"SELECT {text}\n AS a FROM t").schema.fields[0].dataType.simpleString()
            out.append({"type": kind, "values": []})
            good.append(index)
        except Exception as error:  # whatever Spark says is the answer
            out.append({"error": str(error)[:500]})

    def ask(indices):
        columns = spark._sc._gateway.new_array(jvm.org.apache.spark.sql.Column, len(indices) + 1)
        for place, index in enumerate(indices):
            tried = jvm.org.apache.spark.sql.catalyst.expressions.TryEval(parser.parseExpression(f"named_struct('v', {texts[index]}\n)"))
            columns[place] = jvm.org.apache.spark.sql.classic.ExpressionUtils.column(tried).alias(f"c{place}")
        columns[len(indices)] = frame.rid._jc
        wanted = ["rid"]
        for place, index in enumerate(indices):
            wanted += [f"c{place} IS NULL AS e{place}", canonical(f"c{place}.v", out[index]["type"]) + f" AS v{place}"]
        for row in DataFrame(frame._jdf.select(columns), spark).selectExpr(*wanted).orderBy("rid").collect():
            for place, index in enumerate(indices):
                out[index]["values"].append([] if row[1 + 2 * place] else row[2 + 2 * place])

    for start in range(0, len(good), 25):
        batch = good[start:start + 25]
        try:
            ask(batch)
        except Exception:
            for index in batch:
                out[index]["values"] = []
                try:
                    ask([index])
                except Exception as error:
                    out[index] = {"error": str(error)[:500]}
    json.dump(out, open(answers, "w"))


if __name__ == "__main__":
    with open(os.path.join(sys.argv[4], "spark.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        main(*sys.argv[1:])
