"""C code in silence, and the threads beside it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_THREADS = """
import os, sys, threading
from simonsays.sim.engines.native import pybullet, silenced

going, sent, before = True, 0, [os.fstat(fd).st_ino for fd in (1, 2)]

def tell():
    global sent
    while going:
        print("line", sent, flush=True)
        sent += 1

thread = threading.Thread(target=tell)
thread.start()
client = pybullet.connect(pybullet.DIRECT)
for _ in range(200):
    with silenced():
        pybullet.loadURDF(sys.argv[1], physicsClientId=client)
going = False
thread.join()
assert before == [os.fstat(fd).st_ino for fd in (1, 2)]
print("sent", sent)
"""


def test_what_python_prints_meanwhile_arrives_and_what_c_prints_does_not(tmp_path: Path) -> None:
    urdf = tmp_path / "a.urdf"
    urdf.write_text('<robot name="a"><link name="a"/></robot>')  # of whose inertia Bullet complains
    done = subprocess.run([sys.executable, "-c", _THREADS, str(urdf)], capture_output=True, text=True, timeout=120)
    *lines, last = done.stdout.split("\n")[:-1]
    assert (done.returncode, done.stderr) == (0, "")
    assert lines == [f"line {i}" for i in range(len(lines))] and last == f"sent {len(lines)}" and lines
