import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { HeadstartError } from "../../core/errors.js";

/** Where the Hub is, what is known of the user, and how patient to be. */
export interface HubSettings {
  /** Without a slash at its end. */
  readonly endpoint: string;
  /** Sent to the endpoint alone; null for an anonymous visitor. */
  readonly token: string | null;
  /** The cache, in the layout of huggingface_hub. */
  readonly cache: string;
  /** Whether the network must not be used. */
  readonly offline: boolean;
  /** How long a connection, an answer or the next bytes may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Wait before the first repetition, in milliseconds; it doubles with each. */
  readonly retryMs: number;
  /** Attempts in a row that may bring nothing new. */
  readonly attempts: number;
  /** Files that are fetched at once. */
  readonly parallel: number;
}

/**
 * The settings that huggingface_hub reads too: `HF_ENDPOINT`, `HF_TOKEN` (or the token file of `hf auth login`), `HF_HOME`,
 * `HF_HUB_CACHE`, `XDG_CACHE_HOME`, `HF_HUB_OFFLINE` and `HF_HUB_DOWNLOAD_TIMEOUT` (seconds; default 30).
 * @throws {HeadstartError} `usage` if one of them makes no sense.
 */
export function hubSettings(env: Readonly<Record<string, string | undefined>> = process.env): HubSettings {
  const home =
    expand(env.HF_HOME) ?? join(expand(env.XDG_CACHE_HOME) ?? join(homedir(), ".cache"), "huggingface");
  return {
    endpoint: endpointOf(env.HF_ENDPOINT),
    token: tokenOf(env, home),
    cache: expand(env.HF_HUB_CACHE) ?? expand(env.HUGGINGFACE_HUB_CACHE) ?? join(home, "hub"),
    offline: isOn(env.HF_HUB_OFFLINE) || isOn(env.TRANSFORMERS_OFFLINE),
    timeoutMs: 1000 * secondsOf(env.HF_HUB_DOWNLOAD_TIMEOUT),
    retryMs: 500,
    attempts: 5,
    parallel: 4,
  };
}

function endpointOf(text: string | undefined): string {
  const given = text?.trim() || "https://huggingface.co";
  if (/^https?:\/\//i.test(given) && URL.canParse(given)) return given.replace(/\/+$/, "");
  throw new HeadstartError("usage", `HF_ENDPOINT is '${given}', which is no http address`, {
    hint: "Unset it, or give one such as https://huggingface.co",
  });
}

function tokenOf(env: Readonly<Record<string, string | undefined>>, home: string): string | null {
  if (isOn(env.HF_HUB_DISABLE_IMPLICIT_TOKEN)) return null;
  const path = expand(env.HF_TOKEN_PATH) ?? join(home, "token");
  const text =
    env.HF_TOKEN?.trim() ||
    env.HUGGING_FACE_HUB_TOKEN?.trim() ||
    (existsSync(path) ? readFileSync(path, "utf8").trim() : "");
  if (text === "") return null;
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new HeadstartError("usage", "The Hub token holds characters that no token has", {
    hint: "Look at HF_TOKEN, or log in again: hf auth login",
  });
}

function secondsOf(text: string | undefined): number {
  const seconds = Number(text?.trim() || "30");
  if (seconds > 0 && seconds <= 86_400) return seconds;
  throw new HeadstartError("usage", `HF_HUB_DOWNLOAD_TIMEOUT is '${text}', expected seconds above 0`);
}

function isOn(text: string | undefined): boolean {
  return /^(1|on|yes|true)$/i.test(text?.trim() ?? "");
}

function expand(path: string | undefined): string | undefined {
  return path ? resolve(path.replace(/^~(?=$|[/\\])/, homedir())) : undefined;
}
