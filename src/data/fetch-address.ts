import { lookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import type { Dispatcher } from "undici";
import { HeadstartError, messageOf } from "../core/errors.js";
import { isPublicAddress } from "./public-address.js";

const MOST_REDIRECTS = 5;
/** Milliseconds without a byte after which an address counts as silent. */
const SILENCE = 30_000;
/** Milliseconds that one image or sound may take in all. */
const ITEM_TIME = 120_000;

/** Whether a text is an http or https address. */
export function isAddress(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

/** @throws {HeadstartError} `usage` for what is no host: `files.intern`, `10.0.0.5:8080`, `[fd00::1]`. */
export function checkHost(host: string): void {
  const address = `http://${host}/`;
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url !== null && [url.hostname, url.host, `${url.hostname}:80`].includes(host.toLowerCase())) return;
  throw new HeadstartError("usage", `'${host}' is no host`, {
    facts: { host },
    hint: "Give its name or address alone, such as --fetch-host files.example or --fetch-host 10.0.0.5:8080.",
  });
}

/** Fetches by http and https, through the proxy that the environment names. */
export interface Fetcher {
  /**
   * One item as bytes, or why it cannot be had; hosts that are not of the open internet are refused, but for those
   * that the user named.
   */
  bytes(
    address: string,
    limit: number,
  ): Promise<{ readonly bytes: Uint8Array } | { readonly reason: string }>;
  /**
   * The body at the address that the user named, as it comes, and its size where the server says so.
   * @throws {HeadstartError} `io` where it cannot be had.
   */
  stream(address: string): Promise<{ readonly body: NodeJS.ReadableStream; readonly size: number | null }>;
}

/**
 * @param input - the address that the user gave, whose host is trusted; null where rows alone name addresses.
 * @param hosts - others that the user trusts though they are not of the open internet (`checkHost`).
 */
export function addressFetcher(input: string | null, hosts: readonly string[] = []): Fetcher {
  const trusted = new Set(hosts.map((host) => host.toLowerCase()));
  if (input !== null) trusted.add(new URL(input).hostname);
  let connecting: Promise<Connections> | null = null;

  const get = async (address: string, signal?: AbortSignal): Promise<Dispatcher.ResponseData> => {
    connecting ??= connections();
    const { request, open, named } = await connecting;
    let url = new URL(address);
    for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
      if (url.protocol !== "http:" && url.protocol !== "https:")
        throw new Error(`it leads to ${url.protocol}`);
      const host = url.hostname.replace(/^\[|\]$/g, "");
      const ours = trusted.has(url.hostname) || trusted.has(url.host);
      if (!ours && isIP(host) !== 0 && !isPublicAddress(host)) throw new Error(notPublic(url.hostname));
      const response = await request(url, {
        dispatcher: ours ? named : open,
        headers: { "user-agent": "headstart" },
        ...(signal && { signal }),
      });
      const location = response.headers.location;
      if (response.statusCode < 300 || response.statusCode >= 400 || typeof location !== "string") {
        if (response.statusCode === 200) return response;
        discard(response.body);
        throw new Error(`the server answered ${response.statusCode}`);
      }
      discard(response.body);
      url = new URL(location, url);
    }
    throw new Error(`more than ${MOST_REDIRECTS} redirections`);
  };

  return {
    async bytes(address, limit) {
      const signal = AbortSignal.timeout(ITEM_TIME);
      try {
        const { body, headers } = await get(address, signal);
        if (Number(headers["content-length"] ?? 0) > limit) {
          discard(body);
          return {
            reason: `'${address}' has ${String(headers["content-length"])} bytes; at most ${limit} are fetched`,
          };
        }
        const pieces: Uint8Array[] = [];
        let length = 0;
        for await (const piece of body as AsyncIterable<Uint8Array>) {
          length += piece.length;
          if (length > limit) return { reason: `'${address}' has more than ${limit} bytes` };
          pieces.push(piece);
        }
        return { bytes: Buffer.concat(pieces) };
      } catch (cause) {
        const late = signal.aborted ? `it took more than ${ITEM_TIME / 1000} seconds` : innerMessage(cause);
        return { reason: `cannot fetch '${address}': ${late}` };
      }
    },
    async stream(address) {
      try {
        const { body, headers } = await get(address);
        const size = Number(headers["content-length"]);
        return { body, size: Number.isSafeInteger(size) && size > 0 ? size : null };
      } catch (cause) {
        throw new HeadstartError("io", `Cannot fetch ${address}: ${innerMessage(cause)}`, {
          facts: { address },
          hint: "Check the address and the network; proxies are taken from HTTPS_PROXY and NO_PROXY.",
          cause,
        });
      }
    },
  };
}

/** How requests go out: to the hosts that are trusted, and to those of the open internet only. */
interface Connections {
  readonly request: typeof import("undici").request;
  readonly named: Dispatcher;
  readonly open: Dispatcher;
}

/** Loaded at the first request: most runs make none. */
async function connections(): Promise<Connections> {
  const { EnvHttpProxyAgent, request } = await import("undici");
  const limits = { headersTimeout: SILENCE, bodyTimeout: SILENCE };
  return {
    request,
    named: new EnvHttpProxyAgent({ ...limits, connect: { timeout: SILENCE } }),
    open: new EnvHttpProxyAgent({ ...limits, connect: { timeout: SILENCE, lookup: publicLookup } }),
  };
}

/** Lets go of a body that is not wanted; that it is aborted is no news. */
function discard(body: Dispatcher.ResponseData["body"]): void {
  body.on("error", () => undefined).destroy();
}

/** Resolves a name, and refuses it where any of its addresses is not of the open internet. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, "", 4);
    const inner = addresses.find(({ address }) => !isPublicAddress(address));
    if (inner !== undefined) return callback(new Error(notPublic(hostname, ` (${inner.address})`)), "", 4);
    if (options.all) return callback(null, addresses);
    callback(null, addresses[0]!.address, addresses[0]!.family);
  });
};

const notPublic = (host: string, address = ""): string =>
  `${host}${address} is not on the open internet; if you trust it, name it with --fetch-host ${host}`;

function innerMessage(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return messageOf(thrown.errors[0]);
  return messageOf(thrown);
}
