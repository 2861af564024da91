/** Whether a file that begins with these characters can be a head: the protobuf key of `ir_version` comes first. */
export function beginsLikeHead(start: string): boolean {
  return start.startsWith("\u0008");
}
