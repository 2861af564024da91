/**
 * Keeps ONNX Runtime from reporting to its makers: since 1.30 its Linux library makes up a device id under
 * `~/.cache/Microsoft` and sends events to `mobile.events.data.microsoft.com`. To be called before the library is
 * loaded, also by way of Transformers.js, and on the main thread: a worker's environment is a copy that the library
 * does not see. Who sets `ORT_DISABLE_TELEMETRY` decides instead.
 */
export function refuseTelemetry(): void {
  process.env.ORT_DISABLE_TELEMETRY ??= "1";
}
