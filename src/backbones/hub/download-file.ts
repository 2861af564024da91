import { constants } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { throwIfInterrupted } from "../../core/interrupted.js";
import { type BlobDigest, blobDigest } from "./blob-digest.js";
import { cacheFault } from "./cache-fault.js";
import type { HubAnswer, HubClient } from "./hub-client.js";
import { hubError } from "./hub-error.js";
import { filePath } from "./hub-repository.js";
import type { HubSettings } from "./hub-settings.js";
import { KEPT, retried, TransientFault } from "./retry.js";

/** One file of a repository, and where it goes. */
export interface Download {
  readonly id: string;
  readonly commit: string;
  readonly path: string;
  readonly size: number;
  /** The Hub's name for the content. */
  readonly blob: string;
  /** The finished file. It exists only once its digest has been found right. */
  readonly target: string;
  readonly signal: AbortSignal | undefined;
  /** Told how many bytes of this file are here. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Downloads a file, going on where an earlier attempt or process stopped.
 * @throws {HeadstartError} `model` if the Hub refuses, or gives other content than it announced; `io` for a full disk or a
 *   cache that cannot be written; `interrupted`.
 */
export async function downloadFile(
  client: HubClient,
  settings: HubSettings,
  download: Download,
): Promise<BlobDigest> {
  const part = `${download.target}.headstart-part`;
  // Bytes of an earlier process may be from another server: where they do not fit, all is fetched once more.
  for (let resumed = true; ; ) {
    const file = await openPart(part);
    try {
      const begun = Math.min((await file.stat()).size, download.size);
      resumed &&= begun > 0;
      await retried(settings, download.signal, fetchRest(client, file, begun, download));
      await file.sync();
    } catch (thrown) {
      throw asFault(thrown, part, download.signal);
    } finally {
      await file.close();
    }
    const digest = await blobDigest(part, download.blob);
    if (digest.matches) {
      await rename(part, download.target).catch((thrown) => {
        throw cacheFault(download.target, thrown);
      });
      return digest;
    }
    await rm(part, { force: true });
    if (!resumed)
      throw otherContent(download, `its digest is ${digest.sha256.slice(0, 12)}, not the one announced`);
    resumed = false;
  }
}

/** Attempts that each go on from where the one before stopped. */
function fetchRest(
  client: HubClient,
  file: FileHandle,
  begun: number,
  download: Download,
): (progressed: () => void) => Promise<void> {
  const { id, commit, path, size, signal, onBytes } = download;
  let here = begun;
  let furthest = here;
  let etag: string | null = null;
  return async (progressed) => {
    onBytes(here);
    if (here === size) return file.truncate(size);
    const answer = await client.ask(
      filePath(id, commit, path),
      { id, revision: commit, path },
      {
        signal,
        headers: here > 0 ? { range: `bytes=${here}-`, ...(etag !== null && { "if-range": etag }) } : {},
      },
    );
    checkCommit(answer, download);
    const from = answer.status === 206 ? rangeStart(answer) : answer.status === 200 ? 0 : null;
    if (from !== 0 && from !== here) {
      answer.body.destroy();
      here = 0;
      await file.truncate(0);
      throw new TransientFault(otherContent(download, "it answers a range with another"));
    }
    here = from;
    await file.truncate(here);
    etag = strongEtag(answer.headers.etag);
    for await (const chunk of answer.body) {
      if (here + chunk.length > size) {
        answer.body.destroy();
        await file.truncate(0);
        throw otherContent(download, `it is longer than the ${size} bytes announced`);
      }
      await writeAll(file, chunk, here);
      here += chunk.length;
      // A server that begins anew each time and never gets further brings nothing.
      if (here > furthest) progressed();
      furthest = Math.max(furthest, here);
      onBytes(here);
    }
    if (here < size) throw new TransientFault(cut(download, here));
  };
}

async function writeAll(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    written += (await file.write(chunk, written, chunk.length - written, position + written)).bytesWritten;
  }
}

async function openPart(part: string): Promise<FileHandle> {
  // A link in its place would write elsewhere.
  const flags = constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);
  try {
    return await open(part, flags, 0o644);
  } catch (thrown) {
    throw cacheFault(part, thrown);
  }
}

function asFault(thrown: unknown, part: string, signal: AbortSignal | undefined): unknown {
  throwIfInterrupted(signal, KEPT);
  return cacheFault(part, thrown);
}

function checkCommit({ hubHeaders, body }: HubAnswer, { id, commit, path }: Download): void {
  const actual = hubHeaders["x-repo-commit"];
  if (actual === undefined || actual === commit) return;
  body.destroy();
  throw hubError(
    "changed",
    `The Hub gave ${path} of '${id}' from commit ${actual.slice(0, 40)}, asked for ${commit}`,
    {
      id,
      hint: "Look at HF_ENDPOINT: a mirror may be behind.",
    },
  );
}

function rangeStart({ headers }: HubAnswer): number | null {
  const start = /^bytes (\d+)-/.exec(headers["content-range"] ?? "")?.[1];
  return start === undefined ? null : Number(start);
}

function strongEtag(etag: string | undefined): string | null {
  return etag?.startsWith('"') ? etag : null;
}

function cut({ id, path, size }: Download, here: number): Error {
  return hubError("unreachable", `The connection broke at ${here} of ${size} bytes of ${path}`, {
    id,
    facts: { path, bytes: here, size },
    hint: KEPT,
  });
}

function otherContent({ id, path, commit, blob }: Download, why: string): Error {
  return hubError("changed", `${path} of '${id}' is not what the Hub announced: ${why}`, {
    id,
    facts: { path, commit, blob },
    hint: "Nothing of it is kept. Run the same command again; if it stays so, look at HF_ENDPOINT and at the proxy.",
  });
}
