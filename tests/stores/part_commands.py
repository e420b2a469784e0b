"""Every command of `deltic` on an object store does what it does on local files: the same steps run in a folder and in a bucket, and what
they print, and the tables they leave, are compared. Owns the list of steps; a command that has none fails the part.
"""
import json
import os
import re
import shutil
import subprocess
import tempfile
import urllib.parse
import urllib.request

import programs
import servers

# Server, and the root of the tables in it ("abfss" is how messages name what "az" opens).
CASES = [("versitygw", "s3://deltic-commands/some%20folder"), ("azurite", "az://deltic-commands/some%20folder"),
         ("fake-gcs", "gs://deltic-commands/some%20folder"), ("hdfs", "hdfs://deltic-commands/some%20folder")]

# ROOT is where the tables are, LOCAL a folder of this machine with files to read and write. A step is a command line as people write it;
# "!" before it: it fails, with the same code.
STEPS = """
create ROOT/t "id bigint, kind string, amount double" --partition-by kind --property delta.enableChangeDataFeed=true
!create ROOT/t "id bigint"
write ROOT/t --from "select range as id, case when range % 3 = 0 then 'a b' when range % 3 = 1 then 'ü%' end as kind, range * 0.5 as amount from range(100)"
write ROOT/t LOCAL/rows.csv --json
write ROOT/t LOCAL/rows.parquet --mode overwrite --replace-where "kind = 'x'" --quiet
info ROOT/t --json
info ROOT/t --health
schema ROOT/t
files ROOT/t --json
history ROOT/t --json
count ROOT/t --where "amount > 10"
count ROOT/t --no-skipping
cat ROOT/t --where "id < 9" --format csv
cat ROOT/t --version 1 --limit 0
export ROOT/t LOCAL/out.csv
export ROOT/t ROOT/out.csv
export ROOT/t ROOT/out.parquet --where "id < 10"
export ROOT/t ROOT/out.parquet --where "id < 20"
sql "select count(*), sum(id), min(kind) from read_csv('ROOT/out.csv')"
sql "select count(*), sum(id) from read_parquet('ROOT/*.parquet')"
sql "select count(*), sum(id) from read_parquet('ROOT/t/**/part-*.parquet')"
sql "copy (select 1 as a) to 'ROOT/one.json' (format json)"
sql "select * from read_json('ROOT/on?.json')"
!sql "select * from read_parquet('ROOT/nothing*.parquet')"
!export ROOT/t ROOT/t/inside.csv
!export ROOT/t ROOT/bad.csv --where "id / 0 = 'x'"
!sql "select * from read_csv('ROOT/bad.csv')"
write ROOT/copy ROOT/out.parquet --json
merge ROOT/copy --source ROOT/out.parquet --on "target.id = source.id" --when "matched then delete" --json
cdf ROOT/t --from 0 --format csv
explain ROOT/t --where "kind = 'a b' and id > 10" --json
sql "select kind, count(*), sum(amount) from delta_scan('ROOT/t') group by all order by all"
sql "select count(*) from delta_scan('ROOT/t', version => 1) a join t using (id)" --table t=ROOT/t --format json
delete ROOT/t --where "id = 7" --json
delete ROOT/t --where "kind = 'a b' and id < 30" --json
update ROOT/t --set "amount = amount + 1" --where "id between 40 and 50" --json
merge ROOT/t --source-sql "select 50 as id, 'x' as kind, 0.25 as amount union all select 1000, 'new', 1" --on "target.id = source.id" --when "matched then update set *" --when "not matched then insert *" --json
merge ROOT/t --source-table ROOT/t --on "target.id = source.id and source.id = 3" --when "matched then delete" --json
cdf ROOT/t --from 3 --format json
alter set ROOT/t delta.enableDeletionVectors=true
delete ROOT/t --where "id = 80" --json
delete ROOT/t --where "id in (81, 82)" --json
count ROOT/t
alter add-column ROOT/t "note string comment 'n'"
alter add-constraint ROOT/t positive "amount >= 0"
!alter drop-column ROOT/t note
properties ROOT/t
!manifest ROOT/t
repair ROOT/t --dry-run --json
checkpoint ROOT/t --json
write ROOT/t --from "select 2000 as id, 'x' as kind, 1.5 as amount, 'hello' as note"
compact-log ROOT/t --from 1 --to 4
optimize ROOT/t --json
reorg ROOT/t --json
detail ROOT/t --json
clone ROOT/t "ROOT/deep copy" --json
clone ROOT/t "ROOT/shallow copy" --shallow --json
cat "ROOT/deep copy" --where "id > 70" --format csv
cat "ROOT/shallow copy" --where "id > 70" --format csv
delete "ROOT/shallow copy" --where "id = 90" --json
vacuum "ROOT/shallow copy" --retention "0 hours" --no-retention-check --json
count "ROOT/shallow copy"
clone ROOT/t "ROOT/deep copy" --replace --json
restore ROOT/t --version 2 --json
count ROOT/t
vacuum ROOT/t --dry-run --json
vacuum ROOT/t --retention "0 hours" --no-retention-check --json
cat ROOT/t --format csv
!cat ROOT/t --version 8
clean-log ROOT/t --dry-run
clean-log ROOT/t --retention-hours 0
convert ROOT/folder --partition-by "year int" --json
cat ROOT/folder --format csv
manifest ROOT/folder --json
!convert ROOT/nothing
!cat ROOT/nothing
count ROOT/t --json
"""

# What differs from run to run: names, ids, times, and how long something took.
VOLATILE = [(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID"), (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[0-9.]*(Z|[+]\d\d(:\d\d)?)?", "TIME"),
            (r"\b1[789]\d{11}\b", "MS"), (r"[\"']?\w*([tT]ime|Ms|_ms)[\"']?:\s*\"?\d+\"?", "DURATION"), (r"\b[0-9.]+ ?(ms|s)\b", "DURATION"),
            # Names in a checkpoint are random, and rows that were changed in no order, and so pack differently.
            (r'("(?:\w*[sS]ize\w*|\w*[bB]ytes\w*|avg|max|min)":\s*)[0-9.]+', r"\1 0"), (r"\d+ (bytes|B|KiB)\b", "BYTES"),
            # Buckets have no folders: what is below one is listed with it.
            (r'("(?:filesListed|folders\w+)":\s*)\d+', r"\1 0")]
LEFT_OUT = {"completion"}


def normal(text, root, local):
    """The text without places and what changes by the run. URLs may be encoded or not."""
    spellings = {root, urllib.parse.unquote(root)}
    if root.startswith("az://"):
        spellings |= {one.replace("az://deltic-commands/", f"abfss://deltic-commands@{servers.AZURE_ACCOUNT}.dfs.core.windows.net/")
                      for one in spellings}
    if "://" not in root:
        spellings |= {"file://" + urllib.parse.quote(root), "file:" + urllib.parse.quote(root), "file:" + root}
    for place in sorted(spellings, key=len, reverse=True):
        text = text.replace(place, "ROOT")
    text = text.replace(local, "LOCAL")
    for pattern, word in VOLATILE:
        text = re.sub(pattern, word, text)
    # Files of one commit are named in the order in which their random names sort.
    lines = text.split("\n")
    return lines


def words(line):
    import shlex
    return shlex.split(line)


def run_steps(root, environment, put):
    """Everything that the steps print, step by step."""
    local = tempfile.mkdtemp(prefix="deltic-commands-")
    try:
        write_inputs(local)
        for year in (2025, 2026):
            put(f"folder/year={year}/part-0.parquet", os.path.join(local, f"{year}.parquet"))
        said = []
        for line in STEPS.strip().splitlines():
            fails = line.startswith("!")
            arguments = [word.replace("ROOT", root).replace("LOCAL", local) for word in words(line.lstrip("!"))]
            done = subprocess.run([programs.path("deltic"), *arguments], env={**os.environ, **environment, "TZ": "UTC"}, capture_output=True, text=True,
                                  timeout=300)
            assert (done.returncode != 0) == fails, f"{root}: {line}\nstatus {done.returncode}\n{done.stdout}{done.stderr}"
            said.append((line, done.returncode, normal(done.stdout, root, local), normal(done.stderr, root, local)))
        with open(os.path.join(local, "out.csv")) as out:
            said.append(("the exported file", 0, sorted(out.read().split("\n")), []))
        return said
    finally:
        shutil.rmtree(local)


def write_inputs(local):
    with open(os.path.join(local, "rows.csv"), "w") as out:
        out.write("id,kind,amount\n200,x,1.5\n201,x,2.5\n202,,3.5\n")
    def copy(query, name):
        subprocess.run([programs.path("deltic"), "sql", f"copy ({query}) to '{local}/{name}' (format parquet)"], check=True,
                       capture_output=True)
    copy("select 300 as id, 'x' as kind, 9.5 as amount", "rows.parquet")
    for year in (2025, 2026):
        copy(f"select range as id, 'r' || range as text from range({year - 2020})", f"{year}.parquet")


def put_local(root):
    def put(key, path):
        target = os.path.join(root, key)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy(path, target)
    return put


def put_on(server):
    def put(key, path):
        if server.kind == "versitygw":
            return put_local(os.path.join(server.folder, "data", "deltic-commands", "some folder"))(key, path)
        with open(path, "rb") as file:
            body = file.read()
        if server.kind == "fake-gcs":
            name = urllib.parse.quote(f"some folder/{key}", "")
            return request("POST", f"{server.url}/upload/storage/v1/b/deltic-commands/o?uploadType=media&name={name}", body)
        if server.kind == "hdfs":
            target = f"{server.url}/webhdfs/v1/{urllib.parse.quote(f'some folder/{key}')}?op=CREATE&user.name=root&noredirect=true"
            return request("PUT", json.loads(request("PUT", target))["Location"], body)
        return servers.azure_request(server.url, "PUT", f"/deltic-commands/some folder/{key}", {}, body, {"x-ms-blob-type": "BlockBlob"})
    return put


def request(method, url, body=b""):
    asked = urllib.request.Request(url, method=method, data=body, headers={"Content-Type": "application/octet-stream"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return answer.read()


def comparable(lines):
    """Rows and files come in no order: random names and threads decide it. JSON lists of paths likewise."""
    ordered = []
    for line in lines:
        try:
            value = json.loads(line)
        except (ValueError, TypeError):
            ordered.append(line)
            continue
        ordered.append(json.dumps(sort_lists(value), sort_keys=True))
    return sorted(ordered, key=str)


def sort_lists(value):
    if isinstance(value, dict):
        return {key: sort_lists(each) for key, each in value.items()}
    if isinstance(value, list):
        return sorted((sort_lists(each) for each in value), key=lambda each: json.dumps(each, sort_keys=True))
    return value


def check_all_commands_have_steps():
    text = subprocess.run([programs.path("deltic"), "--help"], capture_output=True, text=True, check=True).stdout
    commands = set(re.findall(r"^  ([a-z][a-z-]+)  ", text.split("Subcommands:")[1], re.M)) - LEFT_OUT
    given = {words(line.lstrip("!"))[0] for line in STEPS.strip().splitlines()}
    assert commands <= given, f"commands without a step: {', '.join(sorted(commands - given))}"
    return len(commands)


def run():
    count = check_all_commands_have_steps()
    local = tempfile.mkdtemp(prefix="deltic-commands-")
    try:
        root = os.path.join(local, "some folder")
        expected = run_steps(root, {}, put_local(root))
    finally:
        shutil.rmtree(local)
    for kind, root in CASES:
        with servers.start(kind, "deltic-commands") as server:
            found = run_steps(root, server.environment, put_on(server))
        for (step, status, out, err), (_, found_status, found_out, found_err) in zip(expected, found):
            where = f"on {kind}: {step}"
            assert status == found_status, f"{where}: status {found_status}, on local files {status}: {found_err}"
            assert comparable(out) == comparable(found_out), difference(where, out, found_out)
            if step.startswith("!"):  # file systems and servers have words of their own
                err, found_err = [err[0].split(": ")[:2]], [found_err[0].split(": ")[:2]]
            assert comparable(err) == comparable(found_err), difference(where, err, found_err)
    return f"{count} commands in {len(expected)} steps do on {' and '.join(kind for kind, _ in CASES)} what they do on local files"


def difference(where, expected, found):
    expected, found = comparable(expected), comparable(found)
    lines = [f"  local: {one}" for one in expected if one not in found] + [f"  there: {one}" for one in found if one not in expected]
    return f"{where}\n" + "\n".join(lines[:20])
