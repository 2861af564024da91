/** A stack of convolutions over a waveform. */
export interface ConvStack {
  readonly kernels: readonly number[];
  readonly strides: readonly number[];
}

/** Of wav2vec2, HuBERT and WavLM, whose config.json may leave out what is usual. */
const USUAL: ConvStack = { kernels: [10, 3, 3, 3, 3, 2, 2], strides: [5, 2, 2, 2, 2, 2, 2] };
const FAMILIES = ["wav2vec2", "hubert", "wavlm"];

/** What config.json says in `conv_kernel` and `conv_stride`; null where it does not and its family has no usual one. */
export function convStack(config: Readonly<Record<string, unknown>>): ConvStack | null {
  const { conv_kernel: kernels, conv_stride: strides, model_type: family } = config;
  if (kernels === undefined && strides === undefined) return FAMILIES.includes(String(family)) ? USUAL : null;
  if (!areSizes(kernels) || !areSizes(strides) || kernels.length !== strides.length) return null;
  return { kernels, strides };
}

/** Fewest samples from which a stack makes a frame. */
export function receptiveField({ kernels, strides }: ConvStack): number {
  return kernels.reduceRight((samples, kernel, i) => (samples - 1) * strides[i]! + kernel, 1);
}

function areSizes(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.length <= 64 &&
    value.every((size) => Number.isInteger(size) && size >= 1 && size <= 65_536)
  );
}
