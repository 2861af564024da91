/** Transparency over white, rounded as Pillow's `alpha_composite` rounds. */
export function onWhite(rgba: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    const alpha = rgba[from + 3]!;
    rgb[to] = blend(rgba[from]!, alpha);
    rgb[to + 1] = blend(rgba[from + 1]!, alpha);
    rgb[to + 2] = blend(rgba[from + 2]!, alpha);
  }
  return rgb;
}

function blend(value: number, alpha: number): number {
  const sum = value * alpha + 255 * (255 - alpha) + 128;
  return ((sum >> 8) + sum) >> 8;
}

/** One channel of grey, or two with transparency, which is blended on white. */
export function greyToRgb(grey: Uint8Array, channels: number): Uint8Array {
  const rgb = new Uint8Array((grey.length / channels) * 3);
  for (let from = 0, to = 0; from < grey.length; from += channels, to += 3) {
    const value = channels === 1 ? grey[from]! : blend(grey[from]!, grey[from + 1]!);
    rgb.fill(value, to, to + 3);
  }
  return rgb;
}

/** Ink to light as Pillow converts it: no profile, and black taken from all three. */
export function cmykToRgb(cmyk: Uint8Array, channels: number): Uint8Array {
  const rgb = new Uint8Array((cmyk.length / channels) * 3);
  for (let from = 0, to = 0; from < cmyk.length; from += channels, to += 3) {
    const light = 255 - cmyk[from + 3]!;
    for (let channel = 0; channel < 3; channel++) {
      const product = cmyk[from + channel]! * light + 128;
      rgb[to + channel] = light - (((product >> 8) + product) >> 8);
    }
  }
  return rgb;
}
