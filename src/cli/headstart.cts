#!/usr/bin/env node
import cpu = require("../core/cpu-count.js");

// Images are decoded on libuv's threads, four unless told otherwise. Their number is read when the first is wanted, which
// Node's own loader of ES modules does before any of them runs: so the command line begins with a CommonJS module.
process.env.UV_THREADPOOL_SIZE ??= String(Math.max(4, cpu.cpuCount()));

void import("./main.js");
