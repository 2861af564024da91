/** A stack of convolutions over a waveform. */
export interface ConvStack {
  readonly kernels: readonly number[];
  readonly strides: readonly number[];
}

/** What config.json says in `conv_kernel` and `conv_stride`; null where it does not. */
export function convStack(config: Readonly<Record<string, unknown>>): ConvStack | null {
  const { conv_kernel: kernels, conv_stride: strides } = config;
  if (!areSizes(kernels) || !areSizes(strides) || kernels.length !== strides.length) return null;
  return { kernels, strides };
}

/** Fewest samples from which a stack makes a frame. */
export function receptiveField({ kernels, strides }: ConvStack): number {
  return kernels.reduceRight((samples, kernel, i) => (samples - 1) * strides[i]! + kernel, 1);
}

function areSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isInteger(size) && size >= 1 && size <= 65_536);
}
