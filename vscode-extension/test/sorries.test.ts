import assert from "node:assert/strict";
import { test } from "node:test";
import { Goals } from "../src/goals";
import { goalDescription, oneLine, target, ticketDescription } from "../src/goalText";
import type { Goal, Ticket } from "../src/protocol";
import { sorriesTree } from "../src/sorriesTree";

const FILE = "file:///work/A.lean";

function goal(id: string, line: number, changes: Partial<Goal> = {}): Goal {
  return {
    id, declaration: "easy", range: { start: { line, character: 2 }, end: { line, character: 7 } },
    goal: "a b : Nat\n⊢ a + b = b + a", state: "open", message: "", proof: "", strategy: "", seconds: 0, tickets: [], ...changes,
  };
}

test("the target is what stands behind the turnstile, on one line", () => {
  assert.equal(target("a b : Nat\n⊢ a + b = b + a"), "⊢ a + b = b + a");
  assert.equal(target("x : Nat\n⊢ x = 1 ∧\n    x = 2\n\ncase inr\n⊢ False"), "⊢ x = 1 ∧ x = 2");
  assert.equal(target("something else"), "something else");
});

test("long lines are cut", () => {
  assert.equal(oneLine("x".repeat(200)).length, 90);
});

test("a proved goal shows its proof, others their state", () => {
  assert.equal(goalDescription(goal("1", 1, { state: "proved", proof: "omega" })), "omega");
  assert.equal(goalDescription(goal("1", 1, { state: "stale", proof: "omega" })), "proved before the last edits");
  assert.equal(goalDescription(goal("1", 1, { state: "refuted" })), "refuted");
});

test("files, declarations and goals, each with its share of proofs", () => {
  const goals = [goal("1", 1, { state: "proved", proof: "omega" }), goal("2", 2), goal("3", 5, { declaration: "" })];
  const [file] = sorriesTree([{ uri: FILE, goals }], "all");
  assert.equal(file?.description, "1/3");
  assert.deepEqual(file.children.map(({ label, description }) => [label, description]), [["easy", "1/2"], ["example", "0/1"]]);
  assert.deepEqual(file.children[0]?.children.map(({ label }) => label), ["⊢ a + b = b + a", "⊢ a + b = b + a"]);
});

test("only where there is a proof can one be inserted", () => {
  const [file] = sorriesTree([{ uri: FILE, goals: [goal("1", 1)] }], "all");
  assert.equal(file?.hasProof, false);
});

test("a filter leaves out goals, and then empty declarations and files", () => {
  const goals = [goal("1", 1, { state: "proved" }), goal("2", 2, { declaration: "hard", state: "refuted" })];
  const files = [{ uri: FILE, goals }];
  assert.deepEqual(sorriesTree(files, "proved")[0]?.children.map(({ label }) => label), ["easy"]);
  assert.deepEqual(sorriesTree(files, "refuted")[0]?.children.map(({ label }) => label), ["hard"]);
  assert.deepEqual(sorriesTree(files, "unsolved"), []);
});

test("nodes keep their ids while their goals change state, so that the tree stays open", () => {
  const ids = (state: Goal["state"]): unknown => sorriesTree([{ uri: FILE, goals: [goal("1", 1, { state })] }], "all")
    .map((file) => [file.id, file.children.map((node) => [node.id, node.children.map(({ id }) => id)])]);
  assert.deepEqual(ids("open"), ids("proved"));
});

test("a file without goals is forgotten", () => {
  const goals = new Goals();
  goals.update([{ uri: FILE, goals: [goal("1", 1)] }]);
  goals.update([{ uri: FILE, goals: [] }]);
  assert.deepEqual(goals.files(), []);
});

test("goals are in the order of the text", () => {
  const goals = new Goals();
  goals.update([{ uri: FILE, goals: [goal("late", 9), goal("early", 1)] }]);
  assert.deepEqual(goals.of(FILE).map(({ id }) => id), ["early", "late"]);
});

test("the goal at a position is the one there, or the nearest on the line", () => {
  const goals = new Goals();
  const range = (start: number): Goal["range"] => ({ start: { line: 3, character: start }, end: { line: 3, character: start + 5 } });
  goals.update([{ uri: FILE, goals: [goal("left", 3, { range: range(10) }), goal("right", 3, { range: range(30) })] }]);
  assert.equal(goals.at(FILE, { line: 3, character: 32 })?.id, "right");
  assert.equal(goals.at(FILE, { line: 3, character: 0 })?.id, "left");
  assert.equal(goals.at(FILE, { line: 3, character: 60 })?.id, "right");
  assert.equal(goals.at(FILE, { line: 4, character: 0 }), undefined);
});

test("proofs that wait are counted", () => {
  const goals = new Goals();
  goals.update([{ uri: FILE, goals: [goal("1", 1, { state: "proved" }), goal("2", 2, { state: "stale" }), goal("3", 3)] }]);
  assert.equal(goals.proved(), 2);
});

test("a ticket says who has it and where it came from", () => {
  const ticket: Ticket = { id: 7, status: "claimed", statement: "x", file: "/w/A.lean", line: 3, claimant: "ada", created: "" };
  assert.equal(ticketDescription(ticket), "claimed by ada · A.lean:3");
  assert.equal(ticketDescription({ ...ticket, status: "open", claimant: null }), "open · A.lean:3");
});
