import { z } from "zod";
import type { HubClient } from "./hub-client.js";
import { hubError } from "./hub-error.js";
import { isCommit } from "./hub-id.js";
import type { HubSettings } from "./hub-settings.js";
import { retried } from "./retry.js";

/** A file as the Hub announces it. */
export interface HubFile {
  readonly path: string;
  /** Bytes; null where the listing says nothing. */
  readonly size: number | null;
  /** The SHA-256 of a large file, or git's digest of a small one: its name in the cache. Null where it is not said. */
  readonly blob: string | null;
}

/** A repository at one commit. */
export interface HubRepository {
  readonly id: string;
  readonly commit: string;
  readonly license: string | null;
  readonly files: readonly HubFile[];
}

const answerSchema = z.object({
  sha: z.string(),
  tags: z.array(z.string()).catch([]),
  siblings: z
    .array(
      z.object({
        rfilename: z.string(),
        size: z.number().int().nonnegative().nullish().catch(null),
        blobId: z.string().nullish().catch(null),
        lfs: z
          .object({ sha256: z.string().nullish(), size: z.number().int().nonnegative().nullish() })
          .nullish()
          .catch(null),
      }),
    )
    .max(100_000),
});

/** An answer of more than this is no list of files. */
const LONGEST_ANSWER = 64 * 1024 * 1024;

/**
 * Asks the Hub what a repository holds at a revision.
 * @throws {HeadstartError} `model` if there is no such repository or revision, or the answer makes no sense.
 */
export async function hubRepository(
  client: HubClient,
  settings: HubSettings,
  id: string,
  revision: string,
  signal: AbortSignal | undefined,
): Promise<HubRepository> {
  const path = `api/models/${id}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const text = await retried(settings, signal, async () => {
    const { body } = await client.ask(path, { id, revision, path: null }, { signal });
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of body) {
      length += chunk.length;
      if (length > LONGEST_ANSWER) throw nonsense(id, settings, "a list of more than 64 MB");
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString("utf8");
  });
  const parsed = answerSchema.safeParse(parseJson(text));
  if (!parsed.success) throw nonsense(id, settings, "no list of files");
  const { sha, tags, siblings } = parsed.data;
  if (!isCommit(sha)) throw nonsense(id, settings, `'${sha.slice(0, 60)}' for a commit`);
  return {
    id,
    commit: sha,
    license: tags.find((tag) => tag.startsWith("license:"))?.slice("license:".length) ?? null,
    files: siblings.map(({ rfilename, size, blobId, lfs }) => ({
      path: rfilename,
      size: lfs?.size ?? size ?? null,
      blob: digestOr(lfs ? lfs.sha256 : blobId),
    })),
  };
}

/**
 * A file with its size and digest, which the Hub tells in the headers where its list does not.
 * @throws {HeadstartError} `model` if it tells neither.
 */
export async function announced(
  client: HubClient,
  settings: HubSettings,
  { id, commit }: Pick<HubRepository, "id" | "commit">,
  file: HubFile,
  signal: AbortSignal | undefined,
): Promise<HubFile & { size: number; blob: string }> {
  const { path, size, blob } = file;
  if (size !== null && blob !== null) return { path, size, blob };
  const { headers, hubHeaders } = await retried(settings, signal, async () => {
    const question = { id, revision: commit, path };
    const answer = await client.ask(filePath(id, commit, path), question, { method: "HEAD", signal });
    answer.body.destroy();
    return answer;
  });
  const length = size ?? Number(hubHeaders["x-linked-size"] ?? headers["content-length"] ?? "NaN");
  const etag = blob ?? digestOr((hubHeaders["x-linked-etag"] ?? hubHeaders.etag)?.replace(/^W\/|"/g, ""));
  if (Number.isSafeInteger(length) && length >= 0 && etag !== null) return { path, size: length, blob: etag };
  throw nonsense(id, settings, `neither size nor digest of ${path}`);
}

/** The address of a file below the endpoint. */
export function filePath(id: string, commit: string, path: string): string {
  return `${id}/resolve/${commit}/${path.split("/").map(encodeURIComponent).join("/")}`;
}

function digestOr(text: string | null | undefined): string | null {
  return text && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text) ? text : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function nonsense(id: string, { endpoint }: HubSettings, what: string): Error {
  return hubError("nonsense", `${endpoint} does not answer as the Hub does for '${id}': it gave ${what}`, {
    id,
    hint: "Look at HF_ENDPOINT and at the proxy.",
  });
}
