import { isIP } from "node:net";

/**
 * Whether an IP address is of the open internet: not this machine, its own network, or what clouds tell their machines.
 * A table from elsewhere could otherwise have them asked.
 */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 4) return isPublicV4(address);
  if (version !== 6) return false;
  const lower = address.toLowerCase();
  const mapped = /^(?:::ffff:|64:ff9b::)(\d+\.\d+\.\d+\.\d+)$/.exec(lower);
  if (mapped !== null) return isPublicV4(mapped[1]!);
  // Global unicast is 2000::/3; without it the embedded IPv4 of 6to4 and Teredo, and documentation.
  return /^[23]/.test(lower) && !/^(2002:|2001:0?0?0?0?:|2001:db8:)/.test(lower);
}

function isPublicV4(address: string): boolean {
  const [a, b] = address.split(".").map(Number) as [number, number];
  if (a === 0 || a === 10 || a === 127 || a >= 224) return false;
  if (a === 100 && b >= 64 && b < 128) return false;
  if (a === 169 && b === 254) return false;
  if (a === 172 && b >= 16 && b < 32) return false;
  if (a === 192 && (b === 168 || b === 0)) return false;
  return !(a === 198 && (b === 18 || b === 19));
}
