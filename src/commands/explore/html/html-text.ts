import { safeText } from '../../../core/text.ts';

const named: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text from anywhere as HTML, between tags and in quoted attributes: what hides or turns text around is spelled out. Pure. */
export const htmlText = (text: string, most = 500): string =>
  safeText(text, most).replace(/[&<>"']/g, (sign) => named[sign] ?? '');

/** A value as JSON that may stand in a script element: nothing in it ends the element or begins a comment. Pure. */
export const scriptJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** `12,345`. Pure. */
export const numberText = (count: number): string => count.toLocaleString('en-US');
