import type { Command } from "commander";
import { addExamples, addJsonFlag, type JsonFlag } from "../flags.js";
import { runCommand } from "../run-command.js";

/** `headstart providers install cuda`: libraries that the npm registry does not carry. */
export function addProvidersCommand(program: Command): void {
  const providers = program.command("providers").description("execution providers beyond the processor");
  const command = providers
    .command("install")
    .description("download the CUDA libraries of ONNX Runtime from NuGet (Linux x64 only)")
    .addArgument(providers.createArgument("<provider>", "which one").choices(["cuda"]));
  addJsonFlag(command);
  addExamples(providers, ["headstart providers install cuda"]);
  addExamples(command, [
    "headstart providers install cuda",
    "headstart embed reviews.csv -o x.arrow --device cuda",
  ]);
  command.action((_provider: string, { json }: JsonFlag) =>
    runCommand(json, async ({ note, control }) => {
      const { installCuda } = await import("../../pipeline/doctor/install-cuda.js");
      note(
        "ONNX Runtime's own installer downloads its CUDA 12 libraries from nuget.org (several hundred MB).",
      );
      const result = await installCuda({ onOutput: note, signal: control.signal });
      return {
        result,
        summary: [`CUDA works: ONNX Runtime ${result.version}, ${result.seconds.toFixed(1)} s`],
        next: "headstart embed <input> -o x.arrow --device cuda",
      };
    }),
  );
}
