/** Names that stand for a device in every folder, whatever extension follows (Windows documentation, Naming Files). */
const device = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[\d\u00b9\u00b2\u00b3]) *(?:$|[.:])/i;

function partFault(part: string): string | undefined {
  if (part === '' || part === '.' || part === '..') return undefined;
  if (device.test(part)) return 'Windows has a device of that name';
  if (part.includes(':')) return 'a colon in a name stands for a stream within a file';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: Windows has no names with them.
  if (/[<>"|?*\u0000-\u001f]/.test(part))
    return 'Windows has no names with < > " | ? * or control characters';
  if (/[. ]$/.test(part)) return 'Windows drops dots and blanks at the end of a name';
  return part.length > 255 ? 'a part of its path is longer than 255 characters' : undefined;
}

/** What stands before the parts: a drive, a share, or the same behind `\\?\`. */
const volume =
  /^(?:\\\\\?\\(?:UNC\\[^\\/]+\\[^\\/]+|[a-z]:|Volume\{[\da-f-]+\})|[\\/]{2}[^\\/?.][^\\/]*[\\/]+[^\\/]+|[a-z]:)(?=[\\/]|$)/i;

/**
 * Why Windows would not make a file of exactly that name, or would make something else; undefined where it would. `path` is
 * a full one: `C:\folder\file`, `\\server\share\file`, or either behind `\\?\`. Pure.
 */
export function windowsNameFault(path: string): string | undefined {
  const root = volume.exec(path)?.[0];
  if (root === undefined && /^[\\/]{2}/.test(path)) {
    return /^[\\/]{2}[?.]/.test(path) ? 'it names a device' : 'it names a network share, not a file in it';
  }
  const rest = path.slice(root?.length ?? 0);
  if (root !== undefined && rest.replace(/[\\/]+/g, '') === '')
    return 'it names a drive or a share, not a file in it';
  return rest
    .split(/[\\/]/)
    .map(partFault)
    .find((fault) => fault !== undefined);
}
