"""The live robot's server: who may use it, what it understands, what it does, how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from commands import MODULE, simon
from live_server import serving

from simonsays.assets import InputError
from simonsays.experiments.cli.tell.live import run
from simonsays.experiments.live import control
from simonsays.experiments.live import server as live_server
from simonsays.experiments.live.access import Access, Rate, is_loopback
from simonsays.experiments.live.protocol import read_request
from simonsays.experiments.live.server import LiveServer, Pace
from simonsays.sim.recording import Recording


def test_the_folder_of_recordings_is_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no scene 'nowhere'"):
        run(scene="nowhere", out=tmp_path / "new" / "folder")
    assert (tmp_path / "new" / "folder").is_dir()


def test_loopback_is_told_from_the_world() -> None:
    assert all(map(is_loopback, ("localhost", "127.0.0.1", "127.8.8.8", "::1")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "192.168.1.2", "example.org", "")))


def test_other_sites_and_rebound_names_are_refused() -> None:
    access = Access("127.0.0.1", None)
    assert access.refusal({"Host": "127.0.0.1:8765"}, "") is None
    assert access.refusal({"Host": "localhost:8765", "Origin": "http://localhost:8765"}, "") is None
    assert access.refusal({"Host": "evil.example:8765"}, "") is not None
    assert access.refusal({}, "") is not None
    for origin in ("http://evil.example", "null", "http://localhost:1", "http://[", "http://\u2100"):
        assert access.refusal({"Host": "localhost:8765", "Origin": origin}, "") is not None


def test_beyond_this_machine_a_token_is_needed() -> None:
    access = Access("0.0.0.0", "secret")
    headers = {"Host": "robot.local:8765"}
    assert access.refusal(headers, "secret") is None
    assert "token" in str(access.refusal(headers, ""))
    assert "token" in str(access.refusal(headers, "secreté"))
    assert access.refusal(headers, "", open_to_all=True) is None


@pytest.mark.parametrize(
    "message",
    ["", "{", "[]", "7", "null", '{"do": "fly"}', '{"do": ["say"]}', '{"do": "say"}', "[" * 100_000,
     '{"do": "say", "text": 5, "now": true, "id": 1}', '{"do": "say", "text": "x", "now": 1, "id": 1}',
     '{"do": "come", "x": 1e9, "y": 0, "id": 1}', '{"do": "drive", "forward": 1.5, "left": 0, "turn": 0}',
     '{"do": "viewer", "x": NaN, "y": 0}', '{"do": "put", "thing": 3, "x": 0, "y": 0}', '{"do": "loop"}',
     '{"do": "speed", "value": 0}', '{"do": "speed", "value": NaN}', '{"do": "push", "direction": "up"}'],
)  # fmt: skip
def test_junk_is_told_from_requests(message: str) -> None:
    with pytest.raises(InputError):
        read_request(message)


def test_pace_keeps_time_and_gives_up_what_it_missed() -> None:
    pace = Pace(0.02)
    pace.restart(10.0)
    assert pace.wait(10.005, 0.02, 1.0) == pytest.approx(0.015)
    assert pace.wait(10.03, 0.04, 1.0) == pytest.approx(0.01)
    assert pace.wait(10.10, 0.06, 1.0) == 0.0  # late: the next one at once
    assert pace.wait(12.0, 0.08, 1.0) == 0.0  # far too late: no burst after it
    assert pace.wait(12.001, 0.10, 1.0) == pytest.approx(0.019)
    assert pace.wait(12.02, 0.12, 0.5) == pytest.approx(0.04)
    assert pace.factor == pytest.approx((0.12 - 0.02) / (12.02 - 10.03), rel=0.3)


def test_a_page_may_send_so_much_and_more_after_silence() -> None:
    rate = Rate(10.0, 3.0)
    assert [rate.allows(0.0) for _ in range(4)] == [True, True, True, False]
    assert [rate.allows(0.1), rate.allows(0.1), rate.allows(5.0)] == [True, False, True]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with serving(tmp_path_factory.mktemp("live")) as served:
        yield served


_NEVER = 300.0  # s: a server that is silent for so long hangs


async def answer_to(socket: aiohttp.ClientWebSocketResponse, kind: str, **wanted: Any) -> dict[str, Any]:
    """The next message of a kind with these values: among the next so many, however long a loaded machine takes."""
    for _ in range(20_000):
        message = await asyncio.wait_for(socket.receive(), _NEVER)
        assert message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY), message
        if message.type == aiohttp.WSMsgType.TEXT:
            data: dict[str, Any] = json.loads(message.data)
            if data["kind"] == kind and all(data[name] == value for name, value in wanted.items()):
                return data
    raise AssertionError(f"no message {kind} {wanted}")


def test_junk_on_the_socket_never_ends_the_server(server: LiveServer) -> None:
    async def talk() -> None:
        rng = random.Random(3)
        async with aiohttp.ClientSession() as http, http.ws_connect(server.url + "socket") as socket:
            for _ in range(50):
                await socket.send_bytes(rng.randbytes(40))
                await socket.send_str("".join(chr(rng.randrange(32, 1000)) for _ in range(40)))
            await answer_to(socket, "error")
        async with aiohttp.ClientSession() as http, http.ws_connect(server.url + "socket", max_msg_size=0) as socket:
            await socket.send_str("x" * 2_000_000)  # cut off
            while not socket.closed:
                await asyncio.wait_for(socket.receive(), 20.0)
        async with aiohttp.ClientSession() as http, http.ws_connect(server.url + "socket") as socket:
            await socket.send_str(json.dumps({"do": "say", "text": "走" * 10_000, "now": False, "id": 3}))
            answer = await answer_to(socket, "answer")
            assert answer["id"] == 3 and not answer["accepted"] and "10,000" in answer["refusal"]["message"]

    asyncio.run(talk())


def test_many_pages_at_once_are_greeted_one_after_another(server: LiveServer) -> None:
    async def page(http: aiohttp.ClientSession) -> float:
        async with http.ws_connect(server.url + "socket") as socket:
            await answer_to(socket, "hello")
            return time.monotonic()

    async def crowd() -> list[float]:
        async with aiohttp.ClientSession() as http:
            return list(await asyncio.gather(*(page(http) for _ in range(20))))

    greeted = asyncio.run(crowd())
    assert max(greeted) - min(greeted) > 0.4


def test_connections_that_never_end_asking_are_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_server, "_PATIENCE", 0.5)

    async def ended(port: int, sent: bytes) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(1), 20.0) == b""
        writer.close()

    async def knock(port: int) -> None:
        begun = (b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        await asyncio.gather(*(ended(port, sent) for sent in begun * 10))

    with serving(tmp_path) as served:
        asyncio.run(knock(int(served.url.rstrip("/").rpartition(":")[2])))


def _page(served: LiveServer) -> socket.socket:
    """A page that has asked for the socket, and takes as little as can be."""
    page = socket.socket()
    page.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    page.connect(("127.0.0.1", int(served.url.rstrip("/").rpartition(":")[2])))
    asked = "GET /socket HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    page.sendall(f"{asked}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {'a' * 22}==\r\n\r\n".encode())
    return page


def _frame(kind: int, text: bytes = b"") -> bytes:
    return bytes([0x80 | kind, 0x80 | len(text)]) + bytes(4) + text  # masked with zeros


def test_pages_that_never_read_are_cut_off_and_hold_up_no_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_server, "_MOST_WAITING", 20)
    with contextlib.ExitStack() as pages, serving(tmp_path) as served:
        for _ in range(20):
            gone = _page(served)
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            gone.close()
        for _ in range(4):
            pages.enter_context(_page(served))
        talker = pages.enter_context(_page(served))
        began = time.monotonic()
        with pytest.raises(ConnectionError):
            while time.monotonic() - began < _NEVER:
                talker.sendall(_frame(1, b'{"do":"reset"}') + _frame(10))
                time.sleep(0.1)
        asyncio.run(_greeted(served.url))
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def _greeted(url: str) -> None:
    async with aiohttp.ClientSession() as http, http.ws_connect(url + "socket") as page:
        await answer_to(page, "hello")


def test_strangers_are_turned_away(server: LiveServer) -> None:
    async def knock() -> None:
        async with aiohttp.ClientSession() as http:
            async with http.get(server.url, headers={"Host": "evil.example"}) as reply:
                assert reply.status == 403
            for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}):
                with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
                    await http.ws_connect(server.url + "socket", headers=headers)
            long = "x" * 300
            names = ["web/..%2Frobots%2Fg1%2Fg1.urdf", "web/SOURCE.md", "recordings/..%2Fx.npz", f"recordings/{long}"]
            for name in (*names, f"web/{long}.js", f"web/fonts/{long}.otf", "web/%00.js", "web/fonts/live.js"):
                async with http.get(server.url + name) as reply:
                    assert reply.status == 404, name

    asyncio.run(knock())


def test_pause_speed_scene_and_recording(server: LiveServer) -> None:
    async def control() -> None:
        async with aiohttp.ClientSession() as http, http.ws_connect(server.url + "socket") as socket:

            async def do(action: str, **values: Any) -> None:
                await socket.send_str(json.dumps({"do": action, **values}))

            await do("record", on=True)
            while not (await answer_to(socket, "state"))[
                "recording"
            ]:  # the page itself comes first, which takes its time
                pass
            await do("scene", name="two_balls")
            assert len((await answer_to(socket, "scene"))["model"]["props"]) == 3
            note = await answer_to(socket, "note")  # a scene's change ends the recording
            async with http.get(f"{server.url}recordings/{note['file']}") as reply:
                assert reply.status == 200 and len(await reply.read()) > 1000
            await do("speed", value=2)
            await answer_to(socket, "state", speed=2.0)
            await do("pause", on=True)
            await answer_to(socket, "state", paused=True)
            stopped = server.session.time
            await asyncio.sleep(0.2)
            assert server.session.time == stopped
            await do("pause", on=False)
            await do("speed", value=1)
            await do("scene", name="nowhere")
            assert "playground" in (await answer_to(socket, "error"))["message"]
            await do("scene", name="playground")
            await answer_to(socket, "scene")

    asyncio.run(control())


def test_hands_reach_the_robot_through_the_socket(server: LiveServer, tmp_path: Path) -> None:
    async def hands() -> None:
        async with aiohttp.ClientSession() as http, http.ws_connect(server.url + "socket") as socket:
            hello = await answer_to(socket, "hello")
            assert hello["address"] == "" and {"examples", "performances", "model"} <= set(hello)

            async def ask(do: str, **fields: Any) -> None:
                await socket.send_str(json.dumps({"do": do, **fields}))

            await ask("put", thing="red ball", x=1.0, y=1.0)
            await ask("visit", thing="red ball", id=1)
            assert (await answer_to(socket, "answer", id=1))["job"]["text"] == "go to the red ball"
            await ask("come", x=0.5, y=0.5, id=2)
            assert (await answer_to(socket, "answer", id=2))["accepted"]
            assert (await answer_to(socket, "state"))["viewer"] == [0.5, 0.5]
            await ask("drive", forward=0.0, left=0.0, turn=1.0)
            while (jobs := (await answer_to(socket, "state"))["jobs"])[-1]["text"] != "steered by hand":
                pass
            assert jobs[-2]["status"] == "stopped"
            await ask("perform", name="guard", id=3)
            assert (await answer_to(socket, "answer", id=3))["accepted"]
            outside = tmp_path / "own.toml"  # a page must not have a file of the machine read
            outside.write_text('[[sentences]]\nsay = "wave"\n', encoding="utf-8")
            for request in ({"do": "perform", "name": str(outside), "id": 4}, {"do": "visit", "thing": "moon", "id": 5},
                            {"do": "film", "file": "../live-001.npz", "as": "mp4"}):  # fmt: skip
                await socket.send_str(json.dumps(request))
                assert "field" in (await answer_to(socket, "error"))["message"]
            await ask("stop")

    asyncio.run(hands())


def test_no_hand_of_another_site_or_without_the_token_reaches_the_robot(tmp_path: Path) -> None:
    async def reach(url: str) -> None:
        base, token = url.split("?token=")
        async with aiohttp.ClientSession() as http:
            for address, headers in (("socket", {}), (f"socket?token={token}", {"Origin": "http://evil.example"})):
                with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                    await http.ws_connect(base + address, headers=headers)
                assert refused.value.status == 403
            async with http.ws_connect(f"{base}socket?token={token}") as socket:
                assert (await answer_to(socket, "hello"))["address"].endswith(f"?token={token}")
                for _ in range(2 * int(live_server._BURST)):
                    await socket.send_str('{"do": "drive", "forward": 0, "left": 0, "turn": 0}')
                assert "too many" in (await answer_to(socket, "error"))["message"]

    with serving(tmp_path, host="0.0.0.0") as server:
        asyncio.run(reach(server.url))


@pytest.mark.slow
def test_films_are_drawn_beside_the_robot_and_a_failure_is_told(tmp_path: Path) -> None:
    async def film(url: str) -> None:
        async with aiohttp.ClientSession() as http, http.ws_connect(url + "socket") as socket:

            async def ask(do: str, **fields: Any) -> None:
                await socket.send_str(json.dumps({"do": do, **fields}))

            await ask("record", on=True)
            while ((await answer_to(socket, "state"))["recording"] or 0) < 1.0:
                pass
            await ask("record", on=False)
            assert (await answer_to(socket, "note"))["file"] == "live-001.npz"
            for kind in ("mp4", "html"):
                await ask("film", **{"file": "live-001.npz", "as": kind})
            await ask("film", **{"file": "live-001.npz", "as": "mp4"})
            assert "already" in (await answer_to(socket, "error"))["message"]
            for kind in ("mp4", "html"):
                assert (await answer_to(socket, "note"))["file"] == f"live-001.{kind}"
                async with http.get(f"{url}recordings/live-001.{kind}") as reply:
                    assert reply.status == 200 and len(await reply.read()) > 5000
            (tmp_path / "live-001.npz").write_bytes(b"junk")
            await ask("film", **{"file": "live-001.npz", "as": "gif"})
            assert "live-001.gif could not be made" in (await answer_to(socket, "error"))["message"]

    with serving(tmp_path) as server:
        asyncio.run(film(server.url))


def test_a_server_for_others_asks_for_its_token(tmp_path: Path) -> None:
    async def knock(url: str) -> None:
        base, token = url.split("?token=")
        assert len(token) >= 24
        async with aiohttp.ClientSession() as http:
            for address, status in ((base, 403), (base + "?token=wrong", 403), (url, 200)):
                async with http.get(address) as reply:
                    assert reply.status == status
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await http.ws_connect(base + "socket")
            async with http.ws_connect(f"{base}socket?token={token}") as socket:
                verbs = [skill["verb"] for skill in (await answer_to(socket, "hello"))["skills"]]
                assert "walk" in verbs and "nod" not in verbs  # this robot has no neck

    with serving(tmp_path, host="0.0.0.0") as server:
        asyncio.run(knock(server.url))


def started(out: Path) -> tuple[subprocess.Popen[str], str]:
    """The command itself, and the address that it tells."""
    command = [*MODULE, "live", "--port", "0", "--json", "--out", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "{\n"
    return process, process.stdout.readline().split('"')[3]


def test_ctrl_c_ends_the_command_and_saves_nothing_unasked(tmp_path: Path) -> None:
    process, url = started(tmp_path)
    assert url.startswith("http://127.0.0.1:")
    process.send_signal(signal.SIGINT)
    _, complaints = process.communicate(timeout=20)
    assert process.returncode == 130 and "Traceback" not in complaints
    assert list(tmp_path.iterdir()) == []


def test_a_recording_is_kept_where_its_folder_has_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "elsewhere"))
    monkeypatch.setattr(control, "LONGEST_RECORDING", 0.5)
    for name in ("out", "elsewhere"):
        (tmp_path / name).mkdir()

    async def record(url: str) -> None:
        async with aiohttp.ClientSession() as http, http.ws_connect(url + "socket") as socket:
            await socket.send_str(json.dumps({"do": "record", "on": True}))
            first = await answer_to(socket, "note")  # long ones are written, and go on in the next
            assert (
                first["message"] == "wrote live-001.npz" and len(Recording.load(tmp_path / "out" / first["file"])) > 20
            )
            shutil.rmtree(tmp_path / "out")
            note = await answer_to(socket, "note")
            while "elsewhere" not in note["message"]:  # one more may have been written before
                note = await answer_to(socket, "note")
            assert "out does not exist" in note["message"]
            async with http.get(f"{url}recordings/{note['file']}") as reply:
                assert reply.status == 200
            await socket.send_str(json.dumps({"do": "say", "text": "wave \ud800", "now": False, "id": 1}))
            assert "half a character" in (await answer_to(socket, "error"))["message"]

    with serving(tmp_path / "out") as server:
        asyncio.run(record(server.url))
    kept = sorted((tmp_path / "elsewhere").glob("*/live-*.npz"))
    assert kept and len({file.name for file in kept}) == len(kept)


def test_a_terminal_that_is_closed_ends_it_with_its_recording(tmp_path: Path) -> None:
    process, url = started(tmp_path)

    async def record() -> None:
        async with aiohttp.ClientSession() as http, http.ws_connect(url + "socket") as socket:
            await socket.send_str(json.dumps({"do": "record", "on": True}))
            while ((await answer_to(socket, "state"))["recording"] or 0) < 0.3:
                pass

    asyncio.run(record())
    process.send_signal(signal.SIGHUP)
    _, complaints = process.communicate(timeout=60)
    assert process.returncode == 129 and "Traceback" not in complaints
    assert len(Recording.load(tmp_path / "live-001.npz")) > 10


@pytest.mark.slow
def test_a_recording_outlives_its_killed_program(tmp_path: Path) -> None:
    process, url = started(tmp_path)

    async def record() -> None:
        async with aiohttp.ClientSession() as http, http.ws_connect(url + "socket") as socket:
            await socket.send_str(json.dumps({"do": "record", "on": True}))
            while not list(tmp_path.glob(".recording-*/0*.npz")):
                await answer_to(socket, "state")

    asyncio.run(record())
    process.kill()
    process.communicate()
    process, _ = started(tmp_path)
    process.send_signal(signal.SIGINT)
    _, complaints = process.communicate(timeout=_NEVER)
    assert "recovered" in complaints and process.returncode == 130
    assert Recording.load(tmp_path / "live-001.npz").time[-1] > control.PART - 1.0
    assert [file.name for file in tmp_path.iterdir()] == ["live-001.npz"]


def test_bad_arguments_are_refused() -> None:
    for arguments, words in ((["--scene", "playgrond"], "playground"), (["--out", __file__], "cannot be made")):
        done = simon("live", *arguments, cwd=Path())
        assert done.returncode == 2 and words in done.stderr
