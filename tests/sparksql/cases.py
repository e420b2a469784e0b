"""Owns the expressions that tests/sparksql evaluates in Spark and in DuckDB. A line that begins with "~" may fail in ours
where Spark has a value (never another value): the reason stands beside it. A line that begins with "!" must be refused by
ours although Spark evaluates it."""

NUMBERS = "b h i j l m f g d e p q k w".split()
PAIRS = [("b", "b"), ("b", "h"), ("i", "j"), ("i", "l"), ("l", "m"), ("f", "g"), ("d", "e"), ("f", "d"), ("i", "d"), ("l", "g"),
         ("p", "q"), ("i", "p"), ("b", "p"), ("p", "d"), ("j", "i"), ("m", "l"), ("q", "p"), ("h", "b"), ("d", "g"), ("s", "i"),
         ("s", "d"), ("h", "p"), ("p", "f")]
TYPES = ["boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "decimal(10,2)", "decimal(5,0)", "decimal(38,10)",
         "string", "binary", "date", "timestamp", "timestamp_ntz"]


def all_cases():
    out = []
    for left, right in PAIRS:
        for op in ["+", "-", "*", "/", "%", "="]:
            mark = ""
            if left == "s":
                mark = "~"  # texts as numbers
            out.append(f"{mark}{left} {op} {right}")
    for op in ["<", "<=", ">", ">=", "<>", "!=", "==", "<=>"]:
        out += [f"i {op} j", f"d {op} e", f"f {op} g", f"s {op} u", f"p {op} q", f"t {op} z", f"c {op} y", f"o {op} v", f"x {op} x",
                f"c {op} n", f"c {op} t", f"n {op} t", f"d {op} p", f"l {op} d", f"f {op} p", f"k {op} l"]
    out += ["i DIV j", "l DIV m", "b DIV h", "l DIV -1", "i % -1", "i & j", "i | j", "i ^ j", "~i", "b & h", "l ^ m", "~b",
            "-i", "-l", "-b", "-d", "-p", "+i", "- s" if False else "-f", "~i + j * 2 - 1", "-i * 2", "i - -1", "2 - i % 3",
            "i + 1Y", "i * 2L", "b + 1", "b + 1Y", "b * 2S", "i + 1.5", "i * 2.50", "p * 2", "p / 2", "p / 3", "p % 3", "q / p",
            "p * q", "i / 2", "1 / i", "l / 0", "i % 0", "p * 1e0", "~k + 1", "k + l", "k * b", "!k - 0.000001", "!w * w", "!-k", "w + p", "w * p", "w - q", "k = 1", "p = 1.5",
            "p > 0", "1.5 + 1", "0.1 + 0.2", "1e308 * 10", "-2147483648", "-9223372036854775808L", "2147483648", "1.50BD + 1",
            "100S * 300S", "i > 0 AND 10 / i > 1", "i = 0 OR 10 / i > 1", "i <> 0 AND l <> 0 AND 10 DIV i > 1 AND 10 DIV l > 1",
            "NOT (i > 0)", "(! o)", "o AND v", "o OR v", "NOT o AND v OR o", "o = v", "o <=> v", "o AND NULL", "NULL OR o", "o IS TRUE",
            "o IS NOT TRUE", "o IS FALSE", "o IS NOT FALSE", "o IS UNKNOWN", "o IS NOT NULL", "i IS NULL", "i IS DISTINCT FROM j",
            "i IS NOT DISTINCT FROM j", "d IS NOT DISTINCT FROM e", "i + 1 IS NULL", "st IS NULL", "ar IS NULL", "mp IS NULL",
            "i BETWEEN j AND 10", "i NOT BETWEEN -5 AND 5", "d BETWEEN e AND 1", "s BETWEEN 'a' AND 'b'", "t BETWEEN '2000-01-01' AND z",
            "i IN (1, 2, 3)", "i NOT IN (1, NULL)", "i IN (j, 5)", "s IN ('abc', 'b')", "d IN (0, 0.5D)", "p IN (1.5, 2.5)",
            "i IN (1L, 2)", "t IN (DATE '1970-01-01')", "d IN (double('NaN'), 0.5)", "i IN (NULL)", "b IN (1, 300)"]
    # casts
    for column in ["o", "b", "i", "l", "p", "w", "k", "t", "c", "n", "f", "d", "x", "s"]:
        for kind in TYPES:
            mark = ""
            if column in ("f", "d") and (kind in ("string", "timestamp", "float") or kind.startswith("decimal")):
                mark = "!"
                if column == "f" and kind == "float":
                    mark = ""
            if column in ("p", "w", "k", "o") and kind == "timestamp":
                mark = "!"
            if kind == "timestamp" and column in ("l", "i", "b"):
                mark = "~"  # beyond year 294247 the engine has no timestamps
            if column == "c" and (kind in ("float", "double") or kind.startswith("decimal")):
                mark = "!"
            if column == "s" and kind in ("timestamp", "timestamp_ntz"):
                mark = "!"
            if column in ("b", "i", "l") and kind == "binary":
                mark = "!"
            if column == "x" and kind == "string":
                mark = "~"  # bytes that are no UTF-8
            if column == "s" and kind not in ("string", "binary"):
                mark = mark or "~"  # '1e3' as a decimal, and the like
            out.append(f"{mark}CAST({column} AS {kind})")
    out += ["i::string", "i :: bigint + 1", "-i::string" if False else "(-i)::string", "CAST('12' AS INT)", "CAST(NULL AS INT)",
            "CAST('2020-02-30' AS DATE)" if False else "CAST('2020-02-29' AS DATE)", "CAST(1.5 AS INT)", "CAST(-1.5 AS INT)",
            "CAST('1.50' AS DECIMAL(5,1))", "CAST(1.25 AS DECIMAL(5,1))", "CAST(-1.25 AS DECIMAL(5,1))", "TRY_CAST(i AS BIGINT)",
            "!TRY_CAST(s AS INT)", "int(d)", "string(i)", "date(c)", "CAST(true AS DECIMAL(3,1))"]
    # literals
    out += ["'a' 'b'", "'it''s'", "'a\\tb\\n'", "r'a\\tb'", "\"double\"", "'\\u00e9\\101'", "'\\%\\_'", "X'00ff'", "x'41'", "DATE '2020-02-29'",
            "TIMESTAMP '2020-02-29 12:34:56.789'", "TIMESTAMP '2020-02-29 12:34:56+02:00'", "TIMESTAMP_NTZ '2020-02-29 12:34:56'",
            "TIMESTAMP '2020-02-29'", "1e3", "1.5e-3", "1F", "1.5D", ".5", "5.", "12345678901234567890", "TRUE", "NULL", "1 -- comment",
            "/* c */ 1", "0.05", "00.50", "-0.5", "- 5", "0", "'\U0001F600'", "'\\Z'", "'a\\'b'"]
    # strings
    for fn in ["length", "char_length", "character_length", "len", "octet_length", "bit_length", "upper", "lower", "ucase", "lcase",
               "trim", "ltrim", "rtrim", "btrim", "ascii", "md5", "sha1", "sha", "hex", "base64"]:
        mark = "~" if fn in ("upper", "lower", "ucase", "lcase") else ""  # letters that Java writes as two
        out += [f"{mark}{fn}(s)", f"{mark}{fn}(u || s)"]
    out += ["length(x)", "hex(x)", "hex(i)", "hex(l)", "hex(b)", "md5(x)", "sha2(s, 256)", "sha2(x, 0)", "base64(x)", "length(i)",
            "octet_length(x)" if False else "length(l)", "length(o)", "trim('a' FROM s)", "trim(BOTH 'ab' FROM s)", "trim(LEADING ' a' FROM s)",
            "trim(TRAILING FROM s)", "btrim(s, 'abc')", "btrim(s, u)", "s || u", "s || i", "concat(s, u)", "concat(s, i, o)", "concat(s)", "concat()",
            "concat_ws(',', s, u)", "concat_ws(s, u, 'x', u)", "concat_ws(',', s, NULL, 'z')", "concat_ws(',')", "instr(s, u)", "instr(s, 'b')", "instr(s, '')",
            "locate('b', s)", "position('b' IN s)", "position('b', s)", "contains(s, u)", "startswith(s, 'a')",
            "endswith(s, u)", "startswith(s, '')", "repeat(s, 2)", "repeat(s, 0)", "repeat(s, -1)", "replace(s, 'b', 'xx')",
            "replace(s, 'b')", "replace(s, u, '-')", "replace(s, '', 'x')", "left(s, 2)", "left(s, 0)", "left(s, -1)", "right(s, 2)", "right(s, 0)",
            "right(s, 100)", "lpad(s, 5, 'xy')", "rpad(s, 5, 'xy')", "lpad(s, 2)", "rpad(s, 2)", "lpad(s, 0, 'x')", "lpad(s, -1, 'x')",
            "!lpad(s, 5, '')", "rpad(s, 6, 'é')", "substring(s, 2)", "substring(s, 0)", "substring(s, -2)", "substring(s, -100)", "substring(s, 2, 2)",
            "substring(s, 0, 2)", "substring(s, -2, 1)", "substring(s, -100, 99)", "substring(s, -4, 3)", "substring(s, 1, 0)", "substring(s, 1, -1)",
            "substr(s, 100)", "substring(s FROM 2 FOR 1)", "substring(s, j % 7, 2)", "substring(s, 2, j % 5)", "substring(s, i, j)",
            "substring(s, i)", "left(s, i)", "right(s, j % 5)", "right(s, j)", "split(s, ',')", "split(s, 'X')", "split(s, '\\\\|')", "split(s, ',')[0]"]
    # patterns
    out += ["s LIKE 'a%'", "s LIKE '%b%'", "s NOT LIKE 'a_c'", "s LIKE ''", "s LIKE '%'", "s LIKE '_'", "s LIKE 'a\\\\%b\\\\_c'",
            "s LIKE 'a!%b!_c' ESCAPE '!'", "s LIKE '%\\\\\\\\%'", "s LIKE 'line_b'", "s LIKE '%😀%'", "~s ILIKE 'ABC'", "~s ILIKE 'a%'", "s RLIKE '^a'", "~s RLIKE 'b$'",
            "s RLIKE '[0-9]+'", "~s RLIKE '^\\\\d+$'", "~s RLIKE '^[a-z]+$'", "s RLIKE 'a.c'", "~s RLIKE '^.$'", "s RLIKE '\\\\s'", "s RLIKE '\\\\S'",
            "s RLIKE '\\\\w{2,3}'", "s RLIKE '(a|b)+c'", "s RLIKE 'a|é'", "s RLIKE '^(?:ab)?c*'", "rlike(s, 'b')", "regexp(s, 'b')", "like(s, 'a%')", "regexp_like(s, '^[^a-c]')", "s REGEXP 'b'", "s RLIKE ''", "regexp_extract(s, '([a-z]+)')", "regexp_extract(s, '([a-z])(.)', 2)", "regexp_extract(s, '[0-9]+', 0)", "regexp_extract(s, '^(a)?(b|é)?', 2)", "regexp_extract(s, '(\\\\d+)-(\\\\d+)', 2)", "regexp_extract(s, 'x|(a)', 1)", "!regexp_extract(s, '(a|b)*', 1)", "!regexp_extract(s, 'a$', 0)", "regexp_extract(s, '(a*?)(b+?)', 2)",
            "s RLIKE 'line.b'", "s RLIKE '[\\\\s]x'", "~s RLIKE '^.*$'", "s RLIKE '\\\\.'", "!s RLIKE '\\\\bfoo'", "!s RLIKE '(?i)abc'", "!s RLIKE 'a*+'", "!s LIKE u"]
    # numbers
    for fn in ["abs", "ceil", "ceiling", "floor", "sign", "signum", "round", "negative", "positive"]:
        for column in ["b", "i", "l", "f", "d", "p", "w", "k"]:
            mark = "!" if column == "k" and fn in ("abs", "negative") else ""
            out.append(f"{mark}{fn}({column})")
    out += ["round(p, 1)", "round(p, 0)", "round(p, 5)", "round(w, 3)", "round(i, 2)", "!round(d, 2)", "!round(i, -1)", "sqrt(d)", "sqrt(i)", "sqrt(p)",
            "isnan(d)", "isnan(f)", "nanvl(d, 1.0D)", "nanvl(f, g)", "mod(i, j)", "mod(d, e)", "~pmod(i, j)", "~pmod(l, m)", "pmod(i, 7)", "~pmod(b, h)", "pmod(i, -3)",
            "greatest(i, j)", "greatest(d, e)", "greatest(s, u)", "greatest(t, z)", "greatest(i, l, 5)", "greatest(f, d)", "least(i, j)", "least(d, e)",
            "least(s, u, 'm')", "least(p, q)", "greatest(p, i)", "least(c, y)", "greatest(o, v)", "!exp(d)", "!ln(d)", "!pow(d, 2)"]
    # nulls and choices
    out += ["coalesce(i, j)", "coalesce(i, l, 0)", "coalesce(s, 'none')", "coalesce(i, 1/i)", "nvl(i, 0)", "nvl(d, i)", "ifnull(s, u)", "nvl2(i, s, u)", "nullif(i, j)",
            "nullif(s, '')", "nullif(d, e)", "if(i > j, 'x', 'y')", "if(o, i, l)", "if(i = 0, 0, 10 DIV i)", "isnull(i)", "isnotnull(s)", "equal_null(d, e)", "coalesce(NULL, i)",
            "CASE WHEN i > 0 THEN 'p' WHEN i < 0 THEN 'n' END", "CASE WHEN i = 0 THEN 0 ELSE 10 / i END", "CASE i WHEN 1 THEN 'a' WHEN j THEN 'b' ELSE s END",
            "CASE s WHEN 'abc' THEN 1 WHEN NULL THEN 2 ELSE 3.5 END", "CASE WHEN o THEN t ELSE c END", "CASE WHEN o THEN p ELSE q END",
            "~coalesce(s, i)", "~CASE WHEN o THEN s ELSE i END"]
    # dates and times
    for fn in ["year", "quarter", "month", "day", "dayofmonth", "dayofyear", "dayofweek", "weekday", "weekofyear", "hour", "minute", "second"]:
        out += [f"{fn}({column})" for column in ["t", "c", "n"]]
    for field in ["year", "MONTH", "day", "quarter", "week", "dow", "doy", "hour", "minute"]:
        out.append(f"extract({field} FROM c)")
    out += ["!extract(second FROM c)", "date_part('year', t)", "~date_add(t, j)", "~date_sub(t, j)", "date_add(t, 1)", "dateadd(t, 1)", "datepart('year', t)", "date_add(c, 1)", "date_add('2020-01-01', 1)", "t + 1", "1 + t", "t - 1", "~t + j",
            "datediff(t, z)", "date_diff(c, z)", "!t - z", "!c - y", "~add_months(t, j)", "add_months(t, 1)", "add_months(t, -1)", "add_months(t, 12)", "last_day(t)", "last_day(c)",
            "~make_date(i, j, 1)", "make_date(2020, b, 5)", "make_date(2021, 2, b)", "unix_date(t)", "~date_from_unix_date(i)", "unix_seconds(c)", "unix_millis(c)", "unix_micros(c)",
            "~timestamp_seconds(i)", "~timestamp_millis(l)", "~timestamp_micros(l)", "unix_timestamp(c)", "unix_timestamp(t)", "unix_timestamp(n)", "to_unix_timestamp(c)",
            "!unix_timestamp(s)", "to_date(c)", "to_date(n)", "~to_date(s)", "~to_date(s, 'yyyy-MM-dd')", "to_timestamp(t)", "to_timestamp('2020-01-01 01:02:03')", "!to_timestamp(s)",
            "t + INTERVAL 1 DAY", "t - INTERVAL '1' DAY", "t + INTERVAL 1 MONTH", "t + INTERVAL '1' YEAR", "t - INTERVAL 1 MONTH", "c + INTERVAL 1 HOUR", "c - INTERVAL 2 DAYS",
            "c + INTERVAL 1 MONTH", "n + INTERVAL 1 YEAR", "c + INTERVAL '1 day 2 hours'", "INTERVAL 3 SECONDS + n", "c + INTERVAL -3 MINUTES", "t + INTERVAL 1 WEEK", "!t + INTERVAL 1 HOUR",
            "c > TIMESTAMP '2020-01-01 00:00:00'", "c > '2020-01-01'", "t = '2020-02-29'", "t >= DATE '1970-01-01'", "n < '2020-01-01 00:00:00'", "c BETWEEN '2000-01-01' AND '2030-01-01 00:00:00'"]
    for unit in ["year", "yyyy", "YY", "quarter", "month", "MON", "mm", "week"]:
        out += [f"trunc(t, '{unit}')", f"date_trunc('{unit}', c)"]
    for unit in ["day", "dd", "hour", "minute", "second", "millisecond", "microsecond"]:
        out += [f"date_trunc('{unit}', c)"]
    out += ["date_trunc('hour', t)", "date_trunc('month', n)", "trunc(c, 'month')"]
    for day in ["mon", "TU", "Wednesday", "th", "fri", "sat", "sunday"]:
        out.append(f"next_day(t, '{day}')")
    for pattern in ["yyyy-MM-dd", "yyyy/M/d", "yyyyMMdd", "yy", "HH:mm:ss", "hh:mm a", "yyyy-MM-dd HH:mm:ss.SSS", "SSSSSS", "EEE, d MMM", "EEEE", "MMMM", "DDD", "yyyy-MM-dd''T''HH", "h m s",
                    "yyyy-MM", "H", "E", "yyyy-MM-dd\\'T\\'HH:mm"]:
        out += [f"date_format(c, '{pattern}')", f"date_format(t, '{pattern}')"]
    out += ["date_format(n, 'yyyy-MM-dd HH')", "!date_format(c, 'XXX')", "!date_format(c, 'Q')", "~from_unixtime(i)", "~from_unixtime(i, 'yyyy-MM')", "~from_unixtime(l)",
            "~to_timestamp(s, 'yyyy-MM-dd HH:mm:ss')", "to_date('20200131', 'yyyyMMdd')", "to_date('2020/01', 'yyyy/MM')", "to_timestamp('01.02.2020 03:04', 'dd.MM.yyyy HH:mm')",
            "to_date(date_format(t, 'yyyyMMdd'), 'yyyyMMdd')", "to_timestamp(date_format(c, 'yyyy-MM-dd HH:mm:ss'), 'yyyy-MM-dd HH:mm:ss')", "to_date(CAST(t AS STRING))",
            "CAST(CAST(t AS STRING) AS DATE)", "CAST(date_format(c, 'yyyyMM') AS INT)"]
    # nested
    out += ["ar[0]", "ar[1]", "ar[i]", "ar[b]", "get(ar, 0)", "get(ar, j % 3)", "element_at(ar, 1)", "element_at(ar, -1)", "element_at(ar, 2)", "element_at(ar, 0)", "element_at(ar, b)", "size(ar)",
            "cardinality(ar)", "array_size(ar)", "size(mp)", "mp['a']", "mp[s]", "mp.a", "element_at(mp, 'b')", "element_at(mp, 'zzz')", "st.a", "st.b", "st['a']", "ST.A + 1", "`st`.`b`", "array_contains(ar, 1)",
            "array_contains(ar, i)", "array_contains(ar, NULL)" if False else "array_contains(ar, 3)", "array(i, j)", "array(1, 2L)", "array('a', s)[1]", "named_struct('a', i, 'b', s)", "named_struct('x', 1).x",
            "st.a > 0 AND st.b LIKE 'x%'", "size(split(s, ','))"]
    # refused
    out += ["!uuid()", "!rand()", "!hash(s)", "!xxhash64(s)", "!crc32(s)", "!sum(i)", "!transform(ar, q -> q + 1)", "!i << 2", "!from_json(s, 'a int')", "!(SELECT 1)",
            "!reverse(s)", "!initcap(s)", "!translate(s, 'ab', 'xy')", "!soundex(s)", "!k / w", "k * k", "!st = st", "!ar = ar", "!regexp_replace(s, 'a', 'b')", "!CAST(i AS ARRAY<INT>)"]
    seen = set()
    return [case for case in out if not (case in seen or seen.add(case))]
