import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { HeadstartError, messageOf } from "../../core/errors.js";
import { throwIfInterrupted } from "../../core/interrupted.js";
import { packageFile, packageVersion } from "./package-version.js";
import { probeDevice } from "./probe-device.js";

export interface InstallCudaOptions {
  /** Called with each line that the installer prints. */
  readonly onOutput?: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface InstallCudaResult {
  readonly provider: "cuda";
  /** Of onnxruntime-node, whose libraries these are. */
  readonly version: string;
  /** Whether a graph ran on the graphics card afterwards; anything else is an error. */
  readonly works: true;
  readonly seconds: number;
}

const RUNTIME = "onnxruntime-node";

/** Whether ONNX Runtime's CUDA libraries lie beside its others. */
export function cudaLibrariesPresent(): boolean {
  try {
    const folder = join(
      dirname(packageFile(RUNTIME, "package.json")),
      "bin",
      "napi-v6",
      process.platform,
      process.arch,
    );
    return existsSync(join(folder, "libonnxruntime_providers_cuda.so"));
  } catch {
    return false;
  }
}

/**
 * Downloads ONNX Runtime's CUDA 12 libraries with its own installer (from nuget.org, some hundred MB), then runs
 * a graph on the card. Only Linux on x64 needs it: on Windows DirectML, on macOS CoreML come with npm.
 * @throws {HeadstartError} `provider` on other platforms, without the network, or if CUDA still does not load.
 */
export async function installCuda(options: InstallCudaOptions = {}): Promise<InstallCudaResult> {
  const begun = performance.now();
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new HeadstartError(
      "provider",
      `CUDA libraries exist for Linux on x64 only, not ${process.platform} ${process.arch}`,
      {
        facts: { platform: process.platform, arch: process.arch },
        hint: "Use --device auto: it takes DirectML or CoreML where they are there.",
      },
    );
  }
  const version = packageVersion(RUNTIME);
  if (version === null)
    throw new HeadstartError("provider", `${RUNTIME} is not installed`, { hint: "Run npm ci." });
  await runInstaller(options);
  const probe = await probeDevice("cuda");
  if (!probe.works) {
    throw new HeadstartError(
      "provider",
      `The libraries are installed, but CUDA does not load: ${probe.reason}`,
      {
        facts: { version },
        hint: "It needs an NVIDIA card with a recent driver, CUDA 12 and cuDNN 9 on the library path.",
      },
    );
  }
  return { provider: "cuda", version, works: true, seconds: (performance.now() - begun) / 1000 };
}

/** Runs the installer of onnxruntime-node in a process of its own, and passes its lines on. */
async function runInstaller({ onOutput, signal }: InstallCudaOptions): Promise<void> {
  const child = spawn(process.execPath, [packageFile(RUNTIME, "script/install.js")], {
    env: installerEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
    ...(signal === undefined ? {} : { signal }),
  });
  const last: string[] = [];
  const listen = (stream: Readable): void => {
    createInterface({ input: stream }).on("line", (line) => {
      last.push(line);
      if (last.length > 20) last.shift();
      onOutput?.(line);
    });
  };
  listen(child.stdout);
  listen(child.stderr);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  }).catch((cause: unknown) => {
    throwIfInterrupted(signal);
    throw new HeadstartError("provider", `The installer does not start: ${messageOf(cause)}`, { cause });
  });
  throwIfInterrupted(signal);
  if (code !== 0 || !cudaLibrariesPresent()) throw installerFailed(code, last);
}

/**
 * `true` installs all that the platform lacks, which is CUDA 12; the installer of 1.30 ignores the value `cuda12`.
 * It knows proxies by other names than the rest of the world.
 */
function installerEnvironment(): NodeJS.ProcessEnv {
  const { env } = process;
  const proxy = env.GLOBAL_AGENT_HTTPS_PROXY ?? env.HTTPS_PROXY ?? env.https_proxy;
  const direct = env.GLOBAL_AGENT_NO_PROXY ?? env.NO_PROXY ?? env.no_proxy;
  return {
    ...env,
    ONNXRUNTIME_NODE_INSTALL: "true",
    ...(proxy === undefined ? {} : { GLOBAL_AGENT_HTTPS_PROXY: proxy }),
    ...(direct === undefined ? {} : { GLOBAL_AGENT_NO_PROXY: direct }),
  };
}

function installerFailed(code: number | null, output: readonly string[]): HeadstartError {
  const line = output.find((text) => /\b(E[A-Z_]{4,}|Error:|status code)/.test(text));
  const cause = line?.trim().replace(/^Error: /, "") ?? `exit code ${code}`;
  const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH/.test(
    output.join(" "),
  );
  const written = /EACCES|EPERM|EROFS/.test(output.join(" "));
  return new HeadstartError("provider", `ONNX Runtime's installer failed: ${cause}`, {
    facts: { code, output },
    hint: offline
      ? "It needs https://api.nuget.org; behind a proxy, set HTTPS_PROXY."
      : written
        ? "It writes into node_modules/onnxruntime-node: run it as the user who ran npm ci."
        : "Everything works without it, with --device cpu.",
  });
}
