/** What differs from run to run. */
const masks: readonly (readonly [pattern: RegExp, mask: string])[] = [
  [/(127\.0\.0\.1):\d+/g, '$1:port'],
  [/^( {4}code {2})\w+$/gm, '$1code'],
  [/\b[A-Z0-9]{9}\b/g, 'code'],
  [/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, 'guid'],
  [/\d{4}-\d\d-\d\d( \d\d:\d\d UTC)?/g, 'date'],
];

/** What a run printed, without what the next one prints otherwise. */
export const masked = (text: string): string =>
  masks.reduce((rest, [pattern, mask]) => rest.replace(pattern, mask), text);
