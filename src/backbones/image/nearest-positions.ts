/** For each target pixel of one axis the source pixel that Pillow's nearest takes: positions are summed up step by step, rounding error included. */
export function nearestPositions(source: number, target: number): Int32Array {
  const step = source / target;
  const out = new Int32Array(target);
  let position = step * 0.5;
  for (let i = 0; i < target; i++) {
    out[i] = Math.min(source - 1, Math.trunc(position));
    position += step;
  }
  return out;
}
