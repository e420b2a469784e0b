"""Owns tables with column mapping: by name, by id, upgraded, renamed, dropped, re-added, at every level."""
from .registry import table

NESTED = "id INT, `a.b` STRING, `sp ace` STRUCT<`x.y`: INT, z: STRING>, ar ARRAY<STRUCT<e: INT, f: STRING>>, m MAP<STRING, STRUCT<v: INT, w: INT>>"
ROW = "({0}, 'ab{0}', struct({0}, 'z{0}'), array(struct({0}, 'f{0}'), NULL), map('k{0}', struct({0}, {0})))"


def evolve(t):
    t.sql(f"INSERT INTO {{t}} VALUES {ROW.format(1)}, (2, NULL, NULL, NULL, NULL)")
    t.all("ALTER TABLE {t} RENAME COLUMN `a.b` TO `c,d;e`", "ALTER TABLE {t} RENAME COLUMN `sp ace`.`x.y` TO renamed",
          "ALTER TABLE {t} RENAME COLUMN ar.element.e TO ee", "ALTER TABLE {t} RENAME COLUMN m.value.v TO vv")
    t.sql(f"INSERT INTO {{t}} VALUES {ROW.format(3)}")
    t.all("ALTER TABLE {t} DROP COLUMN `sp ace`.z", "ALTER TABLE {t} DROP COLUMN m.value.w", "ALTER TABLE {t} DROP COLUMN `c,d;e`",
          "ALTER TABLE {t} ADD COLUMN `a.b` INT",           # the old name again, with another type: must not see old data
          "ALTER TABLE {t} ADD COLUMN `sp ace`.z DOUBLE",
          "INSERT INTO {t} VALUES (4, struct(4, 4.5D), array(struct(4, 'f4')), map('k4', struct(4)), 44)",
          "ALTER TABLE {t} RENAME COLUMN id TO tmp", "ALTER TABLE {t} RENAME COLUMN `a.b` TO id",
          "ALTER TABLE {t} RENAME COLUMN tmp TO `a.b`",     # swapped
          "INSERT INTO {t} VALUES (5, struct(5, 5.5D), NULL, map('k5', NULL), 55)",
          "DELETE FROM {t} WHERE id = 55")
    t.skips("id > 1000", 1)
    t.skips('"sp ace".renamed = 3', 1)
    t.filter("id = 44", ("`a.b` < 3", '"a.b" < 3'), "id IS NULL", ("`sp ace`.renamed = 3", '"sp ace".renamed = 3'),
             ("`sp ace`.z > 4", '"sp ace".z > 4'), ("`sp ace` IS NULL", '"sp ace" IS NULL'))


@table("column mapping by name; names with dots, spaces, commas; renames, drops, re-adds, nested ones")
def mapping_name(t):
    t.sql(f"CREATE TABLE {{t}} ({NESTED}) USING delta TBLPROPERTIES ('delta.columnMapping.mode' = 'name')")
    evolve(t)


@table("column mapping by id; the same changes")
def mapping_id(t):
    t.sql(f"CREATE TABLE {{t}} ({NESTED}) USING delta TBLPROPERTIES ('delta.columnMapping.mode' = 'id')")
    evolve(t)


@table("column mapping switched on for a table that has data; partition column renamed")
def mapping_upgraded(t):
    t.sql("CREATE TABLE {t} (id INT, s STRUCT<a: INT, b: STRING>, p STRING) USING delta PARTITIONED BY (p)")
    t.all("INSERT INTO {t} VALUES (1, struct(1, 'one'), 'x'), (2, NULL, 'y')",
          "ALTER TABLE {t} SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.minReaderVersion' = '2', 'delta.minWriterVersion' = '5')",
          "INSERT INTO {t} VALUES (3, struct(3, 'three'), 'x')", "ALTER TABLE {t} RENAME COLUMN p TO `p q`",
          "ALTER TABLE {t} RENAME COLUMN s.b TO `b b`", "ALTER TABLE {t} RENAME COLUMN id TO ident",
          "INSERT INTO {t} VALUES (4, struct(4, 'four'), 'z z')", "ALTER TABLE {t} DROP COLUMN s.a", "ALTER TABLE {t} ADD COLUMN id STRING",
          "INSERT INTO {t} VALUES (5, struct('five'), NULL, 'id')", "UPDATE {t} SET ident = ident * 10 WHERE `p q` = 'x'")
    t.filter(("`p q` = 'x'", '"p q" = \'x\''), "id IS NULL", "ident > 3", ("s.`b b` = 'one'", 's."b b" = \'one\''))


@table("column mapping by name, partitioned, with random physical names in partitionValues")
def mapping_partitioned(t):
    t.sql("CREATE TABLE {t} (v INT, `p 1` DATE, `p/2` STRING) USING delta PARTITIONED BY (`p 1`, `p/2`) TBLPROPERTIES ('delta.columnMapping.mode' = 'name')")
    t.all("INSERT INTO {t} VALUES (1, DATE'2024-01-01', 'a'), (2, NULL, 'b'), (3, DATE'2024-01-03', NULL)",
          "ALTER TABLE {t} RENAME COLUMN `p/2` TO v2", "ALTER TABLE {t} RENAME COLUMN v TO `p/2`",
          "INSERT INTO {t} VALUES (4, DATE'2024-01-04', 'd')")
    t.filter(("`p 1` > DATE'2024-01-01'", '"p 1" > DATE \'2024-01-01\''), "v2 = 'a'", ("`p/2` >= 3", '"p/2" >= 3'))


@table("column mapping switched off again: all names physical once more")
def mapping_removed(t):
    t.sql("CREATE TABLE {t} (a INT, b STRING) USING delta TBLPROPERTIES ('delta.columnMapping.mode' = 'name')")
    t.all("INSERT INTO {t} VALUES (1, 'x'), (2, 'y')", "ALTER TABLE {t} RENAME COLUMN a TO `z`", "INSERT INTO {t} VALUES (3, 'w')")
    try:
        t.sql("ALTER TABLE {t} SET TBLPROPERTIES ('delta.columnMapping.mode' = 'none')")
        t.sql("INSERT INTO {t} VALUES (4, 'after')")
    except Exception as e:
        t.notes.append("mapping off: " + str(e).split("\n")[0])
    t.filter("z >= 3")


@table("overwriteSchema with column mapping: same names, new field ids")
def mapping_overwrite(t):
    t.sql("CREATE TABLE {t} (a INT, b STRUCT<c: INT>) USING delta TBLPROPERTIES ('delta.columnMapping.mode' = 'id')")
    t.sql("INSERT INTO {t} VALUES (1, struct(1))")
    t.write("SELECT 'now a string' a, named_struct('c', 'string', 'd', 2) b", mode="overwrite", overwriteSchema="true")
    t.write("SELECT 'second' a, named_struct('c', 'x', 'd', 3, 'e', true) b, 5L n", mergeSchema="true")
    t.filter("a = 'second'", "b.d = 2", "n IS NULL", "b.e")
