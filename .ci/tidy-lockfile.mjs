#!/usr/bin/env node
// Keeps package-lock.json free of two things that would make `npm ci` run code or warn (docs/adr/0005):
//   1. install scripts: no dependency's is wanted. npm 10 runs those that the lock file announces, and
//      onnxruntime-node's would download CUDA libraries from outside the npm registry;
//   2. the `engines` of nsfwjs, of which only data files are read.
// Run it after every `npm install`; with --check it changes nothing and fails if there is something to tidy.
import { readFileSync, writeFileSync } from "node:fs";

const path = new URL("../package-lock.json", import.meta.url);
const before = readFileSync(path, "utf8");
const lock = JSON.parse(before);
for (const [where, entry] of Object.entries(lock.packages)) {
  delete entry.hasInstallScript;
  if (where === "node_modules/nsfwjs") delete entry.engines;
}
const after = `${JSON.stringify(lock, null, 2)}\n`;
if (process.argv.includes("--check")) {
  if (after !== before) {
    console.error("package-lock.json announces install scripts. Run: npm run lockfile");
    process.exit(1);
  }
} else if (after !== before) {
  writeFileSync(path, after);
  console.log("package-lock.json tidied");
}
