/** A decoded sound: one channel, amplitudes around -1 to 1. */
export interface Waveform {
  readonly samples: Float32Array;
  /** Hz. */
  readonly sampleRate: number;
  /** Whether the sound goes on after the last sample: only its beginning was asked for. */
  readonly cut: boolean;
}

/** How much of a sound is taken. */
export interface DurationLimit {
  readonly seconds: number;
  /** What a longer sound comes to: its beginning, or an error. */
  readonly beyond: "cut" | "refuse";
}
