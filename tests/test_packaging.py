"""The image cannot be built here (no container engine), so the Dockerfile is read and what it says is tried out."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class Instruction:
    name: str
    arguments: str

    @property
    def flags(self) -> list[str]:
        return re.findall(r"(?:^|(?<= ))--\S+", self.arguments.partition("[")[0])

    @property
    def words(self) -> list[str]:
        return [word for word in self.arguments.split() if not word.startswith("--")]

    @property
    def command(self) -> list[str]:
        """The exec form. Raises ValueError for the shell form, which needs a shell."""
        return [str(word) for word in json.loads(self.arguments[self.arguments.index("[") :])]


def parse(text: str) -> list[list[Instruction]]:
    """Return the instructions of each stage; what stands before the first FROM is stage 0."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    stages: list[list[Instruction]] = [[]]
    for line in joined.splitlines():
        name, _, arguments = line.partition(" ")
        if name == "FROM":
            stages.append([])
        stages[-1].append(Instruction(name, arguments.strip()))
    return stages


@pytest.fixture(scope="module")
def stages(root: Path) -> list[list[Instruction]]:
    return parse((root / "Dockerfile").read_text(encoding="utf-8"))


def only(stage: list[Instruction], name: str) -> Instruction:
    (found,) = [instruction for instruction in stage if instruction.name == name]
    return found


def environment(stage: list[Instruction]) -> dict[str, str]:
    return dict(pair.split("=", 1) for i in stage if i.name == "ENV" for pair in i.arguments.split())


def test_two_stages(stages: list[list[Instruction]]) -> None:
    """What builds stays behind: the image has a build stage, and a final one on the same slim Python."""
    build, final = only(stages[1], "FROM").words, only(stages[2], "FROM").words
    assert len(stages) == 3
    assert build == ["python:${PYTHON}-slim", "AS", "build"]
    assert final == ["python:${PYTHON}-slim"]


def test_python_is_new_enough(root: Path, stages: list[list[Instruction]]) -> None:
    """The image's Python satisfies what the project requires."""
    version = only(stages[0], "ARG").arguments.removeprefix("PYTHON=")
    required = re.search(r'requires-python = ">=([\d.]+)"', (root / "pyproject.toml").read_text(encoding="utf-8"))
    assert required
    assert tuple(map(int, version.split("."))) >= tuple(map(int, required.group(1).split(".")))


def test_packages_are_verified(stages: list[list[Instruction]]) -> None:
    """Packages are installed from wheels only, each with its hash from the lock file."""
    (install,) = [i.command for i in stages[1] if i.name == "RUN" and "pip" in i.command]
    assert "--require-hashes" in install
    assert install[install.index("--only-binary") + 1] == ":all:"
    assert install[install.index("-r") + 1] == "requirements.txt"


def test_no_root(stages: list[list[Instruction]]) -> None:
    """The process runs under a numeric user that is not root, and owns its data folder."""
    user = only(stages[2], "USER").arguments
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    (data,) = [i for i in stages[2] if i.name == "COPY" and i.words[-1] == "/data"]
    assert f"--chown={user}" in data.flags


def test_no_shell(stages: list[list[Instruction]]) -> None:
    """Nothing in the image needs a shell: every command is in exec form."""
    for stage in stages:
        for instruction in stage:
            if instruction.name in ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK", "VOLUME"):
                assert instruction.command


def test_final_stage_runs_nothing(stages: list[list[Instruction]]) -> None:
    """The final stage is made of copies alone, so that nothing but what was copied is added to Python's own image."""
    assert "RUN" not in {instruction.name for instruction in stages[2]}


def test_read_only_root(stages: list[list[Instruction]]) -> None:
    """With a read-only root everything that is written is under the volume or /tmp, and no bytecode is."""
    values = environment(stages[2])
    (volume,) = only(stages[2], "VOLUME").command
    assert values["IDP_STORE__DATA_DIR"].startswith(f"{volume}/")
    assert values["HOME"] == "/tmp"  # noqa: S108 - inside the image, where it is a tmpfs of its own
    assert values["PYTHONDONTWRITEBYTECODE"] == "1"


def test_settings_exist(root: Path, stages: list[list[Instruction]]) -> None:
    """Every setting that the image makes is one that the process knows."""
    names = {name for name in environment(stages[2]) if name.startswith("IDP_")} - {"IDP_CONFIG"}
    code = (
        "import sys; from bot.settings import Settings\n"
        "for name in sys.argv[1:]:\n"
        "    model = Settings\n"
        "    for part in name.removeprefix('IDP_').lower().split('__'):\n"
        "        model = model.model_fields[part].annotation\n"
    )
    subprocess.run([sys.executable, "-c", code, *names], cwd=root, check=True, timeout=60)  # noqa: S603 - constants


def test_starts_the_process(stages: list[list[Instruction]]) -> None:
    """The image serves unless told otherwise, and takes the other subcommands as arguments."""
    assert only(stages[2], "ENTRYPOINT").command[1:] == ["-m", "bot"]
    assert only(stages[2], "CMD").command == ["serve"]


def test_sources_are_in_the_context(root: Path, stages: list[list[Instruction]]) -> None:
    """What is copied from the checkout exists there and is let through by .dockerignore, and nothing else is."""
    copied = {word for i in stages[1] if i.name == "COPY" for word in i.words[:-1]}
    lines = (root / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert {rule.removeprefix("!") for rule in rules if rule.startswith("!")} == copied
    assert all((root / name).exists() for name in copied)


@contextmanager
def answering(status: int) -> Iterator[tuple[int, list[str]]]:
    """A server on this machine that answers everything with this status; yields its port and the paths it was asked."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Write nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_address[1], paths
        server.shutdown()
        thread.join()


def health_check(stages: list[list[Instruction]], port: int) -> int:
    command = only(stages[2], "HEALTHCHECK").command
    # A proxy of the environment must not be asked for this machine's own port.
    environment = {**os.environ, "IDP_HTTP__PORT": str(port), "http_proxy": "http://127.0.0.1:9"}
    done = subprocess.run(  # noqa: S603 - the image's own command, with this interpreter
        [sys.executable, *command[1:]], env=environment, capture_output=True, check=False, timeout=30
    )
    return done.returncode


@pytest.mark.parametrize(("status", "exit_status"), [(200, 0), (503, 1)])
def test_health_check(stages: list[list[Instruction]], status: int, exit_status: int) -> None:
    """The image's health check asks /livez on the port that is set, and fails where the answer is not good."""
    with answering(status) as (port, paths):
        assert health_check(stages, port) == exit_status
    assert paths == ["/livez"]


def test_health_check_without_server(stages: list[list[Instruction]]) -> None:
    """The image's health check fails where nobody answers."""
    with answering(200) as (port, _):
        pass
    assert health_check(stages, port) == 1
