"""Recordings, phones, other devices, and a server that freezes or is killed, on the live page in Bullet."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest
from browser import until
from live_visitor import Visitor, serve

pytestmark = pytest.mark.slow
ENGINE = "bullet"
_TOLD_APART = """(font) => document.fonts.ready.then(() => document.fonts.load("40px " + font, "走跑")).then(() => {
  const drawn = (letter) => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 60;
    const pen = canvas.getContext("2d");
    pen.font = "40px " + font;
    pen.fillText(letter, 5, 45);
    return canvas.toDataURL();
  };
  return drawn("走") !== drawn("跑");
})"""


def loaded(t: Visitor, selector: str) -> Path:
    with t.page.expect_download() as download:
        t.page.click(selector)
    return Path(download.value.path())


def test_it_opens_with_the_robot_and_the_things(t: Visitor) -> None:
    box = t.page.locator("#view").bounding_box()
    assert box
    time.sleep(1.0)
    places = [t.on_screen(*pose[:3]) for pose in t.ev("document.live.latest.props")]
    seen = [box["x"] < x < box["x"] + box["width"] and box["y"] < y < box["y"] + box["height"] for x, y in places]
    assert sum(seen) >= 3


def test_a_recording_becomes_a_film_a_gif_and_a_page(t: Visitor) -> None:
    t.page.click("#record")
    t.til("document.live.state.recording !== null")
    t.type("wave once")
    t.over("wave once")
    t.page.click("#record")
    t.til("document.querySelector('#files a')")
    assert loaded(t, "#files a:has-text('live-001')").stat().st_size > 5000
    for kind, begins in (("mp4", b"ftyp"), ("gif", b"GIF8"), ("html", b"<!do")):
        t.page.click(f"#files [data-as={kind}]")
        t.til(f"document.querySelector('#files a[href*=\"{kind}\"]')", 600)
        head = loaded(t, f"#files a[href*='{kind}']").read_bytes()[:8]
        assert begins in head.lower() or begins in head


def test_chinese_is_drawn_in_the_page_and_in_its_replay(t: Visitor) -> None:
    t.begins("挥挥手")
    assert t.ev(_TOLD_APART, t.ev("getComputedStyle(document.querySelector('#said')).fontFamily"))
    t.calm()
    replay = t.page.context.new_page()
    replay.goto((t.folder / "live-001.html").as_uri())
    font = replay.evaluate("getComputedStyle(document.querySelector('#title')).fontFamily")
    assert "Noto" in font or "sans" in font.lower()
    replay.close()


def test_a_phone_and_its_keyboard_leave_room_for_the_robot(t: Visitor) -> None:
    for height, least in ((844, 200), (420, 150)):
        t.page.set_viewport_size({"width": 390, "height": height})
        t.page.focus("#text")
        time.sleep(1)
        assert t.ev("document.documentElement.scrollWidth") <= 390
        box, view = t.page.locator("#text").bounding_box(), t.page.locator("#view").bounding_box()
        assert box and view and view["height"] >= least and view["y"] >= 0 and box["y"] + box["height"] <= height
    t.page.set_viewport_size({"width": 1280, "height": 720})
    time.sleep(1)


def test_a_presenter_sees_no_figures(t: Visitor) -> None:
    t.page.click("#present")
    t.til("getComputedStyle(document.querySelector('#pause')).display === 'none' || "
          "!document.querySelector('#pause').offsetParent")  # fmt: skip
    assert not t.page.is_visible("#factor") and t.page.is_visible("#text")
    t.page.click("#present")
    t.til("document.querySelector('#pause').offsetParent")


def test_a_reload_finds_what_runs(t: Visitor) -> None:
    t.begins("do nothing for 100 s")
    t.page.reload()
    t.til("document.live && document.live.state && document.live.latest")
    t.said("do nothing for 100 s")
    t.calm()


def test_another_device_gets_in_by_the_address_that_is_shared(t: Visitor, tmp_path: Path) -> None:
    process, url = serve(tmp_path, 0, "--host", "0.0.0.0")
    try:
        page = t.page.context.new_page()
        page.goto(url)
        page.click("#share")
        address = page.inner_text("#address")
        assert "token=" in address and "127.0.0.1" not in address
        assert (page.locator("#qr").bounding_box() or {"width": 0})["width"] > 80
        page.goto(address)
        until(page.main_frame, "document.live && document.live.state", 60)
        page.close()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def test_a_server_that_freezes_is_told_of_within_two_seconds(t: Visitor) -> None:
    t.process.send_signal(signal.SIGSTOP)
    try:
        t.til("document.querySelector('#link').textContent !== 'connected'", 2.0)
    finally:
        t.process.send_signal(signal.SIGCONT)
    t.til("document.querySelector('#link').textContent === 'connected'")


def test_a_killed_server_takes_its_session_up_again(t: Visitor) -> None:
    t.scene("two_balls")
    t.begins("do nothing for 100 s")
    t.type("wave twice")
    t.til("document.querySelector('#queue li')")
    time.sleep(1.0)  # until it is kept
    t.serve_again()
    t.til("document.live.state.scene === 'two_balls'")
    t.til("document.live.state.jobs.some((j) => j.text === 'wave twice')")
    assert t.ev("document.live.state.paused")
