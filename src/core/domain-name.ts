/** Letters of any script, as an internationalised name is spelled; nothing invisible. */
const spelling = /^[\p{L}\p{M}\p{N}._-]+$/u;

/** Underscores are in no host's name, and in many a domain's that a tenant has verified. */
const asciiName = /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

/** The one spelling of a domain name: in ASCII (RFC 5891) and in lower case. Empty for what is none. */
export function canonicalDomain(text: string): string {
  if (!spelling.test(text)) return '';
  if (/^[ -~]*$/.test(text)) return text.toLowerCase();
  // An address has its host in that spelling.
  const address = `https://${text}`;
  return URL.canParse(address) ? new URL(address).hostname : '';
}

/** Whether a text is the name of a domain, in either spelling where it is an internationalised one. */
export const isDomainName = (text: string): boolean => asciiName.test(canonicalDomain(text));

/** Whether two texts name the same domain, however it is spelled. */
export function sameDomain(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  const name = canonicalDomain(a);
  return a.toLowerCase() === b.toLowerCase() || (name !== '' && name === canonicalDomain(b));
}
