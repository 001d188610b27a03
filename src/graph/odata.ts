/**
 * A text for use between the single quotes of an OData string in a URL: quotes doubled, the rest
 * percent-encoded. Lone surrogates, which no URL can carry, become U+FFFD.
 */
export function odataString(text: string): string {
  return encodeURIComponent(text.replace(/\p{Cs}/gu, '\ufffd').replaceAll("'", "''"));
}
