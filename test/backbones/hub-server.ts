import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as a server saw it. */
export interface Seen {
  readonly server: "hub" | "cdn";
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
}

/** What a test does to one request before the server answers as usual; true: it has been answered. */
export type Mischief = (request: Seen, response: ServerResponse) => boolean | Promise<boolean>;

/** A server that behaves as the Hub does: its interface, its headers, large files on another host. */
export interface HubServer {
  readonly endpoint: string;
  /** Of the other host, where large files lie. */
  readonly cdn: string;
  readonly seen: Seen[];
  /** Paths that were answered, without the interface's. */
  downloads(): string[];
  /** Changes what is answered from now on. */
  mischief: Mischief | null;
  /** Changes a file without a new commit. */
  replace(path: string, content: Uint8Array): void;
  /** A new commit on `main`. */
  commit(files: Readonly<Record<string, Uint8Array>>): string;
  close(): Promise<void>;
}

export interface HubServerOptions {
  readonly id?: string;
  /** A branch that is where `main` is. */
  readonly branch?: string;
  /** Files of at least so many bytes are "large": SHA-256, and a redirect to the other host. */
  readonly largeFrom?: number;
  /** Whether the list of files tells sizes and digests. */
  readonly tellsDigests?: boolean;
  /** Needed to see the repository at all. */
  readonly token?: string;
  /** Files are for those with this token alone; the repository can be seen by all. */
  readonly gatedToken?: string;
  readonly ignoresRange?: boolean;
}

export async function startHub(
  files: Readonly<Record<string, Uint8Array>>,
  options: HubServerOptions = {},
): Promise<HubServer> {
  const { id = "org/tiny", largeFrom = 4096, tellsDigests = true } = options;
  const commits = new Map<string, Record<string, Uint8Array>>();
  let main = "";
  const seen: Seen[] = [];
  const state: { mischief: Mischief | null } = { mischief: null };

  const hub = createServer((request, response) => void answer("hub", request, response));
  const cdn = createServer((request, response) => void answer("cdn", request, response));
  await Promise.all([hub, cdn].map((server) => listening(server)));
  const endpoint = addressOf(hub);
  const cdnAddress = addressOf(cdn);

  async function answer(
    server: "hub" | "cdn",
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { method = "GET", url = "/", headers } = request;
    const one: Seen = { server, method, url, headers };
    seen.push(one);
    if ((await state.mischief?.(one, response)) === true) return;
    if (server === "cdn") return sendBlob(one, response);
    const path = decodeURIComponent(url.split("?")[0] ?? "");
    const listing = new RegExp(`^/api/models/${id}/revision/(.+)$`).exec(path);
    const tree = new RegExp(`^/api/models/${id}/tree/(.+)$`).exec(path);
    const file = new RegExp(`^/${id}/resolve/([^/]+)/(.+)$`).exec(path);
    const authorised = (token: string): boolean => headers.authorization === `Bearer ${token}`;
    if (options.token !== undefined && headers.authorization !== undefined && !authorised(options.token)) {
      return refuse(response, 401, null);
    }
    if ((!listing && !file && !tree) || (options.token !== undefined && !authorised(options.token))) {
      return refuse(response, headers.authorization ? 404 : 401, "RepoNotFound");
    }
    const revision = (listing ?? tree ?? file)?.[1] ?? "";
    const commit = revision === "main" || revision === options.branch ? main : revision;
    const content = commits.get(commit);
    if (content === undefined) return refuse(response, 404, "RevisionNotFound");
    if (listing) return sendListing(commit, content, response);
    if (tree) return sendTree(content, response);
    if (options.gatedToken !== undefined && !authorised(options.gatedToken)) {
      return refuse(response, headers.authorization ? 403 : 401, "GatedRepo");
    }
    const body = content[file?.[2] ?? ""];
    if (body === undefined) return refuse(response, 404, "EntryNotFound");
    response.setHeader("x-repo-commit", commit);
    if (body.length < largeFrom) {
      response.setHeader("etag", `"${gitDigest(body)}"`);
      return sendContent(body, one, response);
    }
    response.setHeader("x-linked-etag", `"${sha256(body)}"`);
    response.setHeader("x-linked-size", String(body.length));
    response.writeHead(302, { location: `${cdnAddress}/blob/${commit}/${file?.[2]}?signature=secret` }).end();
  }

  function sendListing(
    commit: string,
    content: Readonly<Record<string, Uint8Array>>,
    response: ServerResponse,
  ): void {
    const siblings = Object.entries(content).map(([rfilename, body]) =>
      tellsDigests
        ? {
            rfilename,
            size: body.length,
            blobId: gitDigest(body),
            ...(body.length >= largeFrom && {
              lfs: { sha256: sha256(body), size: body.length, pointerSize: 130 },
            }),
          }
        : { rfilename },
    );
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({ id, sha: commit, tags: ["onnx", "license:apache-2.0"], siblings, gated: false }),
    );
  }

  /** What huggingface_hub asks for, as of version 1. */
  function sendTree(content: Readonly<Record<string, Uint8Array>>, response: ServerResponse): void {
    const entries = Object.entries(content).map(([path, body]) => ({
      type: "file",
      path,
      size: body.length,
      oid: gitDigest(body),
      ...(body.length >= largeFrom && { lfs: { oid: sha256(body), size: body.length, pointerSize: 130 } }),
    }));
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(entries));
  }

  function sendBlob(request: Seen, response: ServerResponse): void {
    const [, commit = "", path = ""] = /^\/blob\/([^/]+)\/([^?]+)/.exec(request.url) ?? [];
    const body = commits.get(commit)?.[path];
    if (body === undefined) return void response.writeHead(404).end();
    // An object store's own digest, which is not the Hub's.
    response.setHeader("etag", `"s3-${sha256(body).slice(0, 16)}"`);
    sendContent(body, request, response);
  }

  function sendContent(body: Uint8Array, { headers, method }: Seen, response: ServerResponse): void {
    const from = options.ignoresRange ? undefined : /^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1];
    const etag = response.getHeader("etag");
    const same = headers["if-range"] === undefined || headers["if-range"] === etag;
    if (from !== undefined && same) {
      const start = Number(from);
      if (start >= body.length) {
        return void response.writeHead(416, { "content-range": `bytes */${body.length}` }).end();
      }
      response.writeHead(206, {
        "content-range": `bytes ${start}-${body.length - 1}/${body.length}`,
        "content-length": body.length - start,
      });
      return void response.end(method === "HEAD" ? undefined : body.subarray(start));
    }
    response.writeHead(200, { "content-length": body.length, "accept-ranges": "bytes" });
    response.end(method === "HEAD" ? undefined : body);
  }

  const newCommit = (content: Readonly<Record<string, Uint8Array>>): string => {
    main = createHash("sha1").update(`commit ${commits.size}`).digest("hex");
    commits.set(main, { ...content });
    return main;
  };
  newCommit(files);
  return {
    endpoint,
    cdn: cdnAddress,
    seen,
    downloads: () =>
      seen.filter(({ url, server }) => server === "cdn" || !url.startsWith("/api/")).map(({ url }) => url),
    get mischief() {
      return state.mischief;
    },
    set mischief(value) {
      state.mischief = value;
    },
    replace(path, content) {
      commits.get(main)![path] = content;
    },
    commit: newCommit,
    close: async () => {
      for (const server of [hub, cdn]) server.closeAllConnections();
      await Promise.all([hub, cdn].map((server) => new Promise((done) => server.close(done))));
    },
  };
}

export function refuse(response: ServerResponse, status: number, code: string | null): void {
  if (code !== null) response.setHeader("x-error-code", code);
  response
    .writeHead(status, { "content-type": "application/json" })
    .end(JSON.stringify({ error: "refused" }));
}

export function sha256(body: Uint8Array): string {
  return createHash("sha256").update(body).digest("hex");
}

/** Git's name for a content. */
export function gitDigest(body: Uint8Array): string {
  return createHash("sha1").update(`blob ${body.length}\0`).update(body).digest("hex");
}

export function listening(server: Server): Promise<void> {
  return new Promise((done) => server.listen(0, "127.0.0.1", done));
}

export function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
