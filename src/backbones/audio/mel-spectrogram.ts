import { fourier } from "./fourier.js";
import { type MelSettings, melFilters } from "./mel-filters.js";

/** Energies by time and pitch. */
export interface MelSpectrogram {
  /**
   * The energies of one frame.
   * @param frame - `size` samples, windowed already.
   * @param energies - takes a value a filter.
   */
  frame(frame: Float64Array, energies: Float64Array): void;
}

/** Power spectrum and mel filters for frames of `settings.size` samples, in float64. */
export function melSpectrogram(settings: MelSettings): MelSpectrogram {
  const transform = fourier(settings.size);
  const filters = melFilters(settings);
  const power = new Float64Array(Math.floor(settings.size / 2) + 1);
  return {
    frame(frame, energies) {
      transform.power(frame, power);
      for (let i = 0; i < filters.length; i++) {
        const { first, weights } = filters[i]!;
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k]! * power[first + k]!;
        energies[i] = sum;
      }
    },
  };
}
