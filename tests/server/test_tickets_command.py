"""`unsorry tickets`: Lean decides what opens and what completes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from search.ledger import Ledger
from search.ticket_store import TicketStore
from search.tickets import Context, Ticket
from server import cli

DEMO = """\
def double : Nat → Nat
  | 0 => 0
  | n + 1 => double n + 2

theorem double_add (a b : Nat) (_ : a < 7) : double (a + b) = double a + double b := by
  sorry
"""
PROOF = "  induction b with\n  | zero => rfl\n  | succ n h => simp [← Nat.add_assoc, double, h]\n"


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    output: str
    complaint: str


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "Demo.lean").write_text(DEMO)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tickets(*arguments: str, text: str = "") -> Ran:
    done = CliRunner().invoke(cli.main, ["tickets", *arguments], input=text)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return Ran(done.exit_code, done.stdout, done.stderr)


def fill(place: Path, names: Sequence[str]) -> list[str]:
    """Tickets as the engine opens them."""
    ledger = Ledger.open(place / ".unsorry" / "ledger.db")
    context = Context("Demo.lean", "double_add", 5, "-- above\n")
    opened = [
        TicketStore(ledger).open(
            Ticket(name, f"theorem {name} : {name} = 1", name, context, parent_goal="p" * 32)
        )
        for name in names
    ]
    ledger.close()
    return [ticket.ticket_id for ticket in opened]


def test_a_ticket_by_hand_from_a_hole_to_its_proof(place: Path) -> None:
    opened = tickets("open", "Demo.lean:6", "--as", "ann")
    assert opened.code == 0, opened.complaint
    ticket, statement = opened.output.splitlines()
    assert statement.startswith("theorem double_add_aux (a b : Nat)")

    wrong = tickets("complete", ticket, "--proof", "-", text="sorry")
    assert wrong.code == 1
    assert "Not accepted: forbidden_syntax" in wrong.complaint
    (place / "proof.txt").write_text(PROOF)
    right = tickets("complete", ticket[-4:], "--proof", "proof.txt", "--as", "bob")
    assert right.output == f"{ticket} is completed.\n"

    shown = json.loads(tickets("show", ticket, "--json").output)
    assert (shown["status"], shown["claimant"], shown["requester"]) == ("completed", "bob", "ann")
    assert shown["proof"].startswith("induction b with\n| zero")
    late = tickets("complete", ticket, "--proof", "proof.txt")
    assert late.code == 2 and "is completed" in late.complaint


def test_a_statement_is_asked_for_at_the_end_of_a_file(place: Path) -> None:
    opened = tickets("open", "theorem t (n : Nat) : n ≤ double n", "--file", "Demo.lean")
    assert opened.code == 0, opened.complaint
    document = tickets("show", opened.output.split()[0], "--document").output
    assert document == f"{DEMO}theorem t (n : Nat) : n ≤ double n := by sorry\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["open", "Demo.lean:1"], "Demo.lean:1 has no sorry. Lines that have one: 6."),
        (["open", "Other.lean:1"], "There is no file Other.lean."),
        (["open", "def x : Nat", "--file", "Demo.lean"], "must begin with `theorem NAME`"),
    ],
)
def test_what_can_not_be_asked_for_is_explained(
    place: Path, arguments: list[str], complaint: str
) -> None:
    ran = tickets(*arguments)
    assert ran.code == 2 and complaint in ran.complaint


def test_looking_claiming_and_withdrawing(place: Path) -> None:
    assert "There is no ledger" in tickets("list").complaint
    first, second = fill(place, ["one", "two"])
    assert tickets("list").output == (
        f"{first}  open  Demo.lean:5 (double_add)\n    theorem one : one = 1\n"
        f"{second}  open  Demo.lean:5 (double_add)\n    theorem two : two = 1\n"
    )
    claimed = tickets("claim", first, "--minutes", "5", "--as", "ann")
    assert claimed.output.startswith(f"{first} is yours until ")
    taken = tickets("claim", first, "--as", "bob")
    assert taken.code == 2 and f"{first} is claimed by ann" in taken.complaint
    shown = tickets("show", first).output
    assert "claimed by ann until" in shown and f"goals waiting {'p' * 12}" in shown
    assert tickets("release", first, "--as", "ann").output == f"{first} is open again.\n"
    assert tickets("withdraw", second).output == f"{second} is withdrawn.\n"
    listed = json.loads(tickets("list", "--json").output)
    assert [ticket["ticket_id"] for ticket in listed] == [first]
    assert "above" not in listed[0]["context"]
    every = json.loads(tickets("list", "--all", "--json").output)
    assert [ticket["status"] for ticket in every] == ["open", "withdrawn"]
    assert tickets("list", "--status", "completed").output == "No tickets.\n"
    unknown = tickets("show", "lem-1")
    assert unknown.code == 2 and "There is no ticket lem-1" in unknown.complaint
    missing = tickets("complete", first, "--proof", "none.txt")
    assert missing.code == 2 and "There is no file none.txt" in missing.complaint
