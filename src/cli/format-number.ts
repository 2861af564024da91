import type { Share } from "../pipeline/types.js";

/** `12,345`. */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** `1 row`, `3,382 rows`. */
export function counted(value: number, unit: string): string {
  return `${count(value)} ${value === 1 ? unit : `${unit}s`}`;
}

/** A share of 1 as `92.3%`. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

/** A share with its 95 % interval: `92.3% (90.1 to 94.0)`. */
export function percentWithInterval(share: Share): string {
  return `${percent(share.value)} (${(100 * share.low).toFixed(1)} to ${(100 * share.high).toFixed(1)})`;
}

/** `0.84 s`, `12.3 s`, `4 min 05 s`, `2 h 03 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** `512 B`, `28.4 MB`; decimal units. */
export function bytes(size: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = size;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
