"""Secrets of storage options are in nothing that `deltic` says or writes: not in messages, not in JSON, not in the log of a table. Commands
that succeed and commands that fail in every way run with marked secrets, and all that comes out is searched for the marks.
"""
import os
import subprocess
import tempfile

import programs
import servers

MARK = "HIDDENSECRET"  # every secret below holds it
S3 = {"AWS_ACCESS_KEY_ID": servers.ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": f"{MARK}/+=s3", "AWS_SESSION_TOKEN": f"{MARK}token", "AWS_REGION": "us-east-1",
      "AWS_ALLOW_HTTP": "true", "max_retries": "1", "retry_timeout": "2s"}
AZURE = {"azure_storage_account_name": "account", "max_retries": "1", "retry_timeout": "2s", "allow_http": "true"}
GCS = {"max_retries": "1", "retry_timeout": "2s", "allow_http": "true"}
NOBODY = "http://127.0.0.1:9"  # nothing listens there


def cases(server, folder):
    """(what it is, arguments, options): each may fail as it likes."""
    here = {**S3, "AWS_ENDPOINT_URL": server.url}
    key_file = os.path.join(folder, "account.json")
    with open(key_file, "w") as out:
        out.write('{"type": "service_account", "client_email": "a@b", "private_key": "%s", "token_uri": "%s"}' % (MARK, NOBODY))
    right = {**here, "AWS_SECRET_ACCESS_KEY": servers.SECRET_KEY}
    del right["AWS_SESSION_TOKEN"]
    yield "a wrong secret", ["info", "s3://hidden-things/t"], here
    yield "a write with it", ["write", "s3://hidden-things/t", "--from", "select 1 as a"], here
    yield "a merge with it", ["merge", "s3://hidden-things/t", "--source-sql", "select 1 as a", "--on", "true", "--when", "not matched then insert *"], here
    yield "SQL with it", ["sql", "select * from delta_scan('s3://hidden-things/t')"], here
    yield "a clone with it", ["clone", "s3://hidden-things/t", "s3://hidden-things/u", "--json"], here
    yield "no server", ["info", "s3://hidden-things/t"], {**here, "AWS_ENDPOINT_URL": NOBODY}
    yield "a proxy that is not there", ["info", "s3://hidden-things/t"], {**here, "proxy_url": f"http://user:{MARK}@127.0.0.1:9"}
    yield "an endpoint with a user", ["info", "s3://hidden-things/t"], {**here, "AWS_ENDPOINT_URL": f"http://user:{MARK}@127.0.0.1:9"}
    yield "an endpoint with a query", ["info", "s3://hidden-things/t"], {**here, "AWS_ENDPOINT_URL": f"http://127.0.0.1:9/?key={MARK}"}
    yield "a URL with a key", ["info", f"s3://key:{MARK}@hidden-things/t"], here
    yield "a key for encryption that is none", ["info", "s3://hidden-things/t"], {**here, "aws_sse_customer_key_base64": MARK}
    yield "an option that cannot be", ["info", "s3://hidden-things/t", "--json"], {**here, "timeout": "soon"}
    yield "a misspelt name", ["info", "s3://hidden-things/t"], {**here, "aws_secret_acces_key": MARK}
    yield "a scheme that nobody has", ["info", f"ftp://user:{MARK}@host/t"], here
    yield "a wrong option of the command", ["info", "s3://hidden-things/t", "--storage-options", f"aws_secret_access_key={MARK}"], {}
    yield "an option without a name", ["info", "s3://hidden-things/t", "--storage-option", MARK], {}
    yield "a table in plain folders", ["create", os.path.join(folder, "plain"), "a int", "--user-metadata", "x"], here
    yield "its facts", ["info", os.path.join(folder, "plain"), "--json"], here
    yield "Azure with a wrong key", ["info", "az://container/t"], {**AZURE, "azure_storage_account_key": MARK, "azure_storage_endpoint": NOBODY}
    yield "Azure with a key that is none", ["info", "az://container/t"], {**AZURE, "azure_storage_account_key": MARK + "%"}
    yield "Azure with a signature", ["info", "az://container/t"], {**AZURE, "azure_storage_sas_token": f"sv=1&sig={MARK}", "azure_storage_endpoint": NOBODY}
    yield "Azure with a signed URL", ["info", f"https://account.blob.core.windows.net/container/t?sv=1&sig={MARK}"], AZURE
    yield "Azure with a principal", ["info", "az://container/t"], {**AZURE, "azure_client_id": "c", "azure_tenant_id": "t", "azure_client_secret": MARK,
                                                                    "azure_authority_host": NOBODY, "azure_storage_endpoint": NOBODY}
    yield "Azure with a token", ["info", "az://container/t"], {**AZURE, "azure_storage_token": MARK, "azure_storage_endpoint": NOBODY}
    yield "Google with a key", ["info", "gs://bucket/t"], {**GCS, "google_service_account_key": '{"private_key": "%s"}' % MARK, "google_base_url": NOBODY}
    yield "Google with a key that is no JSON", ["info", "gs://bucket/t"], {**GCS, "google_service_account_key": MARK, "google_base_url": NOBODY}
    yield "Google with a file", ["info", "gs://bucket/t"], {**GCS, "google_service_account": key_file, "google_base_url": NOBODY}
    yield "Google with a token", ["info", "gs://bucket/t"], {**GCS, "google_bearer_token": MARK, "google_base_url": NOBODY}
    yield "HDFS with a token", ["info", "hdfs://lake/t"], {**GCS, "hdfs_delegation_token": MARK, "webhdfs_endpoint": NOBODY}
    yield "HDFS with a token, written to", ["write", "hdfs://lake/t", "--from", "select 1 as a"], {**GCS, "delegation": MARK, "webhdfs_endpoint": NOBODY}
    yield "HDFS with a password", ["info", "webhdfs://lake/t"], {**GCS, "hdfs_basic_user": "me", "hdfs_basic_password": MARK, "webhdfs_endpoint": NOBODY}
    yield "HDFS with a password in its URL", ["info", f"hdfs://me:{MARK}@lake/t"], GCS
    yield "HDFS with a password in its endpoint", ["info", "hdfs://lake/t"], {**GCS, "webhdfs_endpoint": f"http://me:{MARK}@lake"}
    yield "HDFS with a password", ["info", "hdfs://127.0.0.1:9/t"], {"hdfs_basic_user": "u", "hdfs_basic_password": MARK, "max_retries": "0"}
    yield "HDFS with a token", ["info", "hdfs://127.0.0.1:9/t"], {"hdfs_delegation_token": MARK, "max_retries": "0"}
    # What succeeds, with the secret that is right.
    for arguments in (["create", "s3://hidden-things/good", "a int", "--json"], ["write", "s3://hidden-things/good", "--from", "select 1 as a", "--json"],
                      ["info", "s3://hidden-things/good", "--json"], ["detail", "s3://hidden-things/good", "--json"],
                      ["history", "s3://hidden-things/good", "--json"], ["files", "s3://hidden-things/good", "--json"],
                      ["clone", "s3://hidden-things/good", "s3://hidden-things/shallow", "--shallow", "--json"],
                      ["cat", "s3://hidden-things/missing"], ["cat", "s3://hidden-things/good", "--where", "b = 1"]):
        yield " ".join(arguments[:2]), [word for word in arguments if word != "--json" or arguments[0] != "create"], right


def run():
    said = 0
    with tempfile.TemporaryDirectory(prefix="deltic-said-") as folder, servers.start("versitygw", "hidden-things") as server:
        for what, arguments, options in cases(server, folder):
            for way in ("options", "environment", "file"):
                environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "AZURE_", "GOOGLE_"))}
                environment["AWS_EC2_METADATA_DISABLED"] = "true"
                given = []
                if way == "options":
                    given = [f"--storage-option={name}={value}" for name, value in options.items()]
                elif way == "environment":
                    environment.update({name.upper(): value for name, value in options.items()})
                else:
                    path = os.path.join(folder, "options")
                    with open(path, "w") as out:
                        out.write("# what opens the store\n\n" + "".join(f"{name} = {value}\n" for name, value in options.items()))
                    given = ["--storage-option", "@" + path]
                done = subprocess.run([programs.path("deltic"), *arguments, *given], env=environment, capture_output=True, text=True, timeout=120)
                assert done.returncode >= 0, f"{what}, by {way}: ended by signal {-done.returncode}"
                said += 1
                for secret in (MARK, servers.SECRET_KEY):
                    assert secret not in done.stdout + done.stderr, f"{what}, by {way}: a secret is shown: {done.stdout}{done.stderr}"
        read = 0
        for root in (os.path.join(server.folder, "data"), os.path.join(folder, "plain")):
            for parent, _, names in os.walk(root):
                for name in names:
                    with open(os.path.join(parent, name), "rb") as file:
                        text = file.read()
                    read += 1
                    for secret in (MARK, servers.SECRET_KEY, servers.ACCESS_KEY):
                        assert secret.encode() not in text, f"{name} of a table holds a secret"
        assert read > 5, "no file of a table was looked at"
    return f"{said} commands and {read} files of tables show no secret"
