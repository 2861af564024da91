/** A decoded picture: `[height, width, 3]` bytes, red first. */
export interface RgbImage {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A size in pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** A rectangle inside an image, in pixels from its upper left corner. */
export interface ImageWindow extends ImageSize {
  readonly left: number;
  readonly top: number;
}
