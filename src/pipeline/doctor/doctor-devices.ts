import { existsSync } from "node:fs";
import { messageOf } from "../../core/errors.js";
import { supportedDevices } from "../../onnx/index.js";
import type { DoctorCheck } from "./doctor-check.js";
import { cudaLibrariesPresent } from "./install-cuda.js";
import { packageVersion } from "./package-version.js";
import { probeDevice } from "./probe-device.js";

/** Opening WebGPU where there is none writes the driver's complaints to the terminal. */
const WEBGPU_NOT_TRIED: DoctorCheck = {
  name: "webgpu",
  state: "ok",
  detail: "built in, not tried; --device webgpu tries it",
};

/** ONNX Runtime, and each device that it was built for, tried by running a graph on it. */
export async function checkDevices(): Promise<DoctorCheck[]> {
  let listed: Awaited<ReturnType<typeof supportedDevices>>;
  try {
    listed = await supportedDevices();
  } catch (thrown) {
    const hint = "Run npm ci again on this platform.";
    return [{ name: "onnxruntime", state: "failed", detail: messageOf(thrown), hint }];
  }
  const checks: DoctorCheck[] = [
    { name: "onnxruntime", state: "ok", detail: packageVersion("onnxruntime-node") ?? "unknown version" },
  ];
  for (const { device } of listed) {
    if (device === "cuda" && !cudaLibrariesPresent()) checks.push(cudaMissing());
    else if (device === "webgpu") checks.push(WEBGPU_NOT_TRIED);
    else checks.push(outcome(device, await probeDevice(device)));
  }
  return checks;
}

function outcome(device: string, probe: Awaited<ReturnType<typeof probeDevice>>): DoctorCheck {
  if (probe.works) return { name: device, state: "ok", detail: "runs" };
  const detail = probe.reason.split("\n")[0] ?? "";
  if (device === "cpu")
    return { name: device, state: "failed", detail, hint: "Run npm ci again on this platform." };
  const hint =
    device === "cuda"
      ? "CUDA 12, cuDNN 9 and a recent NVIDIA driver are needed; --device cpu works without."
      : "--device cpu works without it.";
  return { name: device, state: "warning", detail, hint };
}

/** Missing CUDA libraries matter only where there is an NVIDIA card. */
function cudaMissing(): DoctorCheck {
  const detail = "not installed (optional)";
  return existsSync("/proc/driver/nvidia/version")
    ? {
        name: "cuda",
        state: "warning",
        detail,
        hint: "Install its libraries with: headstart providers install cuda",
      }
    : { name: "cuda", state: "ok", detail };
}
