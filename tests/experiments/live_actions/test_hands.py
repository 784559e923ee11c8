"""What people do with pointer, keys and buttons on the live page, in Bullet."""

from __future__ import annotations

import math
import time

import pytest
from live_visitor import Visitor

pytestmark = pytest.mark.slow
ENGINE = "bullet"
_PAD = "window.pad = {{ connected: true, axes: [0, {0}, 0, 0], buttons: [], mapping: 'standard' }}"


def test_a_click_on_the_ground_and_one_on_a_thing_send_it_there(t: Visitor) -> None:
    t.look("director")
    x, y = t.place()
    t.page.mouse.click(*t.on_screen(x + 0.9, y + 0.8))
    t.til(f"Math.hypot(document.live.latest.base[0] - {x + 0.9}, document.live.latest.base[1] - {y + 0.8}) < 0.4")
    t.calm()
    t.look("top")
    x, y, z = t.ev("document.live.latest.props[0]")[:3]
    t.page.mouse.click(*t.on_screen(x, y, z))
    t.til("document.querySelector('#said').textContent.includes('red ball')")
    t.til(f"Math.hypot(document.live.latest.base[0] - {x}, document.live.latest.base[1] - {y}) < 0.7")
    t.calm()


def test_a_thing_is_dragged(t: Visitor) -> None:
    t.scene("playground")
    t.look("director")
    begin, end = t.on_screen(*t.ev("document.live.latest.props[0]")[:3]), t.on_screen(1.6, -0.6, 0.11)
    t.page.mouse.move(*begin)
    t.page.mouse.down()
    for share in range(1, 11):
        t.page.mouse.move(*(a + (b - a) * share / 10 for a, b in zip(begin, end, strict=True)))
        time.sleep(0.05)
    t.page.mouse.up()
    t.til("Math.hypot(document.live.latest.props[0][0] - 1.6, document.live.latest.props[0][1] + 0.6) < 0.4")


def test_keys_and_a_gamepad_steer_and_what_is_let_go_stands(t: Visitor) -> None:
    t.scene("playground")
    t.ev("document.activeElement.blur()")
    t.page.keyboard.down("ArrowUp")
    t.til("document.live.latest.base[0] > 0.5")
    t.page.keyboard.up("ArrowUp")
    t.til("!document.live.state.jobs.some((j) => j.status === 'running')")
    listed = t.ev("document.live.state.jobs.length")
    for _ in range(3):
        t.page.keyboard.down("ArrowLeft")
        time.sleep(0.5)
        t.page.keyboard.up("ArrowLeft")
        time.sleep(1.0)
    assert t.ev("document.live.state.jobs.length") - listed <= 1
    t.scene("playground")
    t.ev(_PAD.format(-1) + "; window.dispatchEvent(new Event('gamepadconnected'))")
    t.til("document.live.latest.base[0] > 0.5")
    t.ev(_PAD.format(0))


def test_it_follows_the_pointer_with_its_ring(t: Visitor) -> None:
    t.scene("playground")
    t.look("top")
    t.page.click("#here")
    t.page.mouse.move(*t.on_screen(1.2, 1.2))
    t.til("document.live.state.viewer && Math.hypot(document.live.state.viewer[0] - 1.2) < 0.3")
    t.begins("follow me")
    t.page.mouse.move(*t.on_screen(0.2, 2.0))
    t.til("document.live.goal && Math.hypot(document.live.goal[0] - 0.2, document.live.goal[1] - 2.0) < 0.3")
    t.til("Math.hypot(document.live.latest.base[0] - 0.2, document.live.latest.base[1] - 2.0) < 1.6")
    assert math.dist(t.place(), (0.0, 0.0)) > 0.3
    t.page.click("#here")
    t.calm()


def test_the_director_shows_the_ball(t: Visitor) -> None:
    t.scene("playground")
    t.page.click("#cameras button:has-text('director')")
    t.begins("kick the red ball")
    time.sleep(4)
    x, y = t.on_screen(*t.ev("document.live.latest.props[0]")[:3])
    box = t.page.locator("#view").bounding_box()
    assert box and box["x"] < x < box["x"] + box["width"] and box["y"] < y < box["y"] + box["height"]
    t.calm()


def test_push_pause_reset_speed_and_a_fall(t: Visitor) -> None:
    t.scene("playground")
    t.page.click("[data-push=forward]")
    t.page.click("#pause")
    t.til("document.live.state.paused")
    time.sleep(0.5)  # poses that were under way
    at = t.ev("document.live.time")
    time.sleep(0.6)
    assert t.ev("document.live.time") == at
    t.page.click("#pause")
    t.til("!document.live.state.paused")
    for speed in ("2", "1"):
        t.page.select_option("#speed", speed)
        t.til(f"document.live.state.speed === {speed}")
    t.ev("for (let i = 0; i < 8; i++) document.live.link.send({ do: 'push', direction: 'left' })")
    t.til("!document.querySelector('#fallen').hidden")
    t.page.click("#up")
    t.til("document.querySelector('#fallen').hidden")
