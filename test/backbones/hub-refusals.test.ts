import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { repositoryFolder } from "../../src/backbones/hub/hub-cache.js";
import { hubCheckpoint } from "../../src/backbones/hub/hub-checkpoint.js";
import { pullCheckpoint } from "../../src/backbones/hub/pull-checkpoint.js";
import { removeCheckpoint } from "../../src/backbones/hub/remove-checkpoint.js";
import { verifyCheckpoint } from "../../src/backbones/hub/verify-checkpoint.js";
import { noise } from "./hub-files.js";
import { hubFixture, ID, INT8, int8, reason } from "./hub-fixture.js";
import { refuse, sha256 } from "./hub-server.js";

const fixture = hubFixture();

describe("a refusal", () => {
  it.each([
    ["a repository that is not there", {}, null, "org/other", "main", "not-found", /HF_TOKEN/],
    ["a repository that is not there, with a token", {}, "t", "org/other", "main", "not-found", /private/],
    ["a private one without a token", { token: "t" }, null, ID, "main", "not-found", /HF_TOKEN/],
    ["a token that is wrong", { token: "t" }, "wrong", ID, "main", "unauthorised", /expired/],
    ["a gated one without a token", { gatedToken: "t" }, null, ID, "main", "gated", /terms.*HF_TOKEN/],
    [
      "a gated one, terms not accepted",
      { gatedToken: "t" },
      "wrong",
      ID,
      "main",
      "gated",
      /Accept the terms/,
    ],
    ["a revision that is not there", {}, null, ID, "v9", "unknown-revision", /branches and tags/],
  ] as const)("tells of %s", async (_what, options, token, id, revision, why, hint) => {
    const settings = await fixture.start(options, { token });
    const pull = pullCheckpoint(id, { ...int8, revision }, settings);
    await expect(pull).rejects.toMatchObject({ ...reason(why), hint: expect.stringMatching(hint) });
  });

  it("tells that the network must not be used", async () => {
    const settings = await fixture.start({}, { offline: true });
    await expect(hubCheckpoint(ID, int8, settings)).rejects.toMatchObject({
      ...reason("offline"),
      hint: expect.stringContaining("backbones pull org/tiny"),
    });
    expect(fixture.hub.seen).toEqual([]);
  });

  it("takes a branch that is called as every object's constructor", async () => {
    const settings = await fixture.start({ branch: "constructor" });
    const { commit } = await pullCheckpoint(ID, int8, settings);
    const request = { ...int8, revision: "constructor" };
    expect((await pullCheckpoint(ID, request, settings)).commit).toBe(commit);
    expect((await hubCheckpoint(ID, request, { ...settings, offline: true })).commit).toBe(commit);
  });

  it("takes the names that every object has for revisions like any others", async () => {
    const settings = await fixture.start();
    await pullCheckpoint(ID, int8, settings);
    for (const revision of ["constructor", "toString", "__proto__"]) {
      const unknown = reason("unknown-revision");
      await expect(pullCheckpoint(ID, { ...int8, revision }, settings)).rejects.toMatchObject(unknown);
      await expect(hubCheckpoint(ID, { ...int8, revision }, settings)).rejects.toMatchObject(unknown);
      await expect(removeCheckpoint(ID, { revision }, settings)).rejects.toMatchObject({ code: "model" });
      await expect(verifyCheckpoint(ID, { revision }, settings)).rejects.toMatchObject({ code: "model" });
    }
  });

  it("takes no revision that is a path", async () => {
    const settings = await fixture.start();
    for (const revision of ["../../x", "/etc/passwd", "a\\b", ""]) {
      await expect(hubCheckpoint(ID, { revision }, settings)).rejects.toMatchObject({ code: "usage" });
    }
    expect(fixture.hub.seen).toEqual([]);
  });
});

describe("a server that lies", () => {
  const answerWith = (status: number, body: string | Uint8Array, headers: Record<string, string> = {}) => {
    fixture.hub.mischief = ({ server, url }, response) => {
      if (server !== "cdn" || !url.includes(INT8)) return false;
      response.writeHead(status, headers).end(body);
      return true;
    };
  };

  it.each([
    ["gives other bytes", () => answerWith(200, noise(300_000, "evil"))],
    ["gives more than it announced", () => answerWith(200, noise(400_000, "evil"))],
    ["gives less, and calls it all", () => answerWith(200, noise(10, "evil"), { "content-length": "10" })],
  ])("%s: nothing is left that looks whole", async (_what, lie) => {
    const settings = await fixture.start({}, { attempts: 2 });
    lie();
    await expect(pullCheckpoint(ID, int8, settings)).rejects.toMatchObject({ code: "model" });
    const repository = repositoryFolder(settings.cache, ID);
    expect(existsSync(join(repository, "blobs", sha256(fixture.files[INT8]!)))).toBe(false);
    await expect(hubCheckpoint(ID, int8, { ...settings, offline: true })).rejects.toMatchObject({
      code: "model",
    });
    fixture.hub.mischief = null;
    const { folder } = await pullCheckpoint(ID, int8, settings);
    expect(readFileSync(join(folder, INT8)).equals(fixture.files[INT8]!)).toBe(true);
  });

  it.each([
    ["no JSON", "<html>Sign in to the Wi-Fi</html>"],
    ["another shape", JSON.stringify({ sha: "x", siblings: "none" })],
    ["a commit that is a path", JSON.stringify({ sha: "../../../../tmp/x", siblings: [] })],
  ])("answers with %s", async (_what, body) => {
    const settings = await fixture.start();
    fixture.hub.mischief = ({ url }, response) => {
      if (!url.startsWith("/api/")) return false;
      response.end(body);
      return true;
    };
    await expect(pullCheckpoint(ID, int8, settings)).rejects.toMatchObject({
      ...reason("nonsense"),
      hint: expect.stringContaining("HF_ENDPOINT"),
    });
  });

  it("lists names that leave the folder: they are never asked for", async () => {
    const settings = await fixture.start();
    const evil = [
      "../../../evil.json",
      "/etc/evil.json",
      "1_Pooling\\..\\..\\evil.json",
      "1_x/../../config.json",
    ];
    fixture.hub.commit({
      ...fixture.files,
      ...Object.fromEntries(evil.map((path) => [path, noise(10, path)])),
    });
    const result = await pullCheckpoint(ID, int8, settings);
    expect(result.files.map(({ path }) => path).filter((path) => evil.includes(path))).toEqual([]);
    expect(fixture.hub.downloads().filter((url) => url.includes("evil"))).toEqual([]);
  });

  it("redirects in circles", async () => {
    const settings = await fixture.start();
    fixture.hub.mischief = ({ url }, response) => {
      response.writeHead(302, { location: url }).end();
      return true;
    };
    await expect(pullCheckpoint(ID, int8, settings)).rejects.toMatchObject(reason("nonsense"));
  });

  it("redirects to a file of this machine", async () => {
    const settings = await fixture.start();
    fixture.hub.mischief = (_request, response) => {
      response.writeHead(302, { location: "file:///etc/passwd" }).end();
      return true;
    };
    await expect(pullCheckpoint(ID, int8, settings)).rejects.toMatchObject(reason("nonsense"));
  });

  it("says 403 without a word", async () => {
    const settings = await fixture.start();
    fixture.hub.mischief = (_request, response) => {
      refuse(response, 403, null);
      return true;
    };
    await expect(pullCheckpoint(ID, int8, settings)).rejects.toMatchObject({ code: "model" });
  });
});
