"""Scripts that start processes while they are imported, which those processes do, too."""

from __future__ import annotations

import sys
from pathlib import Path

__all__ = ["unguarded"]


def unguarded() -> str:
    """Why a process that this program started has ended at once, where its script has no guard; else empty."""
    main = sys.modules.get("__main__")
    file = getattr(main, "__file__", None)
    if file is None or getattr(main, "__spec__", None) is not None:  # typed in, or `python -m`
        return ""
    try:
        source = Path(file).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    if "__name__" in source:
        return ""
    return f'as every process runs {file} anew: put what it does under `if __name__ == "__main__":`, or ask for one job'
