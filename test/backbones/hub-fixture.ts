import { statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, expect } from "vitest";
import { repositoryFolder } from "../../src/backbones/hub/hub-cache.js";
import type { HubSettings } from "../../src/backbones/hub/hub-settings.js";
import { testSettings, tinyRepository } from "./hub-files.js";
import { type HubServer, type HubServerOptions, type Seen, sha256, startHub } from "./hub-server.js";

export const ID = "org/tiny";
/** The large file of the tiny repository. */
export const INT8 = "onnx/model_quantized.onnx";
export const int8 = { precision: "int8" } as const;

/** An error of the Hub, by its reason. */
export const reason = (why: string) => ({ code: "model", facts: expect.objectContaining({ reason: why }) });

/** A server of the tiny repository for each test of a file. */
export function hubFixture() {
  let files: Record<string, Uint8Array> = {};
  let hub: HubServer | null = null;
  beforeAll(() => {
    files = tinyRepository();
  });
  afterEach(() => hub?.close());
  const running = (): HubServer => {
    if (hub === null) throw new Error("start() comes first");
    return hub;
  };
  return {
    get files() {
      return files;
    },
    get hub() {
      return running();
    },
    async start(options: HubServerOptions = {}, more: Partial<HubSettings> = {}): Promise<HubSettings> {
      hub = await startHub(files, options);
      return testSettings(hub.endpoint, more);
    },
    /** Requests for one file, by the host that answered. */
    asked: (path: string, server: Seen["server"] = "cdn") =>
      running().seen.filter((one) => one.server === server && one.url.includes(path)),
    /** Resolves once so many bytes of the large file lie in the cache. */
    async arrived(settings: HubSettings, bytes: number): Promise<void> {
      const blobs = join(repositoryFolder(settings.cache, ID), "blobs");
      const part = join(blobs, `${sha256(files[INT8]!)}.headstart-part`);
      while ((statSync(part, { throwIfNoEntry: false })?.size ?? 0) < bytes) {
        await new Promise((done) => setTimeout(done, 5));
      }
    },
  };
}
