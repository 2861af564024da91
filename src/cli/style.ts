/** Red on a terminal with colours; `NO_COLOR`, `TERM=dumb` and pipes get plain text. */
export function red(text: string): string {
  return paint(31, text);
}

/** Dimmed on a terminal with colours, else plain. */
export function dim(text: string): string {
  return paint(2, text);
}

/** Messages in colour go to stderr only; stdout stays plain, so that it can be piped anywhere. */
function paint(code: number, text: string): string {
  const coloured = process.stderr.isTTY && process.stderr.hasColors();
  return coloured ? `\u001b[${code}m${text}\u001b[0m` : text;
}
