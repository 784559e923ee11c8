"""What people say on the live page and what it answers, in MuJoCo."""

from __future__ import annotations

import pytest
from live_visitor import Visitor

pytestmark = pytest.mark.slow
ENGINE = "mujoco"


def refused(t: Visitor, text: str) -> None:
    t.page.fill("#text", "")
    t.type(text)
    t.til("!document.querySelector('#refusal').hidden")


def answered(t: Visitor) -> None:
    t.til("document.querySelector('#refusal').hidden && document.live.state.jobs.some((j) => j.status === 'running')")


def test_typing_does_it(t: Visitor) -> None:
    x, _ = t.place()
    t.type("walk forward one metre")
    t.over("walk forward one metre")
    assert t.place()[0] - x > 0.7 and t.page.input_value("#text") == ""


def test_what_waits_is_taken_out_of_the_queue(t: Visitor) -> None:
    t.begins("do nothing for 100 s")
    t.type("wave twice")
    t.til("document.querySelector('#queue li')?.textContent.includes('wave twice')")
    t.page.click("#queue button:has-text('×')")
    t.til("!document.querySelector('#queue li')")
    t.calm()


def test_take_over_stop_recall_and_again(t: Visitor) -> None:
    t.begins("walk forward 4 m")
    t.page.fill("#text", "turn around")
    t.page.press("#text", "Control+Enter")
    t.said("turn around")
    for _ in range(4):
        t.page.press("#text", "Escape")
    t.til("!document.live.state.jobs.some((j) => ['running', 'queued'].includes(j.status))")
    assert t.ev("document.live.state.jobs.filter((j) => j.text === 'stop').length") <= 1
    for key, recalled in (("ArrowUp", "turn around"), ("ArrowUp", "walk forward 4 m"), ("ArrowDown", "turn around")):
        t.page.press("#text", key)
        assert t.page.input_value("#text") == recalled
    t.page.press("#text", "ArrowDown")
    assert t.page.input_value("#text") == ""
    t.page.click("#history li:has-text('walk forward one metre') button")
    t.said("walk forward one metre")
    t.calm()


def test_a_refusal_marks_its_words_is_mended_and_goes_away(t: Visitor) -> None:
    refused(t, "turn left and kick the purple ball")
    assert t.page.inner_text("#refusal mark") == "the purple ball"
    t.page.click("#refusal .suggestions button:has-text('the red ball')")
    assert t.page.input_value("#text") == "turn left and kick the red ball"
    refused(t, "fly to the moon")
    t.page.press("#text", "Escape")
    t.til("document.querySelector('#refusal').hidden")


def test_words_that_are_passed_over_are_told(t: Visitor) -> None:
    t.begins("please kindly wave once for the nice people")
    t.til("document.querySelector('#remark').textContent.includes('kindly')")
    assert not t.ev("document.querySelector('#remark').hidden")
    t.calm()


def test_a_question_is_answered_by_a_button_or_in_words(t: Visitor) -> None:
    t.scene("two_balls")
    refused(t, "go to the red ball")
    buttons = t.page.locator("#refusal .suggestions button")
    for place in range(buttons.count()):
        refused(t, "go to the red ball")
        buttons.nth(place).click()
        if t.page.input_value("#text"):
            t.page.press("#text", "Enter")
        answered(t)
        t.calm()
    refused(t, "go to the red ball")
    t.type("the left one")
    answered(t)
    t.calm()


def test_examples_fit_an_empty_scene(t: Visitor) -> None:
    t.scene("empty")
    texts = t.page.locator("#examples button").all_inner_texts()
    assert len(texts) >= 3
    for text in texts:
        t.begins(text)
        assert t.ev("document.querySelector('#refusal').hidden"), text
        t.calm()


def test_a_microphone_is_heard_and_a_verdict_spoken(t: Visitor) -> None:
    t.page.click("#mic")
    t.til("document.live.state.jobs.some((j) => j.text === 'wave once')")
    t.calm()
    t.page.click("#speak")
    t.type("raise your left arm")
    t.til("window.spoken.length > 0")
    t.page.click("#speak")


def test_a_performance_runs_and_begins_again(t: Visitor) -> None:
    t.scene("playground")
    t.page.click("#performances button:has-text('On guard')")
    t.til("document.live.state.jobs.some((j) => j.status === 'running' && j.steps.length > 5)")
    t.calm()
    t.page.click("#loop")
    t.page.select_option("#speed", "2")
    t.page.click("#performances button:has-text('Here I am')")
    t.til("document.live.state.jobs.filter((j) => j.text === 'Here I am').length >= 2", 300)
    t.page.click("#loop")
    t.page.select_option("#speed", "1")
    t.calm()
