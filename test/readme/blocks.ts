/** A fenced code block of a Markdown text. */
export interface Block {
  readonly language: string;
  readonly text: string;
  /** Line of the fence, from 1. */
  readonly line: number;
}

/** The fenced code blocks in order. */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  const fences = /^```(\w*)\n([\s\S]*?)^```$/gm;
  for (const match of markdown.matchAll(fences)) {
    const line = markdown.slice(0, match.index).split("\n").length;
    blocks.push({ language: match[1]!, text: match[2]!, line });
  }
  return blocks;
}

/** A console block's commands, each with the lines that it is said to print. */
export function commandsOf({ text }: Block): { command: string; output: string[] }[] {
  const commands: { command: string; output: string[] }[] = [];
  for (const line of text.trimEnd().split("\n")) {
    if (line.startsWith("$ ")) commands.push({ command: line.slice(2), output: [] });
    else commands.at(-1)!.output.push(line);
  }
  return commands;
}

/**
 * What of a printed line must stay: numbers, which differ between machines, become `0`; bars, colours and columns' widths go.
 */
export function skeleton(line: string): string {
  return line
    .replace(/[\d.,]+(?=%| s\b|\b)/g, "0")
    .replace(/\b0 min 0 s\b/g, "0 s")
    .replace(/\s+/g, " ")
    .trim();
}
