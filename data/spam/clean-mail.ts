/** Characters that are kept of a mail. */
export const maxCharacters = 20_000;

/** Lines that mailing-list software and mail readers add, whatever the depth of quoting; whole lines only. */
const machineLines: readonly RegExp[] = [
  // header lines, of forwarded mail or of a broken MIME structure
  /^(from|to|cc|bcc|sent|date|subject|reply-to|received|return-path|message-id|mime-version|organization|sender|importance|priority|url|newsgroups|references|in-reply-to|delivered-to|precedence|list-\w+|x-[\w-]+|content-[\w-]+|resent-[\w-]+):(\s|$)/i,
  /^(charset|boundary|type|name|filename)="?[^"]*"?;?$/i,
  /^-+\s*(original|forwarded) message\b.*$/i,
  /^-+\s*(begin|end) forwarded( message)?\b.*$/i,
  // MIME boundaries and PGP armour that are left in the text
  /^--+=?[\w.=+-]*\w{6}[\w.=+-]*$/,
  /^-----(begin|end) pgp [\w ]+-----$/i,
  /^hash: sha\d+$/i,
  // rules
  /^[_\-=~*+#.|> ]+$/,
  // what list servers append
  /^(the )?[\w.-]+ mailing list\b\s*(\S*@\S*|<.*>)?$/i,
  /mailman\/(listinfo|options)|\/lists\/listinfo/i,
  /^list (maintainer|archives?|info)\b/i,
  /^irish linux users' group\b/i,
  /^for \(un\)subscription information/i,
  /^your use of yahoo! groups is subject to/i,
  /^community email addresses/i,
  // "On Monday, Ann wrote:"
  /^.{0,120}\b(wrote|writes?|said|mused|typed|posted|spake|écrit|schrieb)\s*[:;]$/i,
  /^on (mon|tue|wed|thu|fri|sat|sun)\w*,? .{5,100}:$/i,
  /^-{2,3} .{2,60} wrote:/i,
  /^(on|at) .{5,80}\d\d?[:.]\d\d.{0,60}$/i,
  /^do you yahoo!\?/i,
  // what newsletters that are all ham here repeat under every issue
  /^(the|your subscribed) e-mail address (for your subscription )?is\b/i,
  /^unsubscribe \|/i,
  /^you can log in and change your preferences/i,
  /^copyright \S+ pudge\b/i,
  /^\(?this list is sponsored by/i,
  // link lists of feeds
  /^\[?\d{1,3}[\].]\s*(mailto:\S+|https?:\S+)$/i,
];

/** Paragraphs that end a mail from a list; each runs to the next empty line. */
const machineParagraphs: readonly RegExp[] = [
  /^to (\(?un\)?)?subscribe\b/i,
  /^sponsored by:/i,
  /^(# )?this (sf\.net|sourceforge\.net|sf) email is sponsored by/i,
  /^you (have|are) receiv(ed|ing) this (message|mail|e-mail|email) because you (are )?subscribed to/i,
  /yahoo! groups sponsor/i,
  /^-----begin pgp signature-----/i,
];

const quotePrefix = /^[ \t]{0,12}(?:[A-Za-z]{0,3}>|-*\]|[|:)](?=[ \t]))/;
const url = /(?:https?|\bftp):\/{1,2}[^\s<>"')\]]+|\bwww\.[^\s<>"')\]]+/gi;
const address = /[\w.+=-]+(?:@|\s?\(at\)\s?)[\w-]+(?:\.[\w-]+)+|[\w.+=-]+@[\w.-]+/g;

/**
 * A mail's subject without reply marks and bracketed list names: `Re: [ILUG] sound (was: noise)` becomes `sound`.
 */
export function cleanSubject(subject: string): string {
  const own = subject.replace(/\[[^\]]{1,60}\]/g, " ").replace(/\(\s*was\b.*$/i, "");
  return oneLine(masked(own))
    .replace(/^(?:(?:re|fwd?|aw|sv|antwort)\s*(?:\[\d+\]|\^\d+)?\s*:\s*)+/i, "")
    .trim();
}

/**
 * A mail's body as its author wrote it: without quoted mail, signatures, list footers, PGP armour and header
 * lines; links read `[link]` and addresses `[address]`. Works on lines, so text that merely resembles a footer
 * goes too.
 */
export function cleanBody(body: string): string {
  const lines = withoutSignature(printable(body).split(/\r\n?|\n/));
  const kept: string[] = [];
  let insideParagraph = false;
  for (const raw of lines) {
    const line = raw.trim();
    if (line === "") {
      insideParagraph = false;
      if (kept.at(-1) !== "") kept.push("");
      continue;
    }
    if (insideParagraph || quotePrefix.test(raw)) continue;
    if (machineParagraphs.some((pattern) => pattern.test(line))) {
      insideParagraph = true;
      continue;
    }
    if (machineLines.some((pattern) => pattern.test(line))) continue;
    const shown = oneLine(masked(line));
    if (machineLines.some((pattern) => pattern.test(shown))) continue;
    kept.push(shown);
  }
  return kept
    .join("\n")
    .replace(/\[img:\s*\[link\]\s*\]?/gi, "")
    .trim();
}

/** Subject and body as one text, at most {@link maxCharacters} long; empty where nothing is left of the body. */
export function mailText(subject: string, body: string): string {
  const cleaned = cleanBody(body);
  if (!hasWords(cleaned)) return "";
  return `${cleanSubject(subject)}\n\n${cleaned}`
    .trim()
    .slice(0, maxCharacters)
    .replace(/[\ud800-\udbff]$/, "")
    .trim();
}

/** Whether anything but masked links and addresses is left to read. */
export function hasWords(text: string): boolean {
  return /\p{L}{2}/u.test(text.replace(/\[(link|address)\]/g, ""));
}

/** Cuts from the last `--` line on where what follows is short enough to be a signature. */
function withoutSignature(lines: readonly string[]): readonly string[] {
  let end = lines.length;
  for (let i = lines.length - 1; i >= 0 && lines.length - i < 60; i--) {
    if (/^--\s*$/.test(lines[i]) && end - i <= 16) end = i;
  }
  return lines.slice(0, end);
}

/**
 * Without what names a place or a person: links, addresses, the recipient's blanked name, the lists that the
 * mail came through, link numbers and a web log's thanks.
 */
function masked(text: string): string {
  return text
    .replace(url, "[link]")
    .replace(address, "[address]")
    .replace(/\b_?(?:z{4,}|y{4,})[\w-]*[,:]?/g, "")
    .replace(/\[?\bimg:\s*\[link\]\]?|\blink\[\d\](?: discuss\[\d\])?/gi, "")
    .replace(/\b(?:ilug|iiu)(?:-\w+)?\b[,:]?/gi, "")
    .replace(/\bFoRK(?:ers?)?\b/g, "")
    .replace(/\(_(?:thanks|via)\b[^)]*\)/gi, "")
    .replace(/\[\d{1,3}\]/g, "");
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** Canonical Unicode without control, zero-width and replacement characters. */
function printable(text: string): string {
  return text
    .normalize("NFC")
    .replace(/\u00a0/g, " ")
    .replace(/[^\P{C}\n\r\t]|\ufffd/gu, "");
}
