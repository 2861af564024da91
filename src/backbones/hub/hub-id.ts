import { HeadstartError } from "../../core/errors.js";

/** Whether an id may name a repository of the Hub: `organisation/name`. */
export function isHubId(id: string): boolean {
  return id.split("/").length === 2 && id.length <= 192 && id.split("/").every(isRepositoryName);
}

/** Whether a revision is a whole commit, which never changes. */
export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

/**
 * @throws {HeadstartError} `usage` if a revision is no branch, tag or commit: it becomes a file name in the cache.
 */
export function checkRevision(revision: string): void {
  if (isSafePath(revision)) return;
  throw new HeadstartError("usage", `'${revision}' is no revision`, {
    facts: { revision },
    hint: "Give a branch, a tag or a commit, such as --revision main.",
  });
}

/**
 * Whether a path stays in the folder that it is joined to, on every system: no absolute paths, backslashes, drives,
 * dots, control characters, and nothing that Windows cannot hold.
 */
export function isSafePath(path: string): boolean {
  return path.length <= 1024 && path.split("/").every(isSafeName);
}

/** The name of a repository's folder in the cache of huggingface_hub. */
export function repositoryFolderName(id: string): string {
  return `models--${id.replaceAll("/", "--")}`;
}

function isRepositoryName(name: string): boolean {
  return /^[A-Za-z0-9_][\w.-]*$/.test(name) && !/--|\.\.|[.-]$/.test(name);
}

function isSafeName(name: string): boolean {
  return name !== "" && name.length <= 255 && !/^\.{1,2}$|[\\:*?"<>|\p{Cc}]|[. ]$/u.test(name);
}
