import assert from "node:assert/strict";
import { test } from "node:test";
import { Restarts } from "../src/restarts";

test("waits longer each time, and gives up at last", () => {
  const restarts = new Restarts();
  const waits = [0, 10, 20, 30, 40, 50].map((now) => restarts.died(now));
  assert.deepEqual(waits, [1, 2, 4, 8, 16, undefined]);
});

test("deaths of long ago don't count", () => {
  const restarts = new Restarts();
  for (const now of [0, 1, 2, 3, 4]) restarts.died(now);
  assert.equal(restarts.died(1000), 1);
});

test("the user may begin a new count", () => {
  const restarts = new Restarts();
  restarts.died(0);
  restarts.forget();
  assert.equal(restarts.died(1), 1);
});
