"""The live robot's page in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Watched, browser_page
from live_server import serving

from simonsays.experiments.live.server import LiveServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with serving(tmp_path_factory.mktemp("live")) as served:
        yield served


@pytest.fixture(scope="module")
def page(server: LiveServer) -> Iterator[Watched]:
    with browser_page(size=(900, 560)) as watched:
        watched.page.goto(server.url)
        watched.until("document.live && document.live.latest")
        yield watched


def type_in(watched: Watched, text: str) -> None:
    watched.page.fill("#text", text)
    watched.page.press("#text", "Enter")


def test_typed_watched_and_judged(page: Watched, tmp_path: Path) -> None:
    begun = page.page.evaluate("document.live.latest.base[0]")
    type_in(page, "walk forward one metre")
    page.until("document.querySelector('#verdict').textContent === 'running'")
    page.until(f"document.live.latest.base[0] - {begun} > 0.5")
    assert page.page.input_value("#text") == ""
    assert "m to go" in page.page.inner_text("#caption")
    picture = page.picture(tmp_path / "live.png")[60:480, 10:560]
    assert picture.std() > 10  # not blank
    page.until("document.querySelector('#verdict').textContent === 'success'")
    assert page.page.locator("#steps .mark").all_text_contents() == ["✓"]
    assert page.page.evaluate("document.live.view.robot.root.position.x") > begun + 0.7
    assert page.page.inner_text("#latency").endswith("ms")
    assert page.errors == []


def test_a_reload_finds_everything_as_it_was(page: Watched) -> None:
    page.page.reload()
    page.until("document.live && document.live.latest && document.live.state")
    page.until("document.querySelector('#said').textContent === 'walk forward one metre'")
    assert page.page.evaluate("document.live.trail.length") > 10
    assert page.page.inner_text("#verdict") == "success"


def test_a_refusal_is_shown_with_its_words_and_mended_by_a_click(page: Watched) -> None:
    type_in(page, "turn left and kick the purple ball")
    page.until("!document.querySelector('#refusal').hidden")
    assert page.page.inner_text("#refusal mark") == "the purple ball"
    page.page.click("#refusal .suggestions button:has-text('the red ball')")
    assert page.page.input_value("#text") == "turn left and kick the red ball"
    hostile = "<img src=x onerror='window.hacked=1'>"
    type_in(page, hostile)
    page.until(f"document.querySelector('#refusal').innerText.includes({hostile[:8]!r})")
    assert page.page.evaluate("window.hacked === undefined") and page.page.locator("#refusal img").count() == 0


def test_ten_thousand_characters_are_answered(page: Watched) -> None:
    type_in(page, "walk " * 2000)
    page.until("document.querySelector('#refusal .why').textContent.includes('at most')")
    assert page.errors == []


def test_take_over_stop_and_a_second_page(page: Watched) -> None:
    type_in(page, "turn around")
    page.until("document.querySelector('#said').textContent === 'turn around'")
    page.page.fill("#text", "walk forward 30 m")
    page.page.click("#now")
    page.until("document.querySelector('#said').textContent === 'walk forward 30 m'")
    other = page.page.context.new_page()
    other.goto(page.page.url)
    other.wait_for_selector("#history li:has-text('turn around')")
    other.click("#stop")
    page.until("document.querySelector('#said').textContent === 'stop'")
    other.close()
    page.until("document.querySelector('#verdict').textContent === 'success'")
    assert page.errors == []


def test_motions_are_drawn_between_poses(page: Watched) -> None:
    one = {"base": [0, 0, 1, 0, 0, 0, 1], "joints": [0.2], "props": []}
    other = {"base": [1, 0, 1, 0, 0, -0.6, -0.8], "joints": [0.4], "props": []}
    module = "new URL('frames.js', document.querySelector('script[type=module]').src)"
    middle = page.page.evaluate(f"([a, b]) => import({module}).then((m) => m.between(a, b, 0.5))", [one, other])
    assert middle["base"][0] == 0.5 and middle["joints"] == pytest.approx([0.3])
    assert middle["base"][3:] == pytest.approx([0, 0, 0.1**0.5, 0.9**0.5])  # half the turn, the short way
    page.until("document.live.shown && Math.abs(document.live.shown.base[0] - document.live.latest.base[0]) < 0.01")


def test_a_visitor_sees_the_robot_the_things_and_what_may_be_said(page: Watched) -> None:
    page.page.click("#reset")
    page.until("document.live.time < 5 && document.querySelector('#examples button')")
    seen = "document.live.view.props.items.filter(({mesh}) => { const at = mesh.position.clone()" + (
        ".project(document.live.view.camera); return Math.abs(at.x) < 1 && Math.abs(at.y) < 1; }).length"
    )
    page.until(f"{seen} === 4")
    assert page.page.evaluate("document.fonts.check('12px simonsays', '走')")
    height, lines = page.page.evaluate(
        "(({clientHeight, height}) => [clientHeight, height])(document.live.view.renderer.domElement)"
    )
    assert lines >= min(height, 480)


def test_what_was_said_is_recalled_and_said_again(page: Watched) -> None:
    for text in ("turn left 5 degrees", "turn right 5 degrees"):
        type_in(page, text)
        page.until("document.querySelector('#text').value === ''")
    for key, wanted in (("ArrowUp", "turn right 5 degrees"), ("ArrowUp", "turn left 5 degrees"),
                        ("ArrowDown", "turn right 5 degrees"), ("ArrowDown", "")):  # fmt: skip
        page.page.press("#text", key)
        assert page.page.input_value("#text") == wanted
    said = "document.live.state.jobs.filter((job) => job.text === 'turn left 5 degrees').length"
    page.until("document.querySelector('#history button')")
    page.page.evaluate("document.querySelector('#history li:last-child button').click()")
    page.until(f"{said} + document.live.state.jobs.length > 4")


def test_a_thing_is_dragged_and_a_click_sends_the_robot_to_it(page: Watched) -> None:
    page.page.click("#reset")
    page.until("document.live.time < 5")
    page.page.evaluate("document.live.view.setCamera('director'); document.live.view.snap()")
    page.page.wait_for_timeout(500)
    at = (
        "((place) => { const view = document.live.view, box = view.renderer.domElement.getBoundingClientRect();"
        " const p = new THREE.Vector3(...place).project(view.camera);"
        " return [box.left + (p.x + 1) / 2 * box.width, box.top + (1 - p.y) / 2 * box.height]; })"
    )
    ball, there = page.page.evaluate(f"[{at}(document.live.latest.props[0]), {at}([1.4, -0.6, 0.11])]")
    page.page.mouse.move(*ball)
    page.page.mouse.down()
    page.page.mouse.move(*there, steps=3)
    page.page.mouse.up()
    page.until("Math.hypot(document.live.latest.props[0][0] - 1.4, document.live.latest.props[0][1] + 0.6) < 0.3")
    page.page.evaluate("document.live.view.snap()")
    page.page.wait_for_timeout(500)
    page.page.mouse.click(*page.page.evaluate(f"{at}(document.live.latest.props[0])"))
    page.until("document.querySelector('#said').textContent === 'go to the red ball'")
    assert page.page.evaluate("document.live.view.mode") == "director"  # neither has turned the camera
    page.page.press("body", "Escape")


def test_a_phone_has_the_box_at_the_picture_and_a_presenter_no_figures(page: Watched) -> None:
    page.page.set_viewport_size({"width": 390, "height": 844})
    box, view = page.page.locator("#text").bounding_box(), page.page.locator("#view").bounding_box()
    assert box and view and 0 <= box["y"] - view["y"] - view["height"] < 40
    assert page.page.evaluate("document.documentElement.scrollWidth") <= 390
    page.page.focus("#text")
    page.page.set_viewport_size({"width": 390, "height": 420})  # as a keyboard does
    page.until("document.body.classList.contains('typing')")
    box, view = page.page.locator("#text").bounding_box(), page.page.locator("#view").bounding_box()
    assert box and view and view["height"] > 150 and view["y"] >= 0 and box["y"] + box["height"] <= 420
    page.page.set_viewport_size({"width": 900, "height": 560})
    page.page.evaluate("document.querySelector('#present').click()")
    assert not page.page.is_visible("#factor") and not page.page.is_visible("#controls")
    assert page.page.is_visible("#text")
    page.page.evaluate("document.querySelector('#present').click()")
    assert page.page.is_visible("#controls") and page.errors == []
