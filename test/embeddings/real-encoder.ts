import type { Backbone } from "../../src/backbones/backbone.js";
import { openEncoders } from "../../src/backbones/open-encoders.js";
import { textShape } from "../backbones/encoder-graphs.js";
import { tinyTextBackbone } from "./tiny-backbone.js";

/** A backbone of texts whose encoder is the real one, on `graph`: in a thread of its own where that is asked for. */
export function backboneOn(graph: Uint8Array, dim = 8): Backbone {
  const tiny = tinyTextBackbone({ dim });
  return {
    ...tiny,
    preprocessor: {
      kind: "text",
      maxTokens: 64,
      encode: (text) => {
        const words = text.split(" ");
        return {
          ids: Int32Array.from(words.slice(0, 64), (word) => Number.parseInt(word.slice(1), 10) % 50),
          truncated: words.length > 64,
        };
      },
    },
    open: (options) => openEncoders(graph, textShape(dim), { threads: 1, ...options }),
  };
}
