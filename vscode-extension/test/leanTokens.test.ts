import assert from "node:assert/strict";
import { test } from "node:test";
import { leanTokens } from "../src/leanTokens";

function kinds(text: string): [string, string][] {
  const lines = text.split("\n");
  return leanTokens(text).map(({ line, start, length, type }) => [lines[line]?.slice(start, start + length) ?? "", type]);
}

test("keywords, and the name that follows", () => {
  assert.deepEqual(kinds("theorem Tree.size_pos : 0 = 0 := by"), [
    ["theorem", "keyword"], ["Tree.size_pos", "function"], ["0", "number"], ["0", "number"], ["by", "keyword"],
  ]);
  assert.deepEqual(kinds("inductive Tree"), [["inductive", "keyword"], ["Tree", "type"]]);
});

test("a class instance without a name has none", () => {
  assert.deepEqual(kinds("def (x) y"), [["def", "keyword"]]);
});

test("comments, also nested and of several lines", () => {
  assert.deepEqual(kinds("a -- by\nb"), [["-- by", "comment"]]);
  assert.deepEqual(kinds("/- a /- b -/\nby -/ by"), [["/- a /- b -/", "comment"], ["by -/", "comment"], ["by", "keyword"]]);
  assert.deepEqual(kinds("/- never ended"), [["/- never ended", "comment"]]);
});

test("strings hide what looks like something else", () => {
  assert.deepEqual(kinds('"a \\" -- by" by'), [['"a \\" -- by"', "string"], ["by", "keyword"]]);
  assert.deepEqual(kinds('"never ended'), [['"never ended', "string"]]);
});

test("a keyword inside a name is none", () => {
  assert.deepEqual(kinds("bypass foo.by by'"), []);
});
