"""The README's pictures: which there are, and how a window becomes one small enough to be kept in the repository.

Chromium itself encodes them, so that nothing else has to be installed.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from playwright.async_api import Page

FOLDER = Path("docs/screenshots")
MOST_BYTES = 150_000
WIDTH, HEIGHT = 1200, 800
QUALITY = 0.9
PICTURES: Mapping[str, str] = MappingProxyType(
    {
        "service-card": "A service's card: owner, repository, release, pipeline, and what runs where",
        "plan": "The plan of a change, with Confirm and Cancel",
        "feedback-form": "The feedback form, made from the command's definition",
        "app-home": "The home tab: what waits for me, my services and the commands that I may use",
    }
)
_ENCODE = """async ([picture, quality]) => {
  const image = new Image();
  image.src = `data:image/png;base64,${picture}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.width, image.height];
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL("image/webp", quality);
}"""


def path_of(name: str) -> Path:
    """Return where the picture is, from the checkout."""
    return FOLDER / f"{name}.webp"


async def taken(page: Page) -> bytes:
    """Return what the window shows as WebP. The encoding needs a page without a content security policy."""
    shot = base64.b64encode(await page.screenshot()).decode()
    blank = await page.context.new_page()
    encoded: str = await blank.evaluate(_ENCODE, [shot, QUALITY])
    await blank.close()
    return base64.b64decode(encoded.partition(",")[2])
