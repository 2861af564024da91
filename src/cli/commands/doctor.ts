import type { Command } from "commander";
import { EXIT } from "../exit-code.js";
import { addExamples, addJsonFlag, type JsonFlag } from "../flags.js";
import { formatTable } from "../format-table.js";
import { runCommand } from "../run-command.js";

/** `headstart doctor`: what works here. */
export function addDoctorCommand(program: Command): void {
  const command = program
    .command("doctor")
    .description("check the runtime, devices and models on this machine");
  addJsonFlag(command);
  addExamples(command, ["headstart doctor", "headstart doctor --json"]);
  command.action(({ json }: JsonFlag) =>
    runCommand(json, async () => {
      const { doctor } = await import("../../pipeline/doctor/doctor.js");
      const result = await doctor();
      const hints = result.checks.flatMap(({ name, state, hint }) =>
        hint === undefined || state === "ok" ? [] : [`${name}: ${hint}`],
      );
      const table = formatTable(result.checks.map(({ name, state, detail }) => [state, name, detail]));
      return {
        result,
        summary: [...table, ...(hints.length > 0 ? ["", ...hints] : [])],
        ...(result.state === "failed" ? {} : { next: "headstart embed <input> -o x.arrow" }),
        exitCode: result.state === "failed" ? EXIT.failed : EXIT.done,
      };
    }),
  );
}
