"""`./idp` in a small checkout of its own, with packages from a folder: no network is used."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

MAIN = "import json, os, sys; print(json.dumps({'arguments': sys.argv[1:], 'cwd': os.getcwd(), 'path': sys.path}))\n"
TOOLS = ("cat", "cksum", "mv", "readlink", "rm", "sh")


def make_wheel(folder: Path, name: str) -> str:
    """Make a wheel with one empty module; return its line for a lock file."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": "",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record += f"{file},sha256={digest},{len(text)}\n"
        archive.writestr(f"{info}/RECORD", f"{record}{info}/RECORD,,\n")
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


@dataclass(frozen=True, slots=True)
class Checkout:
    """A checkout with `idp`, two lock files and something to start."""

    root: Path

    @property
    def stamp(self) -> Path:
        return self.root / ".venv" / "idp-stamp"

    def has(self, package: str) -> bool:
        return any(self.root.glob(f".venv/lib/python*/site-packages/{package}.py"))

    def environment(self, **more: str) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "PYTHON", "IDP_"))}
        return {
            **clean,
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": (self.root / "wheels").as_uri(),
            "IDP_PYTHON": sys.executable,
            **more,
        }

    def start(self, *arguments: str, script: Path | None = None, cwd: Path | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(  # noqa: S603 - the script under test
            [script or self.root / "idp", *arguments],
            cwd=cwd or self.root,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
        )

    def run(
        self, *arguments: str, script: Path | None = None, cwd: Path | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - the script under test
            [script or self.root / "idp", *arguments],
            cwd=cwd or self.root,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )


def new_checkout(folder: Path, root: Path) -> Checkout:
    for name in ("bot", "tests/bench", "wheels"):
        (folder / name).mkdir(parents=True)
    shutil.copy2(root / "idp", folder / "idp")
    (folder / "bot" / "__init__.py").touch()
    for path in ("bot/__main__.py", "tests/run.py", "tests/bench/__main__.py"):
        (folder / path).write_text(MAIN, encoding="utf-8")
    needed, tested = make_wheel(folder / "wheels", "needed"), make_wheel(folder / "wheels", "tested")
    (folder / "requirements.txt").write_text(needed, encoding="utf-8")
    (folder / "requirements-dev.txt").write_text(needed + tested, encoding="utf-8")
    return Checkout(folder)


@pytest.fixture
def fresh(tmp_path: Path, root: Path) -> Checkout:
    """A checkout in which nothing was started yet."""
    return new_checkout(tmp_path / "fresh", root)


@pytest.fixture(scope="module")
def prepared_once(
    tmp_path_factory: pytest.TempPathFactory, root: Path
) -> tuple[Checkout, subprocess.CompletedProcess[str]]:
    checkout = new_checkout(tmp_path_factory.mktemp("prepared") / "a checkout", root)
    return checkout, checkout.run("demo", "--port", "8091", "two words")


@pytest.fixture
def prepared(prepared_once: tuple[Checkout, subprocess.CompletedProcess[str]], tmp_path: Path) -> Checkout:
    """A checkout of one's own that has been started before."""
    copy = tmp_path / "prepared"
    shutil.copytree(prepared_once[0].root, copy, symlinks=True)
    return Checkout(copy)


def told(result: subprocess.CompletedProcess[str]) -> dict[str, object]:
    assert result.returncode == 0, result.stderr
    return dict(json.loads(result.stdout))


def test_first_start(prepared_once: tuple[Checkout, subprocess.CompletedProcess[str]]) -> None:
    """The first start installs what the lock file says, says so, and hands all arguments over unchanged."""
    checkout, result = prepared_once
    assert told(result)["arguments"] == ["demo", "--port", "8091", "two words"]
    assert "preparing .venv" in result.stderr
    assert checkout.has("needed")
    assert not checkout.has("tested")


def test_later_starts_do_nothing(prepared: Checkout) -> None:
    """Later starts install nothing and say nothing: they work without the packages being there to be had."""
    shutil.rmtree(prepared.root / "wheels")
    before = prepared.stamp.stat().st_mtime_ns
    assert prepared.run("demo").stderr == ""
    assert prepared.stamp.stat().st_mtime_ns == before


def test_later_starts_are_fast(prepared: Checkout) -> None:
    """A later start costs less than 50 ms over what Python itself needs."""
    python = prepared.root / ".venv" / "bin" / "python"

    def fastest(command: Sequence[Path | str]) -> float:
        times = []
        for _ in range(10):
            started = time.perf_counter()
            subprocess.run(command, env=prepared.environment(), capture_output=True, check=True)  # noqa: S603 - ours
            times.append(time.perf_counter() - started)
        return min(times)

    bare = fastest([python, "-P", str(prepared.root / "bot" / "__main__.py")])
    assert fastest([prepared.root / "idp", "demo"]) - bare < 0.05


def test_from_anywhere(prepared: Checkout, tmp_path: Path) -> None:
    """It works from any folder, stays in it, and takes no module from it."""
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "bot").mkdir(parents=True)
    (elsewhere / "bot" / "__main__.py").write_text("raise SystemExit('the wrong one')", encoding="utf-8")
    answer = told(prepared.run("demo", script=prepared.root / "idp", cwd=elsewhere))
    assert answer["cwd"] == str(elsewhere.resolve())
    assert str(elsewhere) not in str(answer["path"])


def test_through_links(prepared: Checkout, tmp_path: Path) -> None:
    """It finds its checkout through links, relative ones too, and through a folder that is a link."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "first").symlink_to("../prepared/idp")
    (tmp_path / "bin" / "second").symlink_to(tmp_path / "bin" / "first")
    (tmp_path / "folder").symlink_to(prepared.root)
    for script in (tmp_path / "bin" / "second", tmp_path / "folder" / "idp"):
        assert told(prepared.run("demo", script=script, cwd=tmp_path))["arguments"] == ["demo"]


def test_by_path_lookup(prepared: Checkout, tmp_path: Path) -> None:
    """It can be started through PATH."""
    path = f"{prepared.root}:{os.environ['PATH']}"
    assert told(prepared.run("demo", script=Path("idp"), cwd=tmp_path, PATH=path))["arguments"] == ["demo"]


def test_ambient_python_settings_do_not_matter(prepared: Checkout, tmp_path: Path) -> None:
    """PYTHONPATH and PYTHONHOME of the environment do not reach the process."""
    answer = told(prepared.run("demo", PYTHONPATH=str(tmp_path / "x"), PYTHONHOME=str(tmp_path / "y")))
    assert str(tmp_path / "x") not in str(answer["path"])


def test_interrupted(fresh: Checkout) -> None:
    """Killed half-way, it leaves nothing that is taken for complete; the next start makes it whole."""
    process = fresh.start("demo")
    assert process.stderr
    assert "preparing .venv" in process.stderr.readline()
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert not fresh.stamp.exists()
    assert told(fresh.run("demo"))["arguments"] == ["demo"]
    assert fresh.has("needed")


def test_two_at_once(fresh: Checkout) -> None:
    """Of two that start at once, one prepares and the other waits for it; both start."""
    processes = [fresh.start("demo"), fresh.start("demo")]
    outputs = [process.communicate(timeout=100) for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    said = "".join(stderr for _, stderr in outputs)
    assert said.count("preparing .venv, once") == 1
    assert said.count("waiting for it") == 1


def test_waits_for_the_lock(prepared: Checkout) -> None:
    """While another prepares, it waits, and then does not prepare again what the other has made."""
    stamp = prepared.stamp.read_text(encoding="utf-8")
    prepared.stamp.unlink()
    with (prepared.root / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = prepared.start("demo")
        assert process.stderr
        assert "waiting for it" in process.stderr.readline()
        prepared.stamp.write_text(stamp, encoding="utf-8")
    stdout, stderr = process.communicate(timeout=100)
    assert json.loads(stdout)["arguments"] == ["demo"]
    assert stderr == ""


@pytest.mark.parametrize("change", ["lock file", "python"])
def test_changes_are_noticed(prepared: Checkout, change: str) -> None:
    """A changed lock file, or a Python that is not the one that .venv was made with, leads to a new .venv."""
    if change == "lock file":
        line = make_wheel(prepared.root / "wheels", "another")
        with (prepared.root / "requirements.txt").open("a", encoding="utf-8") as lock:
            lock.write(line)
    else:
        prepared.stamp.write_text(prepared.stamp.read_text(encoding="utf-8").replace("python 3", "python 2"))
    result = prepared.run("demo")
    assert told(result)["arguments"] == ["demo"]
    assert "preparing .venv" in result.stderr
    assert prepared.has("another") is (change == "lock file")


@pytest.mark.parametrize(("command", "module"), [("test", "run.py"), ("bench", "__main__.py")])
def test_what_tests_need_is_added(prepared: Checkout, command: str, module: str) -> None:
    """`test` and `bench` add what they need, once, to what is there, and get their arguments without the first."""
    result = prepared.run(command, "-k", "a b")
    assert told(result)["arguments"] == ["-k", "a b"]
    assert "installing what tests need" in result.stderr
    assert "preparing .venv" not in result.stderr
    assert prepared.has("tested")
    assert (prepared.root / "tests").rglob(module)
    assert prepared.run(command).stderr == ""
    assert prepared.run("demo").stderr == ""


def test_a_wrong_hash_is_refused(fresh: Checkout) -> None:
    """A package that does not have the hash of the lock file is not installed, and nothing starts."""
    lock = fresh.root / "requirements.txt"
    lock.write_text(lock.read_text(encoding="utf-8").partition("sha256:")[0] + f"sha256:{'0' * 64}\n", encoding="utf-8")
    result = fresh.run("demo")
    assert result.returncode == 1
    assert result.stdout == ""
    assert "could not install" in result.stderr
    assert not fresh.has("needed")
    assert not fresh.stamp.exists()


def path_with(folder: Path, python3: str | None) -> str:
    """Return a PATH with the few tools that the script needs, and this `python3`."""
    folder.mkdir()
    for tool in TOOLS:
        (folder / tool).symlink_to(shutil.which(tool) or tool)
    if python3:
        (folder / "python3").write_text(f"#!/bin/sh\n{python3}\n", encoding="utf-8")
        (folder / "python3").chmod(0o755)
    return str(folder)


OLD = 'case "$*" in --version) echo Python 3.9.2 ;; *) exit 1 ;; esac'
WITHOUT_VENV = f'case "$*" in *ensurepip*) exit 1 ;; *) exec {sys.executable} "$@" ;; esac'


@pytest.mark.parametrize(
    ("python3", "message"),
    [
        (None, "Python 3.11 or newer"),
        (OLD, "found: Python 3.9.2"),
        (WITHOUT_VENV, f"Python 3.{sys.version_info[1]} is here, but"),
    ],
    ids=["no Python", "old Python", "Python without venv"],
)
def test_an_unsuitable_python(fresh: Checkout, tmp_path: Path, python3: str | None, message: str) -> None:
    """Without a suitable Python it says what is missing and how to get it, and makes nothing."""
    result = fresh.run("demo", PATH=path_with(tmp_path / "bin", python3), IDP_PYTHON="")
    assert result.returncode == 1
    assert message in result.stderr
    if Path("/etc/debian_version").exists():
        assert "apt-get install python3" in result.stderr
    assert not (fresh.root / ".venv").exists()
