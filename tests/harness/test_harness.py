from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from blockbuster import BlockingError


def run_pytest(folder: Path, code: str, plugin: str, root: Path, **environment: str) -> str:
    """Run one test file in a pytest of its own, with one part of the harness, and return what it printed."""
    (folder / "test_inner.py").write_text(code, encoding="utf-8")
    clean = {name: value for name, value in os.environ.items() if name not in ("CI", "PYTEST_ADDOPTS")}
    result = subprocess.run(  # noqa: S603 - our own interpreter and a file that this test wrote
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", f"tests._harness.{plugin}", str(folder)],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(root), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return result.stdout + result.stderr


def test_a_skip_fails_in_ci(tmp_path: Path, root: Path) -> None:
    """In CI a test that is skipped for want of something installable fails, and says why it was skipped."""
    code = "import pytest\ndef test_it(): pytest.skip('needs chromium')\n"
    output = run_pytest(tmp_path, code, "skips", root, CI="1")
    assert "1 failed" in output
    assert "skipped in CI: needs chromium" in output


def test_an_allowed_skip_is_a_skip_in_ci(tmp_path: Path, root: Path) -> None:
    """In CI a test may be skipped for a real server, which nobody can install."""
    code = "import pytest\ndef test_it(): pytest.skip('needs a real server: set IDP_TEST_GITLAB_URL')\n"
    assert "1 skipped" in run_pytest(tmp_path, code, "skips", root, CI="1")


def test_missing_reference_data_fails_in_ci(tmp_path: Path, root: Path) -> None:
    """In CI a test that is skipped because the reference data is missing fails: CI has it."""
    code = "import pytest\ndef test_it(): pytest.skip('needs the reference data: set IDP_TEST_DATA')\n"
    assert "1 failed" in run_pytest(tmp_path, code, "skips", root, CI="1")


def test_a_skip_is_a_skip_elsewhere(tmp_path: Path, root: Path) -> None:
    """On a developer's machine a skip is a skip."""
    code = "import pytest\ndef test_it(): pytest.skip('needs chromium')\n"
    assert "1 skipped" in run_pytest(tmp_path, code, "skips", root)


def test_a_skipped_module_fails_in_ci(tmp_path: Path, root: Path) -> None:
    """In CI a whole file that is skipped while it is collected fails too."""
    code = "import pytest\npytest.importorskip('no_such_module')\ndef test_it(): pass\n"
    assert "1 error" in run_pytest(tmp_path, code, "skips", root, CI="1")


def test_an_expected_failure_is_no_skip(tmp_path: Path, root: Path) -> None:
    """A test that is expected to fail, and does, is not taken for a skip."""
    code = "import pytest\n@pytest.mark.xfail(strict=True)\ndef test_it(): assert False\n"
    assert "1 xfailed" in run_pytest(tmp_path, code, "skips", root, CI="1")


def test_leaving_the_machine_fails(tmp_path: Path, root: Path) -> None:
    """A test that connects to another machine fails, even where the code under test swallows the refusal."""
    code = (
        "import socket\n"
        "def test_it():\n"
        "    try: socket.create_connection(('192.0.2.1', 80), timeout=1)\n"
        "    except OSError: pass\n"
    )
    output = run_pytest(tmp_path, code, "network", root)
    assert "the test tried to reach 192.0.2.1" in output
    assert "1 error" in output


def test_resolving_a_name_fails(tmp_path: Path, root: Path) -> None:
    """A test does not even ask for the address of another machine."""
    code = "import socket\ndef test_it(): socket.getaddrinfo('example.com', 443)\n"
    assert "a test tried to reach example.com" in run_pytest(tmp_path, code, "network", root)


def test_a_named_real_server_may_be_reached(tmp_path: Path, root: Path) -> None:
    """A server that a conformance suite is pointed at by the environment may be reached."""
    code = (
        "import socket, pytest\n"
        "def test_it():\n"
        "    from tests._harness.network import is_local\n"
        "    assert is_local('192.0.2.7') and not is_local('192.0.2.8')\n"
    )
    output = run_pytest(tmp_path, code, "network", root, IDP_TEST_GITLAB_URL="http://192.0.2.7:8080/")
    assert "1 passed" in output


def test_loopback_is_open() -> None:
    """Servers on this machine are reached as usual."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


def _as_ours(source: str, root: Path) -> None:
    """Run a statement as if it stood in a file of the bot."""
    exec(compile(source, str(root / "bot" / "made_up.py"), "exec"), {})  # noqa: S102 - a constant of this test


async def test_our_code_may_not_block_the_loop(root: Path) -> None:
    """Code of ours that sleeps on the event loop fails the test."""
    with pytest.raises(BlockingError, match=r"time\.sleep"):
        _as_ours("import time; time.sleep(0)", root)


async def test_our_code_may_not_look_into_folders_on_the_loop(root: Path) -> None:
    """Code of ours that lists a folder on the event loop fails the test."""
    with pytest.raises(BlockingError):
        _as_ours("import os; os.listdir('/')", root)


async def test_our_code_may_import_on_first_use(root: Path) -> None:
    """A module may be imported on first use while the loop runs."""
    sys.modules.pop("ensurepip", None)
    _as_ours("import ensurepip", root)


async def test_threads_may_block(root: Path) -> None:
    """Code of ours may block in a thread."""
    await asyncio.to_thread(_as_ours, "import time; time.sleep(0)", root)
    assert threading.current_thread() is threading.main_thread()
