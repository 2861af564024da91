import { HeadstartError } from "../../core/errors.js";

/** Why the Hub gave nothing: `facts.reason` of the error, for programs to branch on. */
export type HubReason =
  | "not-found"
  | "unauthorised"
  | "gated"
  | "unknown-revision"
  | "missing-file"
  | "rate-limit"
  | "server"
  | "unreachable"
  | "offline"
  | "changed"
  | "nonsense";

/** A `model` error about a repository of the Hub. */
export function hubError(
  reason: HubReason,
  message: string,
  options: { id: string; hint: string; facts?: Readonly<Record<string, unknown>>; cause?: unknown },
): HeadstartError {
  const { id, hint, facts, cause } = options;
  return new HeadstartError("model", message, { facts: { id, reason, ...facts }, hint, cause });
}

/** What was asked for when the Hub refused. */
export interface HubQuestion {
  readonly id: string;
  readonly revision: string;
  /** The file that was asked for; null for the repository itself. */
  readonly path: string | null;
  readonly endpoint: string;
  readonly hasToken: boolean;
}

/** A refusal of the Hub, in words; `code` is its `X-Error-Code`. */
export function refusal(status: number, code: string | null, question: HubQuestion): HeadstartError {
  const { id, revision, path, endpoint, hasToken } = question;
  const facts = { status, revision, path, endpoint };
  const page = `${endpoint}/${id}`;
  const login = "set HF_TOKEN, or run: hf auth login";
  if (code === "GatedRepo" || (status === 403 && code !== "RepoNotFound")) {
    return hubError("gated", `'${id}' is gated: its files are for those who accepted its terms`, {
      id,
      facts,
      hint: hasToken
        ? `Accept the terms at ${page} with the account that your token belongs to; the token needs the right to read gated repositories.`
        : `Accept the terms at ${page}, make a token at ${endpoint}/settings/tokens, and ${login}`,
    });
  }
  if (code === "RevisionNotFound") {
    return hubError("unknown-revision", `'${id}' has no revision '${revision}'`, {
      id,
      facts,
      hint: `Its branches and tags are at ${page}/tree/main; leave --revision out for main.`,
    });
  }
  if (status === 401 && hasToken && code !== "RepoNotFound") {
    return hubError("unauthorised", `The Hub refuses the token that was sent for '${id}'`, {
      id,
      facts,
      hint: `It may have expired: make one at ${endpoint}/settings/tokens, then ${login}`,
    });
  }
  if (path !== null && status === 404) {
    return hubError("missing-file", `'${id}' lists ${path}, but does not give it`, {
      id,
      facts,
      hint: "The repository may have changed at this moment: run the same command again.",
    });
  }
  if (status === 401 || status === 404) {
    return hubError("not-found", `There is no folder '${id}', and no such repository at ${endpoint}`, {
      id,
      facts,
      hint: hasToken
        ? "Check the spelling; a private one needs a token with the right to read it."
        : `Check the spelling. If it is private, ${login}`,
    });
  }
  return hubError("server", `The Hub answered ${status} for '${id}'`, {
    id,
    facts,
    hint: `Look at ${page} in a browser, and try again later.`,
  });
}
