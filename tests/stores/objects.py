"""Owns looking into a bucket without the code under test: the keys below a prefix, and the bytes of one. Works on servers that check no
signatures, on versitygw's files, and on Azurite by its well-known key."""
import json
import os
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree

import servers


def keys(server, bucket, prefix=""):
    """Every key below the prefix, in order."""
    return sorted(LIST[server.kind](server, bucket, prefix))


def get(server, bucket, key):
    return GET[server.kind](server, bucket, key)


def commits(server, bucket, table):
    """The actions of each commit of a table, by version."""
    found = {}
    for key in keys(server, bucket, f"{table}/_delta_log/"):
        name = key.rsplit("/", 1)[1]
        if key.count("/") == table.count("/") + 2 and len(name) == 25 and name.endswith(".json") and name[:20].isdigit():
            found[int(name[:20])] = [json.loads(line) for line in get(server, bucket, key).decode().splitlines()]
    return found


def _get_url(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read()


def _folder_keys(server, bucket, prefix):
    root = os.path.join(server.folder, "data", bucket)
    for folder, _, names in os.walk(root):
        for name in names:
            key = os.path.relpath(os.path.join(folder, name), root)
            if key.startswith(prefix) and not key.startswith(".sgwtmp/"):
                yield key


def _folder_get(server, bucket, key):
    with open(os.path.join(server.folder, "data", bucket, key), "rb") as f:
        return f.read()


def _plain_keys(server, bucket, prefix):
    token = {}
    while True:
        query = urllib.parse.urlencode({"list-type": "2", "prefix": prefix, **token})
        root = xml.etree.ElementTree.fromstring(_get_url(f"{server.url}/{bucket}?{query}"))
        texts = {}
        for element in root.iter():
            name = element.tag.rsplit("}", 1)[-1]
            if name == "Key":
                yield element.text
            texts[name] = element.text
        if texts.get("IsTruncated") != "true":
            return
        token = {"continuation-token": texts["NextContinuationToken"]}


def _plain_get(server, bucket, key):
    return _get_url(f"{server.url}/{bucket}/{urllib.parse.quote(key)}")


def _azure_keys(server, bucket, prefix):
    marker = ""
    while True:
        query = {"restype": "container", "comp": "list", "prefix": prefix, **({"marker": marker} if marker else {})}
        root = xml.etree.ElementTree.fromstring(servers.azure_request(server.url, "GET", f"/{bucket}", query))
        yield from (element.text for element in root.iter("Name"))
        marker = root.findtext("NextMarker")
        if not marker:
            return


def _azure_get(server, bucket, key):
    return servers.azure_request(server.url, "GET", f"/{bucket}/{key}", {})


def _gcs_keys(server, bucket, prefix):
    token = {}
    while True:
        query = urllib.parse.urlencode({"prefix": prefix, **token})
        page = json.loads(_get_url(f"{server.url}/storage/v1/b/{bucket}/o?{query}"))
        yield from (item["name"] for item in page.get("items", []))
        if not page.get("nextPageToken"):
            return
        token = {"pageToken": page["nextPageToken"]}


def _gcs_get(server, bucket, key):
    return _get_url(f"{server.url}/download/storage/v1/b/{bucket}/o/{urllib.parse.quote(key, '')}?alt=media")


# A location hdfs://BUCKET/path has its path in the one file system: the bucket is the name of the cluster.
def _hdfs_keys(server, bucket, prefix):
    folders = [prefix.rstrip("/")]
    while folders:
        folder = folders.pop()
        try:
            body = _get_url(f"{server.url}/webhdfs/v1/{urllib.parse.quote(folder)}?op=LISTSTATUS")
        except urllib.error.HTTPError as e:
            if e.code != 404:
                raise
            continue
        for status in json.loads(body)["FileStatuses"]["FileStatus"]:
            key = f"{folder}/{status['pathSuffix']}".lstrip("/")
            if status["type"] == "DIRECTORY":
                folders.append(key)
            else:
                yield key


def _hdfs_get(server, bucket, key):
    return _get_url(f"{server.url}/webhdfs/v1/{urllib.parse.quote(key)}?op=OPEN&user.name=root")


LIST = {"versitygw": _folder_keys, "moto": _plain_keys, "s3mock": _plain_keys, "azurite": _azure_keys, "fake-gcs": _gcs_keys,
        "hdfs": _hdfs_keys}
GET = {"versitygw": _folder_get, "moto": _plain_get, "s3mock": _plain_get, "azurite": _azure_get, "fake-gcs": _gcs_get,
       "hdfs": _hdfs_get}
