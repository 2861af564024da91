import type { Backbone, BackboneGraph, Encoder } from "../../backbones/backbone.js";
import type { ClassifierSample } from "./classifier-record.js";

/** Rows that a fused file is tried on, prepared. */
export interface ComparedContent {
  readonly rows: number;
  /** Row numbers that are run together. */
  readonly batches: readonly (readonly number[])[];
  /** How errors call a row. */
  nameOf(row: number): string;
  /** Encodes the rows of these numbers as one batch. */
  encode(
    encoder: Pick<Encoder, "encodeTexts" | "encodeImages" | "encodeAudio">,
    rows: readonly number[],
  ): Promise<Float32Array>;
}

/** Those that are stored in the file, with their answers: each is run alone, then all together. */
export interface SampleContent extends ComparedContent {
  readonly stored: ClassifierSample["content"];
}

/** Of several lengths, so that padding is tried too. */
const TEXTS = [
  "Yes.",
  "What is the capital of France?",
  "The film was long, the actors were tired, and we left before the end of the second hour.",
  "Größe 42, bitte: 3 × 4 = 12 – naïve café, 東京!",
];

const NOISE_ROWS = 3;

/** Samples of a waveform: a second of speech at the usual rate. */
const WAVE_SAMPLES = 16_000;

/** What a fused file of this backbone is tried on: some sentences, or noise of the right size. */
export function sampleContent({ preprocessor }: Backbone, { shape }: BackboneGraph): SampleContent {
  if (preprocessor.kind === "text") {
    const ids = TEXTS.map((text) => preprocessor.encode(text).ids);
    return {
      stored: { kind: "tokens", texts: TEXTS, ids: ids.map((row) => Array.from(row)) },
      ...inBatches(TEXTS.length),
      encode: (encoder, rows) => encoder.encodeTexts(rows.map((row) => ids[row]!)),
    };
  }
  const { image, spectrogram } = shape;
  const dims = image === null ? (spectrogram ?? [WAVE_SAMPLES]) : [3, image.height, image.width];
  const size = dims.reduce((product, dim) => product * dim, 1);
  const content = Array.from({ length: NOISE_ROWS }, (_, row) => noiseRow(row, size));
  return {
    stored: { kind: "noise", rows: NOISE_ROWS, dims: [...dims] },
    ...inBatches(NOISE_ROWS),
    encode(encoder, rows) {
      const batch = rows.map((row) => content[row]!);
      return image === null ? encoder.encodeAudio(batch) : encoder.encodeImages(batch);
    },
  };
}

function inBatches(rows: number): Pick<ComparedContent, "rows" | "batches" | "nameOf"> {
  const all = Array.from({ length: rows }, (_, row) => row);
  return { rows, batches: [...all.map((row) => [row]), all], nameOf: (row) => `row ${row} of the sample` };
}

/** As the record describes it; numbers stay exact in float64. */
function noiseRow(row: number, size: number): Float32Array {
  const values = new Float32Array(size);
  for (let k = 0; k < size; k++) values[k] = ((((k + 104_729 * row) * 7919) % 65_537) / 65_537) * 2 - 1;
  return values;
}
