"""What of a session outlives a program that is killed: its scene, what was said, what waits, what was recorded."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import IO, Any

from simonsays.assets import InputError
from simonsays.assets.files import write_atomically
from simonsays.assets.reading import read_table
from simonsays.sim.parts import held

_PLACE, _FILE = ".live", "session.json"


class Memory:
    """One small file in a hidden folder beside the recordings; a program that ends as it should leaves none.

    As long as a program lives it holds the folder: another with the same one keeps nothing.
    """

    def __init__(self, folder: Path) -> None:
        self._place = folder / _PLACE
        self._lock: IO[bytes] | None = None
        self._kept = ""
        self.why = ""
        """why nothing is kept, if so"""
        self.told = False
        """somebody was told why"""

    def left(self) -> dict[str, Any] | None:
        """What a program that was killed left here, once.

        Raises:
            InputError: it cannot be read; it is removed, so that the next program is not told again.
        """
        if not (self._place / _FILE).is_file() or not self._hold():
            return None
        try:
            return read_table(self._place / _FILE)
        except InputError:
            self.forget()
            raise

    def keep(self, data: dict[str, Any]) -> None:
        """Write this, if it is not what was written last."""
        text = json.dumps(data, ensure_ascii=False)
        if text == self._kept or self.why:
            return
        try:
            self._place.mkdir(exist_ok=True)
            if not self._hold():
                self.why = f"another program holds {self._place}"
                return
            write_atomically(self._place / _FILE, text)
        except (InputError, OSError) as error:
            self.why = str(error)
            return
        self._kept = text

    def forget(self) -> None:
        """Nothing is to be kept: the program ends as it should."""
        if self._lock is not None:
            shutil.rmtree(self._place, ignore_errors=True)
            self._lock.close()
            self._lock = None

    def _hold(self) -> bool:
        self._lock = self._lock or held(self._place)
        return self._lock is not None
