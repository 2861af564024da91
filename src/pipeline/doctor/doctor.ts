import { checkBackbones } from "./doctor-backbones.js";
import type { DoctorCheck } from "./doctor-check.js";
import { checkDevices } from "./doctor-devices.js";
import { checkMachine } from "./doctor-machine.js";

export interface DoctorReport {
  /** The worst state of all checks. */
  readonly state: DoctorCheck["state"];
  readonly checks: readonly DoctorCheck[];
}

/**
 * Looks at the runtime, the devices and the models of this machine; uses no network, and changes nothing but that it
 * makes the folder which `HEADSTART_CACHE` names.
 */
export async function doctor(): Promise<DoctorReport> {
  const checks = [...(await checkMachine()), ...(await checkDevices()), ...(await checkBackbones())];
  const states = new Set(checks.map((check) => check.state));
  return { state: states.has("failed") ? "failed" : states.has("warning") ? "warning" : "ok", checks };
}
