"""Where the store keeps its data, and how much room it insists on. The audit key is no setting of the store: it is
handed over by the process, so that it never lies beside the data that it protects.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class StoreSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    data_dir: Path = Field(Path(".data"), description="Folder of the database; one process at a time uses it")
    reserve_mib: int = Field(
        64, ge=0, description="Free disk space, in MiB, below which no change is accepted; 0 is no reserve"
    )
    anchor: Path | None = Field(
        None,
        description="File that the heads of the audit chain are appended to, by default beside the data folder. Put it "
        "on storage that the bot's operators cannot rewrite",
    )

    @property
    def database(self) -> Path:
        """The database file."""
        return self.data_dir / "idp.sqlite"

    @property
    def anchor_file(self) -> Path:
        """The anchor file: the one that is set, or `<data_dir>.anchors`, outside the folder that a backup restores."""
        folder = self.data_dir.absolute()
        return self.anchor or folder.with_name(f"{folder.name}.anchors")
