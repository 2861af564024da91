import { messageOf } from "../../core/errors.js";
import { type Device, encodeModel, graphBuilder, openSession } from "../../onnx/index.js";

/** Whether a device really runs a graph; `reason` says why not. */
export type DeviceProbe = { readonly works: true } | { readonly works: false; readonly reason: string };

/** Opens and runs a graph of one node on a device: a provider that is listed may still fail to load. */
export async function probeDevice(device: Device): Promise<DeviceProbe> {
  const graph = graphBuilder({ name: "probe" });
  const x = graph.input("x", "float32", ["n"]);
  graph.output(graph.op("Add", [x, x]), "y", "float32", ["n"]);
  try {
    const session = await openSession(encodeModel(graph.build()), { device, threads: 1 });
    try {
      const { y } = await session.run({ x: { dtype: "float32", data: Float32Array.of(1, 2), dims: [2] } });
      const right = y !== undefined && y.data[0] === 2 && y.data[1] === 4;
      return right ? { works: true } : { works: false, reason: "it computes wrong numbers" };
    } finally {
      await session.release();
    }
  } catch (thrown) {
    return { works: false, reason: messageOf(thrown) };
  }
}
