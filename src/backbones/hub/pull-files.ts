import { join } from "node:path";
import { makeFolder } from "../../core/make-folder.js";
import type { OnProgress } from "../../core/progress.js";
import { cacheFault } from "./cache-fault.js";
import { downloadFile } from "./download-file.js";
import { blobPath, linkBlob } from "./hub-cache.js";
import type { HubClient } from "./hub-client.js";
import { hubError } from "./hub-error.js";
import { isSafePath } from "./hub-id.js";
import type { HubFile, HubRepository } from "./hub-repository.js";
import type { HubSettings } from "./hub-settings.js";
import { inParallel } from "./in-parallel.js";
import type { LockedFile } from "./lock-record.js";

/** A file whose size and digest are known before it is downloaded. */
export type Announced = HubFile & { readonly size: number; readonly blob: string };

/** No configuration or tokenizer is larger; weights may be. */
const LARGEST_CONFIGURATION = 256 * 1024 * 1024;
const WEIGHTS = /\.(onnx|safetensors|bin)$|\.onnx(\.data|_data)(_\d+)?$/;
const REPORT_MS = 100;

/**
 * Downloads files, several at once, small ones first; a file is linked into the snapshot once its digest was found right.
 * @returns what to record of each, by path.
 */
export async function pullFiles(
  repository: string,
  pull: {
    readonly client: HubClient;
    readonly settings: HubSettings;
    readonly at: HubRepository;
    readonly files: readonly Announced[];
    readonly request: { readonly onProgress?: OnProgress; readonly signal?: AbortSignal };
  },
): Promise<ReadonlyMap<string, LockedFile>> {
  const { client, settings, at, files } = pull;
  const { id, commit } = at;
  const { onProgress } = pull.request;
  // What one file's failure makes pointless ends at once; what it brought is kept.
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(pull.request.signal ? [pull.request.signal] : [])]);
  const locked = new Map<string, LockedFile>();
  if (files.length === 0) return locked;
  for (const file of files) checkFile(at.id, file);
  await makeFolder(join(repository, "blobs")).catch((thrown) => {
    throw cacheFault(join(repository, "blobs"), thrown);
  });
  const report = reporter(files, onProgress);
  // The same content under two names is downloaded once.
  const byBlob = new Map(files.map((file) => [file.blob, file]));
  const inOrder = [...byBlob.values()].sort((a, b) => a.size - b.size);
  await inParallel(inOrder, settings.parallel, async ({ path, size, blob }) => {
    const target = blobPath(repository, blob);
    const onBytes = (bytes: number): void => report(blob, bytes);
    const download = { id, commit, path, size, blob, target, signal, onBytes };
    const { sha256 } = await downloadFile(client, settings, download).catch((thrown: unknown) => {
      failed.abort();
      throw thrown;
    });
    for (const named of files.filter((file) => file.blob === blob)) {
      await linkBlob(repository, commit, named.path, blob).catch((thrown) => {
        throw cacheFault(named.path, thrown);
      });
      locked.set(named.path, { size, sha256, blob, found: false });
    }
  });
  return locked;
}

/** Reports the bytes of all files together, a few times a second and at the end. */
function reporter(files: readonly Announced[], onProgress: OnProgress | undefined) {
  const here = new Map<string, number>();
  const total = [...new Map(files.map(({ blob, size }) => [blob, size])).values()].reduce((a, b) => a + b, 0);
  let last = Number.NEGATIVE_INFINITY;
  return (blob: string, bytes: number): void => {
    here.set(blob, bytes);
    const done = [...here.values()].reduce((a, b) => a + b, 0);
    const now = performance.now();
    if (now - last < REPORT_MS && done < total) return;
    last = now;
    onProgress?.({ stage: "download", done, total, unit: "bytes" });
  };
}

/** @throws {HeadstartError} `model` if a name leaves the folder, or a configuration is far too large. */
function checkFile(id: string, { path, size }: Announced): void {
  if (!isSafePath(path)) {
    throw hubError("nonsense", `'${id}' has a file whose name leaves its folder: ${JSON.stringify(path)}`, {
      id,
      facts: { path },
      hint: "Do not use this repository.",
    });
  }
  if (size > LARGEST_CONFIGURATION && !WEIGHTS.test(path)) {
    throw hubError(
      "nonsense",
      `${path} of '${id}' has ${(size / 1e6).toFixed(0)} MB, too many for what it is`,
      {
        id,
        facts: { path, size, limit: LARGEST_CONFIGURATION },
        hint: "Do not use this repository.",
      },
    );
  }
}
