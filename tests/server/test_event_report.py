"""Events as lines, for programs and for people. What the engine really sends is in test_bg.py."""

import json
import typing

from rich.console import Console

from search.events import DocumentFailed, Event, IncidentHappened, Status
from search.incidents import Incident
from server import event_report
from server.bg_view import View
from server.event_report import as_json, as_line, status_line

STATUS = Status(
    load=0.25,
    target=0.5,
    light=4,
    heavy=1,
    queued=7,
    running=2,
    goals=12,
    solved=3,
    refuted=1,
    open=2,
    tickets=1,
    paused_because="on battery, 9 % left",
)
DIED = IncidentHappened(Incident.of("session_died", "Lean\nended.", "prove", goal="k"))


def test_every_event_has_a_name_of_its_own() -> None:
    names = event_report._NAMES
    assert set(names) == set(typing.get_args(Event))
    assert len(set(names.values())) == len(names)


def test_programs_get_one_object_a_line() -> None:
    lines = [as_json(event) for event in (STATUS, DIED, DocumentFailed("A.lean", 1, "a\nb"))]
    assert not [line for line in lines if "\n" in line]
    status, incident, failed = map(json.loads, lines)
    assert (status["event"], status["load"], status["goals"]) == ("status", 0.25, 12)
    assert (incident["event"], incident["kind"]) == ("incident", "session_died")
    assert incident["context"] == {"goal": "k"}
    assert (failed["file"], failed["reason"]) == ("A.lean", "a\nb")


def test_people_get_a_line_where_it_is_worth_one() -> None:
    assert as_line(STATUS) == ""
    assert as_line(DIED) == "session_died (medium): Lean ended."
    assert as_line(DocumentFailed("A.lean", 1, "No\nLean.")) == "A.lean  not read: No Lean."
    assert status_line(STATUS) == (
        "3 proved, 1 refuted, 2 open of 12 · 2 running, 7 waiting · load 25% of 50% · 1 ticket · "
        "paused: on battery, 9 % left"
    )


def test_the_picture_shows_the_engine_and_what_happened_last() -> None:
    view = View("Unsorry at work")
    for number in range(10):
        view.see(IncidentHappened(Incident.of("session_died", f"Death {number}.")))
    view.see(IncidentHappened(Incident.of("timeout", "Not worth showing.")))
    console = Console(width=100)
    with console.capture() as shown:
        console.print(view.picture(STATUS, 3))
    text = shown.get()
    assert "████████████░" not in text and "██████░" in text and "25% of 50%" in text
    assert "12 in 3 files: 3 proved, 1 refuted, 2 open, 6 to do" in text
    assert "4 light, 1 heavy" in text and "on battery, 9 % left" in text
    assert "Death 9." in text and "Death 2." not in text and "Not worth" not in text
