// What the embedded Lean may reach of the machine it runs on: read-only folders, stdin, stdout, stderr, its symbols.
//
// The prepared lean.js loads this module in every thread (`embedded_javascript.py` puts the calls in). Files are read
// directly in the thread that asks, because a call forwarded to the main thread costs about a millisecond and Lean
// opens 2,000 files to start. Nothing here can write to the host; the one output folder is filled by launch.cjs.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { isMainThread, setEnvironmentData, getEnvironmentData } = require("node:worker_threads");

// The error numbers of WASI, which is what this build of Lean expects.
const ERRNO = {
  EACCES: 2, EBADF: 8, EINVAL: 28, EIO: 29, EISDIR: 31, ELOOP: 32, EMFILE: 33, ENAMETOOLONG: 37, ENOENT: 44,
  ENOTDIR: 54, EPERM: 63, EPIPE: 64, EROFS: 69, ERR_ACCESS_DENIED: 2,
};
const errorNumber = (error) => ERRNO[error.code] ?? ERRNO.EIO;

// Flags of open(2) as musl writes them.
const WRITING = 1 | 2 | 64 | 512 | 1024; // O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND
const DIRECTORY = 65536;
const AT_CURRENT_FOLDER = -100;

// Set by launch.cjs before the first thread starts: {mounts: [{guest, host, trusted}], cwd, libraryPath, output}.
const configuration = JSON.parse(process.env.UNSORRY_EMBEDDED ?? "{}");
const mounts = (configuration.mounts ?? [])
  .map((mount) => ({ ...mount, real: fs.realpathSync.native(mount.host) }))
  .sort((left, right) => right.guest.length - left.guest.length);

// Lean sees these variables and no others: a user's secrets are none of its business.
const environment = {
  LEAN_SYSROOT: "/lean",
  LEAN_PATH: (configuration.libraryPath ?? ["/lean/lib/lean"]).join(":"),
  LLVM_PROFILE_FILE: "/dev/null",
};

// The package reports on itself with console.log; stdout belongs to what Lean prints.
console.log = () => {};

const inside = (folder, file) => file === folder || file.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep);

/** The host's path of a guest path, or null when no mount holds it. Links that leave the mount are refused. */
function hostPath(folder, guest, followLast = true) {
  if (!guest.startsWith("/")) {
    if (folder !== AT_CURRENT_FOLDER) return null;
    guest = `${configuration.cwd}/${guest}`;
  }
  const absolute = path.posix.normalize(guest).replace(/(?<=.)\/$/, "");
  for (const mount of mounts) {
    if (absolute !== mount.guest && !absolute.startsWith(`${mount.guest}/`)) continue;
    const host = path.join(mount.real, absolute.slice(mount.guest.length));
    if (mount.trusted) return host;
    const real = followLast || absolute === mount.guest
      ? fs.realpathSync.native(host)
      : path.join(fs.realpathSync.native(path.dirname(host)), path.basename(host));
    if (!inside(mount.real, real)) throw Object.assign(new Error("a link leaves the folder"), { code: "EACCES" });
    return real;
  }
  return null;
}

// Files opened here have numbers that Emscripten's own table never reaches.
const FIRST = 1 << 20;
const positions = new Map();
const owns = (descriptor) => descriptor >= FIRST;

/** Opens for reading: a descriptor, a negative error number, or null when the path is not under a mount. */
function open(folder, guest, flags) {
  try {
    const host = hostPath(folder, guest);
    if (host === null || flags & DIRECTORY) return null;
    if (flags & WRITING) return -ERRNO.EROFS;
    const descriptor = fs.openSync(host, "r");
    positions.set(descriptor, 0);
    return FIRST + descriptor;
  } catch (error) {
    return -(flags & WRITING && error.code === "ENOENT" ? ERRNO.EROFS : errorNumber(error));
  }
}

function close(descriptor) {
  positions.delete(descriptor - FIRST);
  fs.closeSync(descriptor - FIRST);
}

/** Node's Stats of a path, a negative error number, or null when the path is not under a mount. */
function stat(folder, guest, followLast) {
  try {
    const host = hostPath(folder, guest, followLast);
    return host === null ? null : followLast ? fs.statSync(host) : fs.lstatSync(host);
  } catch (error) {
    return -errorNumber(error);
  }
}

const statOpen = (descriptor) => fs.fstatSync(descriptor - FIRST);

/** Calls `use` with each of the buffers that a readv or writev names; stops when it returns false. */
function eachBuffer(memory, vectors, count, use) {
  const words = new Uint32Array(memory.buffer);
  for (let index = 0; index < count; index++) {
    const start = words[(vectors >> 2) + 2 * index];
    const length = words[(vectors >> 2) + 2 * index + 1];
    if (length && use(new Uint8Array(memory.buffer, start, length)) === false) return;
  }
}

/** readv on one of our files, at `offset` or (null) at its own position, which then moves. */
function read(memory, descriptor, vectors, count, offset = null) {
  const file = descriptor - FIRST;
  const start = offset ?? positions.get(file);
  let total = 0;
  eachBuffer(memory, vectors, count, (buffer) => {
    const got = fs.readSync(file, buffer, 0, buffer.length, start + total);
    total += got;
    return got === buffer.length;
  });
  if (offset === null) positions.set(file, start + total);
  return total;
}

function seek(descriptor, offset, whence) {
  const file = descriptor - FIRST;
  const base = [0, positions.get(file), whence === 2 ? fs.fstatSync(file).size : 0][whence];
  if (base === undefined || base + offset < 0) return -ERRNO.EINVAL;
  positions.set(file, base + offset);
  return base + offset;
}

const pause = new Int32Array(new SharedArrayBuffer(4));
const waitAMillisecond = () => Atomics.wait(pause, 0, 0, 1);

// Stdin goes through shared memory: a thread that is blocked in read(2) could not be ended, and neither could Node.
const STDIN_BYTES = 1 << 20;
const STDIN_KEY = "unsorry stdin";
if (isMainThread) setEnvironmentData(STDIN_KEY, new SharedArrayBuffer(16 + STDIN_BYTES));
const shared = getEnvironmentData(STDIN_KEY);
const counters = new Int32Array(shared, 0, 4); // bytes written, bytes read, ended, changes
const ring = new Uint8Array(shared, 16);
const [WRITTEN, READ, ENDED, CHANGES] = [0, 1, 2, 3];

function announce() {
  Atomics.add(counters, CHANGES, 1);
  Atomics.notify(counters, CHANGES);
}

/** In the main thread: passes everything that arrives on stdin to the threads. */
function forwardStandardInput() {
  const put = (chunk) => {
    const room = STDIN_BYTES - ((Atomics.load(counters, WRITTEN) - Atomics.load(counters, READ)) | 0);
    const fits = chunk.subarray(0, room);
    const start = (counters[WRITTEN] >>> 0) % STDIN_BYTES;
    const first = Math.min(fits.length, STDIN_BYTES - start);
    ring.set(fits.subarray(0, first), start);
    ring.set(fits.subarray(first), 0);
    if (fits.length) {
      Atomics.add(counters, WRITTEN, fits.length);
      announce();
    }
    if (fits.length === chunk.length) return void process.stdin.resume();
    process.stdin.pause();
    setTimeout(put, 1, chunk.subarray(fits.length));
  };
  const end = () => {
    Atomics.store(counters, ENDED, 1);
    announce();
  };
  process.stdin.on("data", put).on("end", end).on("error", end);
}

/** Blocks this thread, never the main one, until stdin has something; 0 at its end. */
function readStandardInput(memory, vectors, count) {
  let available;
  for (;;) {
    const changes = Atomics.load(counters, CHANGES);
    available = (Atomics.load(counters, WRITTEN) - Atomics.load(counters, READ)) | 0;
    if (available > 0) break;
    if (Atomics.load(counters, ENDED)) return 0;
    Atomics.wait(counters, CHANGES, changes);
  }
  let total = 0;
  eachBuffer(memory, vectors, count, (buffer) => {
    const start = ((Atomics.load(counters, READ) >>> 0) + total) % STDIN_BYTES;
    const length = Math.min(buffer.length, available - total);
    const first = Math.min(length, STDIN_BYTES - start);
    buffer.set(ring.subarray(start, start + first));
    buffer.set(ring.subarray(0, length - first), first);
    total += length;
    return total < available;
  });
  Atomics.add(counters, READ, total);
  return total;
}

/** Writes everything or returns a negative error number. One call, one write, so that threads do not mix lines. */
function writeStandardOutput(memory, descriptor, vectors, count) {
  const parts = [];
  eachBuffer(memory, vectors, count, (buffer) => void parts.push(Buffer.from(buffer)));
  const whole = Buffer.concat(parts);
  const bytes = descriptor === 2 ? withoutNoise(whole) : whole;
  for (let done = 0; done < bytes.length; ) {
    try {
      done += fs.writeSync(descriptor, bytes, done);
    } catch (error) {
      if (error.code !== "EAGAIN") return -errorNumber(error);
      waitAMillisecond();
    }
  }
  return whole.length;
}

// This build of Lean reports its own progress on stderr: lines that begin with [DEBUG, and two kinds that follow them.
const NOISE = /^(\[DEBUG|  - \/.*\.olean\s*$|  mainModule\? = (true|false)\s*$)/;
let atLineStart = true;
let inNoise = false;

function withoutNoise(bytes) {
  const kept = [];
  for (const line of bytes.toString("latin1").split(/(?<=\n)/)) {
    if (atLineStart) inNoise = NOISE.test(line);
    atLineStart = line.endsWith("\n");
    if (!inNoise && line) kept.push(line);
  }
  return Buffer.from(kept.join(""), "latin1");
}

let symbolTable = null;

/** The table index or address of the symbol whose name stands at `name` in `bytes`, or null: dlsym. */
function findSymbol(bytes, name) {
  if (symbolTable === null) {
    const file = fs.readFileSync(path.join(__dirname, "symbols.bin"));
    symbolTable = new Uint32Array(file.buffer, file.byteOffset, file.byteLength >> 2);
  }
  let first = 0x811c9dc5; // FNV-1a, and a second hash that makes the pair unique (embedded_wasm.py proves it is)
  let second = 0x1b873593;
  for (let at = name, byte; (byte = bytes[at]); at++) {
    first = Math.imul(first ^ byte, 0x01000193);
    second = Math.imul(second ^ byte, 0x85ebca6b);
    second = (second << 13) | (second >>> 19);
  }
  first >>>= 0;
  second >>>= 0;
  const mask = symbolTable.length / 3 - 1;
  for (let slot = first & mask; symbolTable[3 * slot + 2]; slot = (slot + 1) & mask)
    if (symbolTable[3 * slot] === first && symbolTable[3 * slot + 1] === second) return symbolTable[3 * slot + 2] - 1;
  return null;
}

/** A read-only file system for Emscripten's FS: what is left over after the direct calls, such as listing a folder. */
function readOnlyFileSystem(FS) {
  const attempt = (action) => {
    try {
      return action();
    } catch (error) {
      throw new FS.ErrnoError(errorNumber(error));
    }
  };
  const host = (node) => {
    const names = [];
    for (; node.parent !== node; node = node.parent) names.unshift(node.name);
    return path.join(node.mount.opts.host, ...names);
  };
  const make = (parent, name, mode) => {
    const node = FS.createNode(parent, name, mode & ~0o222);
    return Object.assign(node, { node_ops: nodeOperations, stream_ops: streamOperations });
  };
  const nodeOperations = {
    getattr: (node) => attempt(() => ({ ...fs.lstatSync(host(node)), ...times(fs.lstatSync(host(node))), ino: node.id })),
    lookup: (parent, name) => make(parent, name, attempt(() => fs.lstatSync(path.join(host(parent), name)).mode)),
    readdir: (node) => [".", "..", ...attempt(() => fs.readdirSync(host(node)))],
    readlink: (node) => attempt(() => fs.readlinkSync(host(node))),
  };
  const times = (stats) => ({ atime: stats.atime, mtime: stats.mtime, ctime: stats.ctime });
  const refuse = () => {
    throw new FS.ErrnoError(ERRNO.EROFS);
  };
  const streamOperations = {
    open: (stream) => void (stream.flags & WRITING && refuse()),
    read: refuse, // files are opened by `open` above, never through here
    write: refuse,
    llseek: (stream, offset, whence) => (whence === 0 ? offset : stream.position + offset),
  };
  return { mount: (mount) => make(null, "/", attempt(() => fs.lstatSync(mount.opts.host).mode)) };
}

module.exports = {
  configuration, environment, mounts, owns, open, close, stat, statOpen, read, seek, forwardStandardInput,
  readStandardInput, writeStandardOutput,
  findSymbol, readOnlyFileSystem,
};
