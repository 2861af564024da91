import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { arch, platform, totalmem } from "node:os";
import { imageLibrary } from "../../backbones/image/image-library.js";
import { cacheFolder } from "../../core/cache-folder.js";
import { cpuCount } from "../../core/cpu-count.js";
import { HeadstartError, messageOf } from "../../core/errors.js";
import { checkCacheSettings } from "../cache-settings.js";
import type { DoctorCheck } from "./doctor-check.js";

/** The oldest Node.js that works. */
const NODE = [20, 19] as const;
/** Below this the larger backbones will not fit. */
const MEMORY = 2e9;
/** Settings that change where a Hub id is looked for; values of tokens are never shown. */
const HUB_SETTINGS = ["HF_ENDPOINT", "HF_HOME", "HF_HUB_CACHE", "HF_HUB_OFFLINE"] as const;

/** Node.js, processors, memory, native libraries, the working directory, the cache and Hub settings. */
export async function checkMachine(): Promise<DoctorCheck[]> {
  return [
    checkNode(),
    { name: "machine", state: "ok", detail: `${platform()} ${arch()}, ${cpuCount()} processors to use` },
    checkMemory(),
    await checkSharp(),
    await checkWorkingFolder(),
    await checkCache(),
    hubSettings(),
  ];
}

function checkNode(): DoctorCheck {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const recent = major > NODE[0] || (major === NODE[0] && minor >= NODE[1]);
  return recent
    ? { name: "node", state: "ok", detail: process.versions.node }
    : {
        name: "node",
        state: "failed",
        detail: process.versions.node,
        hint: `Install Node.js ${NODE.join(".")} or newer.`,
      };
}

function checkMemory(): DoctorCheck {
  const limit = process.constrainedMemory();
  const total = limit > 0 && limit < totalmem() ? limit : totalmem();
  const detail = `${(total / 1e9).toFixed(1)} GB`;
  return total >= MEMORY
    ? { name: "memory", state: "ok", detail }
    : {
        name: "memory",
        state: "warning",
        detail,
        hint: "Embedded backbones need about 1 GB; larger ones more.",
      };
}

async function checkSharp(): Promise<DoctorCheck> {
  try {
    const { version, formats } = await imageLibrary();
    return { name: "images", state: "ok", detail: `sharp ${version}, reads ${formats.join(", ")}` };
  } catch (thrown) {
    const hint = "Run npm ci again on this platform: sharp's binaries are made for one platform each.";
    return { name: "images", state: "failed", detail: messageOf(thrown).split("\n")[0] ?? "", hint };
  }
}

async function checkWorkingFolder(): Promise<DoctorCheck> {
  const folder = process.cwd();
  try {
    await access(folder, constants.W_OK);
    return { name: "folder", state: "ok", detail: `${folder} can be written` };
  } catch {
    const hint = "Give -o a path in a folder that can be written.";
    return { name: "folder", state: "warning", detail: `${folder} cannot be written`, hint };
  }
}

async function checkCache(): Promise<DoctorCheck> {
  try {
    const on = await checkCacheSettings();
    return { name: "cache", state: "ok", detail: `${cacheFolder()}, vectors ${on ? "on" : "off"}` };
  } catch (thrown) {
    const hint = thrown instanceof HeadstartError ? thrown.hint : undefined;
    return { name: "cache", state: "failed", detail: messageOf(thrown), ...(hint !== undefined && { hint }) };
  }
}

function hubSettings(): DoctorCheck {
  const set = HUB_SETTINGS.flatMap((name) =>
    process.env[name] === undefined ? [] : [`${name}=${process.env[name]}`],
  );
  if (process.env.HF_TOKEN !== undefined) set.push("HF_TOKEN is set");
  return { name: "hub", state: "ok", detail: set.length > 0 ? set.join(", ") : "no settings" };
}
