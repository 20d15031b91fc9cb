"""The pictures of the README: the first screen of a report, from a fresh run, in both languages.

``python -m benchmarks.picture`` writes them to ``docs/pictures/``; it needs Chromium and the extra ``test``.
"""

import io
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from laichau_analysis.dataset import LANGUAGES
from laichau_analysis.runner.printing import browser

REPORT = "budget"
FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
SCREEN = {"width": 1000, "height": 640}
SHARPNESS = 2
COLOURS = 64


def main() -> None:
    """Run the report, look at it, and keep what is seen in few colours."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        command = [sys.executable, "-m", "laichau_analysis", "run", REPORT, "--output", place]
        subprocess.run(command, check=True)
        # Chromium's sandbox needs what containers lack; the page is our own and has no script.
        chromium = playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        for language in LANGUAGES:
            page = chromium.new_page(viewport=SCREEN, device_scale_factor=SHARPNESS)
            page.goto((Path(place) / language / f"{REPORT}.html").as_uri())
            seen = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            few = seen.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
            few.save(FOLDER / f"{REPORT}.{language}.png", optimize=True)


if __name__ == "__main__":
    main()
