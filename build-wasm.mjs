// Compiles AssemblyScript into dist/, where its sources, the compiler or the module there are not those of the last time.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const FOLDERS = ["src/backbones/image/assembly", "src/heads/trees/assembly"];
const STAMPS = "dist/.wasm.json";
const COMPILER = "node_modules/assemblyscript/package.json";

const stamps = existsSync(STAMPS) ? JSON.parse(readFileSync(STAMPS, "utf8")) : {};
for (const folder of FOLDERS) {
  const config = join(folder, "asconfig.json");
  const { targets } = JSON.parse(readFileSync(config, "utf8"));
  const module = resolve(folder, targets.release.outFile);
  if (existsSync(module) && stamps[folder] === stampOf(folder, module)) continue;
  const { default: asc } = await import("assemblyscript/asc");
  const { error, stderr } = await asc.main(["--config", config, "--target", "release"]);
  if (error !== null) {
    process.stderr.write(`${stderr.toString()}${error.message}\n`);
    process.exitCode = 1;
    break;
  }
  stamps[folder] = stampOf(folder, module);
  writeFileSync(STAMPS, `${JSON.stringify(stamps, null, 2)}\n`);
}

/** Digest of all that the module is made from, and of itself. */
function stampOf(folder, module) {
  const hash = createHash("sha256");
  for (const file of [COMPILER, ...readdirSync(folder).map((name) => join(folder, name)), module]) {
    hash.update(`${file}\n`).update(readFileSync(file));
  }
  return hash.digest("hex");
}
