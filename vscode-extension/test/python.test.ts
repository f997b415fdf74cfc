import assert from "node:assert/strict";
import { test } from "node:test";
import { candidates, findPython, parseAnswer, type Ask } from "../src/python";

const answer = (version: number[], environments = true): string => JSON.stringify(["/usr/bin/python3", version, environments]);

/** A machine where these commands answer; all others do not exist. */
function machine(answers: Record<string, string>): Ask {
  return ([name = ""]) => {
    const output = answers[name];
    return output === undefined ? Promise.reject(new Error("ENOENT")) : Promise.resolve(output);
  };
}

test("a named Python is the only candidate", () => {
  assert.deepEqual(candidates("/opt/python", "linux"), [["/opt/python"]]);
});

test("on Windows the launcher comes first", () => {
  assert.deepEqual(candidates("", "win32")[0], ["py", "-3"]);
});

test("an answer is the last line, whatever was printed before", () => {
  assert.deepEqual(parseAnswer(`hello\n${answer([3, 12, 1])}\n`)?.version, [3, 12, 1]);
  for (const nonsense of ["", "Python 3.12", "[]", "{}", '["", [3, 12, 1], true]', '["x", [3], true]']) {
    assert.equal(parseAnswer(nonsense), undefined, nonsense);
  }
});

test("the first that is new enough wins", async () => {
  const ask = machine({ python3: answer([3, 9, 2]), "python3.12": answer([3, 12, 4]) });
  assert.deepEqual((await findPython("", "linux", ask)).version, [3, 12, 4]);
});

test("says that there is none", async () => {
  await assert.rejects(findPython("", "linux", machine({})), /Python 3\.11 or newer, and there is none on the PATH/);
});

test("says which are too old", async () => {
  await assert.rejects(findPython("", "linux", machine({ python3: answer([3, 9, 2]) })), /python3 is 3\.9\.2/);
});

test("a Python that can't make environments is no help, and it says what is", async () => {
  await assert.rejects(findPython("", "linux", machine({ python3: answer([3, 11, 2], false) })), /apt install python3-venv/);
});

test("a named Python that does not run is named", async () => {
  await assert.rejects(findPython("/nowhere/python", "linux", machine({})), /\/nowhere\/python \(from unsorry\.pythonPath\)/);
});

test("asks a real interpreter", async () => {
  const python = await findPython("");
  assert.ok(python.version[0] === 3 && python.version[1] >= 11);
});
