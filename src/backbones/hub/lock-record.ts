import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeFileAtomic } from "../../core/atomic-file.js";
import { HeadstartError, messageOf } from "../../core/errors.js";
import { systemCode } from "../../core/system-code.js";

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const commit = z.string().regex(/^[0-9a-f]{40}$/);

const schema = z.object({
  format: z.literal(1),
  id: z.string(),
  /** What a branch or tag meant when it was pulled; later pulls keep to it. */
  revisions: z.record(z.string(), commit),
  commits: z.record(
    commit,
    z.object({
      license: z.string().nullable(),
      /** The address of the commit. */
      source: z.string(),
      /** Every file of the repository at this commit. */
      listing: z.array(z.string()),
      /** Those that are here. */
      files: z.record(
        z.string(),
        z.object({
          size: z.number().int().nonnegative(),
          sha256: digest,
          /** The Hub's name for the content. */
          blob: z.string(),
          /** Whether another program had put it into the cache. */
          found: z.boolean(),
        }),
      ),
    }),
  ),
});

/** What was pulled of a repository: commits, and size and SHA-256 of each file. */
export type LockRecord = z.infer<typeof schema>;
export type LockedCommit = LockRecord["commits"][string];
export type LockedFile = LockedCommit["files"][string];

/** The commit that a branch or tag meant when it was pulled, whatever its name (`constructor`); null where it was not. */
export function lockedRevision(record: LockRecord | null, revision: string): string | null {
  return record !== null && Object.hasOwn(record.revisions, revision) ? record.revisions[revision]! : null;
}

/** A file of a commit as it was pulled. */
export function lockedFile(
  commit: Pick<LockedCommit, "files"> | undefined,
  path: string,
): LockedFile | undefined {
  return commit !== undefined && Object.hasOwn(commit.files, path) ? commit.files[path] : undefined;
}

export const LOCK_RECORD = "headstart.lock.json";

/**
 * Reads `headstart.lock.json` of a repository's folder; null where nothing has been pulled.
 * @throws {HeadstartError} `model` if it is damaged.
 */
export async function readLockRecord(repository: string): Promise<LockRecord | null> {
  const path = join(repository, LOCK_RECORD);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (thrown) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(thrown) ?? "")) return null;
    throw new HeadstartError("io", `Cannot read ${path}: ${messageOf(thrown)}`, {
      facts: { path },
      cause: thrown,
    });
  }
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new HeadstartError("model", `${path} is damaged: ${issue?.path.join(".")}: ${issue?.message}`, {
    facts: { path },
    hint: "Delete this file; the next pull writes it anew from what is in the cache.",
  });
}

export function writeLockRecord(repository: string, record: LockRecord): Promise<void> {
  return writeFileAtomic(join(repository, LOCK_RECORD), `${JSON.stringify(record, null, 2)}\n`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
