import { checkBackbones } from "./doctor-backbones.js";
import { checkDevices } from "./doctor-devices.js";
import { checkMachine } from "./doctor-machine.js";

/** One thing that was looked at. */
export interface DoctorCheck {
  readonly name: string;
  /** `warning`: headstart works, but something is missing that a user may want. */
  readonly state: "ok" | "warning" | "failed";
  /** What was found. */
  readonly detail: string;
  /** What to do about it. */
  readonly hint?: string;
}

export interface DoctorReport {
  /** The worst state of all checks. */
  readonly state: DoctorCheck["state"];
  readonly checks: readonly DoctorCheck[];
}

/** Looks at the runtime, the devices and the models of this machine; changes nothing and uses no network. */
export async function doctor(): Promise<DoctorReport> {
  const checks = [...(await checkMachine()), ...(await checkDevices()), ...(await checkBackbones())];
  const states = new Set(checks.map((check) => check.state));
  return { state: states.has("failed") ? "failed" : states.has("warning") ? "warning" : "ok", checks };
}
