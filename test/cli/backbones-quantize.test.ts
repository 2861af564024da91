import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkpointOf, DIM, textFiles, textGraph } from "../backbones/tiny-checkpoints.js";
import { runCli } from "./run-cli.js";

let folder: string;
let checkpoint: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "headstart-cli-quantize-"));
  const graph = textGraph({
    layer: (g, states) => {
      const W = Float32Array.from({ length: DIM * DIM }, (_, i) => Math.cos(1 + 2.3 * i));
      return g.op("MatMul", [states, g.float32(W, [DIM, DIM])]);
    },
  });
  checkpoint = checkpointOf(graph, textFiles());
  const words = ["the", "room", "was", "cold"];
  const lines = words.flatMap((a) => words.flatMap((b) => words.map((c) => `${a} ${b} ${c},${c}`)));
  writeFileSync(join(folder, "texts.csv"), `text,label\n${lines.join("\n")}\n`);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(checkpoint, { recursive: true });
});

describe("headstart backbones quantize", () => {
  it("tells what came of it, and the command that it names next runs", async () => {
    const args = ["--calibrate", "texts.csv", "--probe", "texts.csv", "-o", "small", "--threads", "1"];
    const { code, stdout, stderr } = await runCli(["backbones", "quantize", checkpoint, ...args], {
      cwd: folder,
    });
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("rows calibrated") });
    expect(stdout).toMatch(/int8 variant in \.\/small\n/);
    expect(stdout).toMatch(/^ {2}layers +1 in int8/m);
    expect(stdout).toMatch(/^ {2}cosine to fp32 +(0\.99\d\d|1\.0000) on average, .* 42 other texts$/m);
    expect(stdout).toMatch(/^ {2}speed +\d+\.\d\d times fp32's \(by processor time \d+\.\d\d\), 1 thread$/m);
    expect(stdout).toMatch(
      /^ {2}a linear head +.*%, on fp32 .*% *: .* points \(.* to .*\), 64 rows, 5 folds$/m,
    );
    const next = /^next: headstart (.*)$/m.exec(stdout)![1]!;
    expect(next).toBe("embed <input> --backbone ./small --precision int8 -o x.arrow");
    const embedded = await runCli(next.replace("<input>", "texts.csv").split(" "), { cwd: folder });
    expect(embedded.code).toBe(0);
    expect(embedded.stdout).toContain("int8");
  });

  it("ends with 2 where it was used wrongly", async () => {
    const wrong = await runCli(["backbones", "quantize", checkpoint, "--weight-bits", "4"], { cwd: folder });
    expect(wrong.code).toBe(2);
    const images = await runCli(["backbones", "quantize", "mobilenet-v2-mid"], { cwd: folder });
    expect(images).toMatchObject({ code: 2, stderr: expect.stringContaining("text backbones only") });
  });
});
