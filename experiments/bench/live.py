"""``simon bench live``: does the live robot keep real time on one core, and how fast does it answer?"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import aiohttp
import numpy as np

from simonsays.experiments.live.offers import in_every_language

SAID = (
    "walk to the red ball and wave",
    "stop",
    "turn around slowly",
    "wlak forwrad two metres then jmup",
    "fly to the moon",
    "go to the green elephant",
    "walk to the blue box, then turn left, then raise both arms and crouch for two seconds",
    "x" * 10_000,
)
_PAUSE = 0.4  # s between instructions
_START = 60.0  # s, at most, for the server to begin


def bench_live(
    seconds: float = 30.0, progress: Callable[[int, int], None] | None = None, engine: str = "bullet"
) -> dict[str, Any]:
    """Serve a session in a process on one core, with a client that takes every pose and says something all the time.

    Returns:
        ``factor`` (simulated over real time), ``answer_ms`` (median, maximum, count), ``poses_per_second``, ``core``.

    Raises:
        RuntimeError: the server did not begin.
    """
    # The last core that this process may use; None where a system does not tell.
    core = max(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    command = [sys.executable, "-m", "simonsays.experiments.cli", "live", "--port", "0", "--json"]
    command += ["--engine", engine]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        if core is not None:
            os.sched_setaffinity(server.pid, {core})
        figures = asyncio.run(_measure(_address(server), seconds, progress))
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(10.0)
        except subprocess.TimeoutExpired:
            server.kill()
    return {"engine": engine, "seconds": seconds, "core": core, **figures}


def _address(server: subprocess.Popen[str]) -> str:
    """What the server prints first."""
    assert server.stdout is not None
    text, deadline = "", time.monotonic() + _START
    for line in server.stdout:
        text += line
        if line.rstrip() == "}" or time.monotonic() > deadline:
            break
    try:
        return str(json.loads(text)["url"])
    except (ValueError, KeyError) as error:
        raise RuntimeError(f"the live server did not begin: {text!r}") from error


async def _measure(url: str, seconds: float, progress: Callable[[int, int], None] | None) -> dict[str, Any]:
    poses: list[tuple[float, float]] = []
    asked: dict[int, float] = {}
    answers: list[float] = []
    async with aiohttp.ClientSession() as http, http.ws_connect(url + "socket", max_msg_size=0) as socket:
        talking = asyncio.create_task(_talk(socket, asked))
        began = time.perf_counter()
        try:
            async for message in socket:
                now = time.perf_counter()
                if message.type == aiohttp.WSMsgType.BINARY:
                    poses.append((now, float(np.frombuffer(message.data[:4], "<f4")[0])))
                    if progress is not None:
                        progress(round(10 * (now - began)), round(10 * seconds))
                elif (data := json.loads(message.data))["kind"] == "answer":
                    answers.append(1000 * (now - asked[data["id"]]))
                if now - began > seconds:
                    break
        finally:
            talking.cancel()
    (first, start), (last, end) = poses[0], poses[-1]
    return {
        "factor": (end - start) / (last - first),
        "answer_ms": {"median": float(np.median(answers)), "max": max(answers), "count": len(answers)},
        "poses_per_second": len(poses) / (last - first),
    }


async def _talk(socket: aiohttp.ClientWebSocketResponse, asked: dict[int, float]) -> None:
    number = 0
    said = [*SAID, *in_every_language(SAID[0])[1:]]
    while True:
        await asyncio.sleep(_PAUSE)
        text = said[number % len(said)]
        asked[number] = time.perf_counter()
        await socket.send_str(json.dumps({"do": "say", "text": text, "now": True, "id": number}))
        number += 1
