import { expect, it } from "vitest";
import type { DoctorReport } from "../../src/pipeline/doctor/doctor.js";
import { runCli } from "./run-cli.js";

it("doctor --json says what works here, and nothing else on stdout", async () => {
  const { code, stdout } = await runCli(["doctor", "--json"], {
    env: { HF_TOKEN: "hf_secret", HF_HUB_OFFLINE: "1" },
  });
  expect(code).toBe(0);
  const report = JSON.parse(stdout) as DoctorReport;
  const byName = new Map(report.checks.map((check) => [check.name, check]));
  expect(byName.get("node")).toEqual({ name: "node", state: "ok", detail: process.versions.node });
  expect(byName.get("cpu")).toMatchObject({ state: "ok" });
  expect(byName.get("onnxruntime")?.detail).toMatch(/^\d+\.\d+\.\d+$/);
  expect(byName.get("images")?.detail).toMatch(/^sharp \d.* jpeg, png/);
  expect(byName.get("use-lite")).toMatchObject({
    state: "ok",
    detail: expect.stringContaining("512-d") as string,
  });
  expect(byName.get("hub")?.detail).toBe("HF_HUB_OFFLINE=1, HF_TOKEN is set");
  expect(stdout).not.toContain("hf_secret");
});

it("backbones list --json names the embedded ones", async () => {
  const { code, stdout } = await runCli(["backbones", "list", "--json"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ id: "use-lite", modality: "text", dim: 512 }),
      expect.objectContaining({ id: "mobilenet-v2-mid", modality: "image", dim: 816 }),
    ]),
  );
});

it("backbones show names an id that is not there", async () => {
  const { code, stderr } = await runCli(["backbones", "show", "none"]);
  expect(code).toBe(1);
  expect(stderr).toContain("'none'");
});
