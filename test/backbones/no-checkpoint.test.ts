import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { resolveBackbone } from "../../src/backbones/resolve-backbone.js";

it("a folder of checkpoints is no checkpoint; those in it are named", async () => {
  const folder = mkdtempSync(join(tmpdir(), "headstart-checkpoints-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const refused = expect.stringContaining("is no checkpoint");
  await expect(resolveBackbone(folder)).rejects.toMatchObject({ code: "model", message: refused });
  for (const name of ["resnet", "bert"]) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "config.json"), "{}");
  }
  await expect(resolveBackbone(folder)).rejects.toMatchObject({
    code: "model",
    message: refused,
    hint: "It holds checkpoints; name one of them: bert, resnet.",
  });
});
