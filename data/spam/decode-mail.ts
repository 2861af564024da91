import { compile } from "html-to-text";
import PostalMime from "postal-mime";

/** What a reader of a mail sees. */
export interface Mail {
  readonly subject: string;
  readonly body: string;
}

const htmlToText = compile({
  wordwrap: false,
  selectors: [
    { selector: "a", options: { ignoreHref: true } },
    { selector: "img", format: "skip" },
    ...["h1", "h2", "h3", "h4", "h5", "h6"].map((selector) => ({ selector, options: { uppercase: false } })),
    { selector: "table", options: { uppercaseHeaderCells: false } },
    { selector: "hr", format: "skip" },
  ],
});

/**
 * Decodes a raw mail: MIME structure, transfer encodings, character sets and encoded words by postal-mime,
 * HTML by html-to-text. The plain-text part is taken where there is one; text that is HTML in disguise is
 * converted too.
 */
export async function decodeMail(raw: Uint8Array): Promise<Mail> {
  const { subject, text, html } = await PostalMime.parse(raw);
  const plain = text?.trim() ? text : htmlToText(html ?? "");
  return { subject: subject ?? "", body: looksLikeHtml(plain) ? htmlToText(plain) : plain };
}

function looksLikeHtml(text: string): boolean {
  return /<(html|body|table|font|center|p align|br|head)\b[^>]*>/i.test(text);
}
