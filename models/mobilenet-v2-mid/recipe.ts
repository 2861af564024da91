import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeModel } from "../../src/onnx/encode-model.js";
import type { Recipe } from "../recipe.js";
import { pooledLayerGraph } from "./graph.js";
import { readBundle } from "./read-bundle.js";

/** The widest layer of block 13, before its stride: later layers serve the task that the network was tuned for. */
const LAYER = "MobilenetV2/expanded_conv_13/expand/Relu6";

/** The first 13 blocks of MobileNetV2 1.4, from the TensorFlow.js files of `nsfwjs`. */
export const mobilenetV2Mid: Recipe = {
  id: "mobilenet-v2-mid",
  async build(folder, source) {
    const bundle = await readBundle(join(source, "dist", "models", "mobilenet_v2_mid"));
    await writeFile(join(folder, "onnx", "model.onnx"), encodeModel(pooledLayerGraph(bundle, LAYER)));
    await writeJson(join(folder, "config.json"), {
      model_type: "mobilenet_v2",
      architectures: ["MobileNetV2Model"],
      depth_multiplier: 1.4,
      num_channels: 3,
      image_size: 224,
      hidden_size: 816,
      hidden_act: "relu6",
      tf_padding: true,
    });
    await writeJson(join(folder, "preprocessor_config.json"), {
      image_processor_type: "MobileNetV2ImageProcessor",
      do_resize: true,
      size: { shortest_edge: 224 },
      resample: 3,
      do_center_crop: true,
      crop_size: { height: 224, width: 224 },
      do_rescale: false,
      do_normalize: false,
    });
    await copyFile(join(source, "LICENSE"), join(folder, "LICENSE"));
  },
};

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}
