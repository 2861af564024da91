import { describe, expect, it } from "vitest";
import { runCli } from "./run-cli.js";

const needsCuda = process.platform === "linux" && process.arch === "x64";

describe("providers install cuda", () => {
  it.runIf(needsCuda)("without the network says what it needs, and changes nothing", async () => {
    const { code, stdout, stderr } = await runCli(["providers", "install", "cuda", "--json"], {
      env: {
        HTTPS_PROXY: "http://127.0.0.1:9",
        GLOBAL_AGENT_HTTPS_PROXY: "http://127.0.0.1:9",
        NO_PROXY: "",
      },
    });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      error: {
        code: "provider",
        message: "ONNX Runtime's installer failed: connect ECONNREFUSED 127.0.0.1:9",
        hint: "It needs https://api.nuget.org; behind a proxy, set HTTPS_PROXY.",
      },
    });
    expect(stderr).toContain("nuget.org");
  });

  it.skipIf(needsCuda)("elsewhere says that there is nothing to install", async () => {
    const { code, stderr } = await runCli(["providers", "install", "cuda"]);
    expect(code).toBe(1);
    expect(stderr).toContain("Linux on x64 only");
  });
});
