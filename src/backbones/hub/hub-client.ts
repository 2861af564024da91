import { HeadstartError, messageOf } from "../../core/errors.js";
import { type HubQuestion, hubError, refusal } from "./hub-error.js";
import type { HubSettings } from "./hub-settings.js";
import { TransientFault } from "./retry.js";

/** An answer that is no refusal. */
export interface HubAnswer {
  readonly status: number;
  /** Of the last server asked, in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the Hub itself, before it sent us on to where its files lie. */
  readonly hubHeaders: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array> & { destroy(): void };
}

/** One visit to the Hub: its connections are kept open until it is closed. */
export interface HubClient {
  /**
   * Asks the Hub for one address and goes where it is sent.
   * @param path - below the endpoint, already encoded.
   * @throws {HeadstartError} `model` for a refusal; {TransientFault} for what may pass.
   */
  ask(
    path: string,
    question: Pick<HubQuestion, "id" | "revision" | "path">,
    options?: AskOptions,
  ): Promise<HubAnswer>;
  close(): Promise<void>;
}

export interface AskOptions {
  readonly method?: "GET" | "HEAD";
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

const REDIRECTS = 6;
/** Of nobody there: waiting seldom helps. */
const HOPELESS = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ENETUNREACH", "EHOSTUNREACH"]);

/** Opens a visit; proxies are taken from `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. */
export async function openHubClient(settings: HubSettings, userAgent = "headstart"): Promise<HubClient> {
  const { EnvHttpProxyAgent, request } = await import("undici");
  const { endpoint, timeoutMs } = settings;
  const times = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs };
  const dispatcher = new EnvHttpProxyAgent({ ...times, connect: { timeout: timeoutMs }, connections: 8 });
  const home = new URL(endpoint).origin;

  return {
    async ask(path, asked, { method = "GET", headers, signal } = {}) {
      const question = { ...asked, endpoint, hasToken: settings.token !== null };
      let address = new URL(`${endpoint}/${path}`);
      let hubHeaders: Headers | null = null;
      for (let hop = 0; hop <= REDIRECTS; hop++) {
        const authorised = settings.token !== null && address.origin === home;
        const answer = await request(address, {
          method,
          dispatcher,
          signal: signal ?? null,
          headers: {
            "user-agent": userAgent,
            "accept-encoding": "identity",
            ...headers,
            ...(authorised && { authorization: `Bearer ${settings.token}` }),
          },
        }).catch((thrown: unknown) => {
          throw unreachable(thrown, address, question);
        });
        const received = plainHeaders(answer.headers);
        if (hubHeaders === null || (address.origin === home && tellsMore(received, hubHeaders))) {
          hubHeaders = received;
        }
        const { statusCode: status, body } = answer;
        if (status < 300 || status === 416) {
          return { status, headers: received, hubHeaders, body: watched(body, address, question) };
        }
        abandon(body);
        if (status >= 400) throw refused(status, received, question);
        address = redirect(address, received.location, question);
      }
      throw hubError("nonsense", `The Hub sends in circles for '${asked.id}'`, {
        id: asked.id,
        hint: "Try again later.",
      });
    },
    close: () => dispatcher.destroy(),
  };
}

type Headers = Readonly<Record<string, string>>;

/** Whether a later answer of the Hub is the one about the file: the first of a renamed repository only sends us on. */
function tellsMore(later: Headers, sooner: Headers): boolean {
  if (sooner["x-linked-etag"] !== undefined) return false;
  return later["x-linked-etag"] !== undefined || later["x-repo-commit"] !== undefined;
}

function redirect(from: URL, location: string | undefined, { id }: HubQuestion): URL {
  const to = location !== undefined && URL.canParse(location, from.href) ? new URL(location, from) : null;
  const allowed = to?.protocol === "https:" || (to?.protocol === "http:" && from.protocol === "http:");
  if (to !== null && allowed) return to;
  throw hubError("nonsense", `${from.host} redirects to nowhere that is safe to follow`, {
    id,
    facts: { location: location ?? null },
    hint: "Look at HF_ENDPOINT and at the proxy.",
  });
}

/** A body as undici gives it. */
type Body = AsyncIterable<Uint8Array> & {
  on(event: "error", listener: () => void): { destroy(): unknown };
};

/** Lets go of a body that nobody reads: that it breaks off is then no fault. */
function abandon(body: Body): void {
  body.on("error", () => undefined).destroy();
}

/** A body whose cuts and stalls say what they are. */
function watched(body: Body, address: URL, question: HubQuestion): HubAnswer["body"] {
  return {
    destroy: () => abandon(body),
    async *[Symbol.asyncIterator]() {
      try {
        yield* body;
      } catch (thrown) {
        throw unreachable(thrown, address, question);
      }
    },
  };
}

function refused(status: number, headers: Headers, question: HubQuestion): Error {
  const { id } = question;
  if (status === 429) {
    const afterMs = retryAfter(headers["retry-after"]);
    const wait = afterMs === null ? "a few minutes" : `${Math.ceil(afterMs / 1000)} seconds`;
    return new TransientFault(
      hubError("rate-limit", "The Hub says that there were too many requests from here", {
        id,
        facts: { status, afterSeconds: afterMs === null ? null : afterMs / 1000 },
        hint: `Wait ${wait}, then run the same command again${question.hasToken ? "" : "; a token (HF_TOKEN) raises the limit"}.`,
      }),
      { afterMs },
    );
  }
  if (status >= 500 || status === 408) {
    return new TransientFault(
      hubError("server", `The Hub is in trouble: it answered ${status} for '${id}'`, {
        id,
        facts: { status },
        hint: "What has been downloaded is kept: run the same command again later.",
      }),
      { afterMs: retryAfter(headers["retry-after"]) },
    );
  }
  return refusal(status, headers["x-error-code"] ?? null, question);
}

function unreachable(thrown: unknown, address: URL, { id, path }: HubQuestion): Error {
  if (thrown instanceof HeadstartError || thrown instanceof TransientFault) return thrown;
  const code = codeOf(thrown);
  const error = hubError(
    "unreachable",
    `${address.host} cannot be reached for '${id}': ${messageOf(thrown)}`,
    {
      id,
      facts: { host: address.host, code, path },
      hint:
        "Check the network, HTTPS_PROXY and HF_ENDPOINT. Without a network, HF_HUB_OFFLINE=1 uses what the cache holds, " +
        `and a folder works too: put the files under models/${id}`,
      cause: thrown,
    },
  );
  return new TransientFault(error, HOPELESS.has(code ?? "") ? { attempts: 2 } : {});
}

function codeOf(thrown: unknown): string | null {
  const code = thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" ? code : null;
}

/** Seconds or a date, as milliseconds from now; null where it is neither. */
function retryAfter(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d{1,6}$/.test(text)) return 1000 * Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - (performance.timeOrigin + performance.now()));
}

function plainHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? (value[0] ?? "") : (value ?? ""),
    ]),
  );
}
