import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import { messageOf } from "../../core/errors.js";
import { soundError } from "./sound-error.js";

/** What ffmpeg may take a file for: sounds and films, no playlists and nothing that names other files. */
const FORMATS =
  "aac,ac3,aiff,amr,ape,asf,au,avi,caf,eac3,flac,flv,matroska,mov,mp3,mpc,mpeg,ogg,opus,tta,voc,w64,wav,wv";

export interface FfmpegLimits {
  /** Of sound. */
  readonly seconds: number;
  /** Most bytes of decoded samples; default 512 MiB. */
  readonly maxBytes?: number;
  /** The time that decoding may take; default 60 s. */
  readonly timeoutMs?: number;
}

/** The `ffmpeg` of the search path, as an absolute path; null where there is none. The working directory is not searched. */
export function findFfmpeg(searchPath: string = process.env.PATH ?? ""): string | null {
  const name = process.platform === "win32" ? "ffmpeg.exe" : "ffmpeg";
  const folders = searchPath.split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, name)).find(existsSync) ?? null;
}

/**
 * Decodes a sound with ffmpeg: the first sound track, as a WAV file of float32 samples at its own rate.
 * The program gets a copy of the bytes under a name of ours, no shell, no settings from the environment and no network; it may open
 * nothing but that copy, and is ended where it takes too long or gives too much.
 * @throws {HeadstartError} `data` if it is no sound, or over a limit.
 */
export async function decodeWithFfmpeg(
  ffmpeg: string,
  bytes: Uint8Array,
  limits: FfmpegLimits,
  name: string,
): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "headstart-sound-"));
  try {
    const copy = join(folder, "sound");
    await writeFile(copy, bytes);
    const input = ["-protocol_whitelist", "file", "-format_whitelist", FORMATS, "-i", `file:${copy}`];
    const track = ["-map", "0:a:0", "-map_metadata", "-1", "-t", String(limits.seconds)];
    const output = ["-c:a", "pcm_f32le", "-f", "wav", "pipe:1"];
    const quiet = ["-nostdin", "-hide_banner", "-v", "error", "-threads", "1"];
    const program = spawnQuietly(ffmpeg, [...quiet, ...input, ...track, ...output]);
    return await outputOf(program, limits, name, `file:${copy}: `);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function spawnQuietly(program: string, args: readonly string[]): ChildProcess {
  const env = Object.fromEntries(
    LOADER.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  );
  return spawn(program, args, { shell: false, windowsHide: true, stdio: ["ignore", "pipe", "pipe"], env });
}

/** What the system needs to find a program's libraries; nothing else of the environment is passed on. */
const LOADER = ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SystemRoot", "PATH"];

/**
 * What a program writes, unless it fails, writes too much or takes too long.
 * @param ownName - left out of its complaints: the same sound is refused in the same words each time.
 */
function outputOf(
  program: ChildProcess,
  limits: FfmpegLimits,
  name: string,
  ownName: string,
): Promise<Uint8Array> {
  const { maxBytes = 512 * 2 ** 20, timeoutMs = 60_000 } = limits;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let complaint = "";
    let ended: string | null = null;
    const end = (reason: string) => {
      ended ??= reason;
      program.kill("SIGKILL");
    };
    const timer = setTimeout(() => end(`decoding took more than ${timeoutMs / 1000} seconds`), timeoutMs);
    program.stdout!.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) end(`decoded, it takes more than ${maxBytes / 2 ** 20} MiB`);
      else chunks.push(chunk);
    });
    program.stderr!.on("data", (chunk: Buffer) => {
      if (complaint.length < MAX_COMPLAINT) complaint += chunk.toString("utf8");
    });
    program.on("error", (cause) => {
      clearTimeout(timer);
      reject(soundError(name, `ffmpeg cannot be run: ${messageOf(cause)}`, { cause }));
    });
    program.on("close", (code) => {
      clearTimeout(timer);
      if (ended !== null) reject(soundError(name, ended));
      else if (code === 0) resolve(Buffer.concat(chunks));
      else {
        const words = lastLine(complaint.replaceAll(ownName, ""));
        reject(soundError(name, `no sound that ffmpeg can decode (${words})`));
      }
    });
  });
}

const MAX_COMPLAINT = 4096;

function lastLine(text: string): string {
  const lines = text.split("\n").map((line) => line.replaceAll(/\[[^\]]*\]/g, "").trim());
  return (
    lines
      .filter((line) => line !== "")
      .at(-1)
      ?.slice(0, 200) ?? "it gave no reason"
  );
}
