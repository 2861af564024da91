import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Processors that this process may really use: the scheduler's count, limited by a container's CPU quota. */
export function cpuCount(): number {
  const scheduled = availableParallelism();
  const quota = cgroupQuota();
  return Math.max(1, quota === null ? scheduled : Math.min(scheduled, Math.floor(quota)));
}

/** Linux cgroup v2's `cpu.max` in processors; null where there is no limit or no cgroup. */
function cgroupQuota(): number | null {
  try {
    const [quota, period] = readFileSync("/sys/fs/cgroup/cpu.max", "utf8").trim().split(" ");
    return quota === "max" ? null : Math.max(1, Number(quota) / Number(period));
  } catch {
    return null;
  }
}
