// Starts the prepared embedded Lean as a plain `lean`: node --stack-size=4000 launch.cjs ARGUMENTS OF LEAN.
//
// UNSORRY_EMBEDDED (JSON) names the folders it may read, its library path, its working folder and an output folder:
// see host.cjs. This file prints nothing on stdout; it ends when Lean ends, or within a second of its parent's end.
//
// V8 compiles Lean's 147,000 functions as they are called, and the busy ones a second time, better. What it has
// compiled well can be kept: a training run (configuration.training) writes it to the output folder, every other run
// reads it. V8 itself refuses such a file of another version, processor or module; then it compiles as always.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const v8 = require("node:v8");

const host = require("./host.cjs");
const { mounts, configuration } = host;

const PARENT_POLL_MS = 1000;
const OUTPUT = "/output"; // in memory; its files are copied to the host's folder once Lean has ended well
const MACHINE_CODE = `machine-code-${process.version}.bin`;
const TIERING_BUDGET = 13_000_000; // V8's own: roughly the bytes executed in a function before it is compiled again
const TRAINING_BUDGET = 300_000; // lower, so that more is kept; much lower makes the file large and its reading slow
const CRASHED = 134; // what a shell reports for an aborted process

function prepareFiles(FS) {
  const readOnly = host.readOnlyFileSystem(FS);
  for (const mount of [...mounts].reverse()) {
    FS.mkdirTree(mount.guest);
    FS.mount(readOnly, { host: mount.real }, mount.guest);
  }
  FS.mkdirTree("/lean/bin");
  FS.mkdirTree(OUTPUT);
  FS.chdir(configuration.cwd ?? "/");
}

// V8's own functions, which need the flag --allow-natives-syntax to be named.
const intrinsic = (name, ...parameters) => new Function(...parameters, `return %${name}(${parameters})`);

function loadModule() {
  const bytes = fs.readFileSync(path.join(__dirname, "lean.wasm"));
  const file = path.join(__dirname, MACHINE_CODE);
  if (!configuration.training && fs.existsSync(file)) {
    const code = fs.readFileSync(file);
    const whole = code.byteLength === code.buffer.byteLength ? code.buffer : code.buffer.slice(code.byteOffset, code.byteOffset + code.byteLength);
    const module = intrinsic("DeserializeWasmModule", "code", "bytes")(whole, bytes);
    if (module) return module;
  }
  return new WebAssembly.Module(bytes);
}

function keepMachineCode() {
  // V8 compares its flags when it reads the file.
  v8.setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET}`);
  const code = intrinsic("SerializeWasmModule", "module")(wasmModule);
  fs.writeFileSync(path.join(configuration.output, MACHINE_CODE), Buffer.from(code));
}

function copyOutput(FS) {
  for (const name of FS.readdir(OUTPUT))
    if (name !== "." && name !== "..") fs.writeFileSync(path.join(configuration.output, name), FS.readFile(`${OUTPUT}/${name}`));
}

function endWith(code) {
  try {
    if (configuration.output && code === 0) (configuration.training ? keepMachineCode : copyOutput)(Module.FS);
  } catch (error) {
    process.stderr.write(`Lean's output could not be written: ${error.message}\n`);
    code = code || 1;
  }
  process.exit(code);
}

function crash(reason) {
  const text = reason instanceof Error ? reason.message : String(reason);
  try {
    fs.writeSync(2, `The embedded Lean stopped: ${text}\n`);
  } finally {
    process.exit(CRASHED);
  }
}

const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, "SIGKILL");
}, PARENT_POLL_MS);
process.on("uncaughtException", crash);
process.on("unhandledRejection", crash);

if (configuration.training) v8.setFlagsFromString(`--wasm-tiering-budget=${TRAINING_BUDGET}`);
let wasmModule;

const Module = {
  arguments: process.argv.slice(2),
  onExit: endWith,
  instantiateWasm: (imports, ready) => {
    wasmModule = loadModule();
    WebAssembly.instantiate(wasmModule, imports).then((instance) => ready(instance, wasmModule));
  },
  preRun: [() => prepareFiles(Module.FS)],
};
host.forwardStandardInput();
globalThis.unsorryModule = Module;
require("./lean.js");
