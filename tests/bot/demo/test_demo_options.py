"""The demo's options, refused before anything is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.__main__ import main


@pytest.mark.parametrize("count", ["0", "-1", "20001"])
def test_an_organisation_has_a_size(
    count: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A number of services out of range is refused with the range, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    assert _status("demo", f"--services={count}", "--data", "here") == 2
    assert "20000" in capsys.readouterr().err.replace(",", "").replace("_", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wrong", [["--services", "many"], ["--port", "http"], ["--nonsense"]])
def test_an_option_that_cannot_be_read_is_wrong_use(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What is no number, or no option, is told with the usage and status 2."""
    assert _status("demo", *wrong) == 2
    assert capsys.readouterr().err


def _status(*arguments: str) -> int | str | None:
    """Return the status with which the process would end."""
    try:
        return main(arguments)
    except SystemExit as end:
        return end.code
