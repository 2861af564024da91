/** Mean 0 and variance 1, as transformers' `Wav2Vec2FeatureExtractor` makes them: 1e-7 is added to the variance. */
export function normalizeWaveform(samples: Float32Array): Float32Array {
  let sum = 0;
  for (const value of samples) sum += value;
  const mean = sum / samples.length;
  let squares = 0;
  for (const value of samples) squares += (value - mean) ** 2;
  const deviation = Math.sqrt(squares / samples.length + 1e-7);
  return samples.map((value) => (value - mean) / deviation);
}
