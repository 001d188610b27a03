/**
 * Who may read a file on Windows, by the security identifiers (SIDs) of its access list: names of accounts are in the
 * language of the system, SIDs and SDDL are not. All of it is pure.
 */

/** Who may read a file apart from this user, SYSTEM and Administrators; or why that cannot be told. */
export type FileAccess =
  | { readonly others: readonly Trustee[] /** The SID of this user. */; readonly me: string }
  | { readonly untold: string };

/** An account or a group. */
export interface Trustee {
  /** What icacls takes behind an asterisk; undefined for a group of a domain that the list does not name. */
  readonly sid: string | undefined;
  /** For people, in English whatever the system speaks: `Everyone`, else the SID. */
  readonly name: string;
}

export const systemSid = 'S-1-5-18';
export const administratorsSid = 'S-1-5-32-544';

const wellKnown: Readonly<Record<string, string>> = {
  'S-1-1-0': 'Everyone',
  'S-1-3-0': 'Creator owner',
  'S-1-3-1': 'Creator group',
  'S-1-5-2': 'Network',
  'S-1-5-3': 'Batch',
  'S-1-5-4': 'Interactive',
  'S-1-5-6': 'Service',
  'S-1-5-7': 'Anonymous',
  'S-1-5-11': 'Authenticated users',
  'S-1-5-12': 'Restricted code',
  'S-1-5-13': 'Remote desktop users of this session',
  'S-1-5-19': 'Local service',
  'S-1-5-20': 'Network service',
  'S-1-5-32-545': 'Users',
  'S-1-5-32-546': 'Guests',
  'S-1-5-32-547': 'Power users',
  'S-1-5-32-549': 'Server operators',
  'S-1-5-32-550': 'Print operators',
  'S-1-5-32-551': 'Backup operators',
  'S-1-5-32-555': 'Remote desktop users',
  'S-1-15-2-1': 'All apps',
  'S-1-15-2-2': 'All restricted apps',
};

/** Groups that each domain has, by the end of their SID. */
const ofEachDomain: Readonly<Record<string, string>> = {
  500: 'Administrator',
  501: 'Guest',
  512: 'Domain admins',
  513: 'Domain users',
  514: 'Domain guests',
  515: 'Domain computers',
  516: 'Domain controllers',
  519: 'Enterprise admins',
};

/** Two letters that SDDL writes in the place of a SID (Windows documentation, SID Strings). */
const aliases: Readonly<Record<string, string>> = {
  AC: 'S-1-15-2-1',
  AN: 'S-1-5-7',
  AU: 'S-1-5-11',
  BA: administratorsSid,
  BG: 'S-1-5-32-546',
  BO: 'S-1-5-32-551',
  BU: 'S-1-5-32-545',
  CG: 'S-1-3-1',
  CO: 'S-1-3-0',
  IU: 'S-1-5-4',
  LS: 'S-1-5-19',
  NS: 'S-1-5-20',
  NU: 'S-1-5-2',
  OW: 'S-1-3-4',
  PO: 'S-1-5-32-550',
  PU: 'S-1-5-32-547',
  RC: 'S-1-5-12',
  RD: 'S-1-5-32-555',
  SO: 'S-1-5-32-549',
  SU: 'S-1-5-6',
  SY: systemSid,
  WD: 'S-1-1-0',
};

/** The same for what belongs to a domain that SDDL does not name. */
const domainAliases: Readonly<Record<string, string>> = {
  DA: '512',
  DC: '515',
  DD: '516',
  DG: '514',
  DU: '513',
  EA: '519',
  LA: '500',
  LG: '501',
};

/** The owner by that name may read whatever a list says: he may change it. */
const ownerRights = 'S-1-3-4';

const sidPattern = /^S-1(?:-(?:\d+|0x[\da-f]+))+$/i;

function trusteeOf(text: string): Trustee {
  const relative = domainAliases[text];
  if (relative !== undefined) return { sid: undefined, name: ofEachDomain[relative] ?? text };
  const sid = (aliases[text] ?? text).toUpperCase();
  const end = sid.startsWith('S-1-5-21-') ? ofEachDomain[sid.slice(sid.lastIndexOf('-') + 1)] : undefined;
  return { sid, name: wellKnown[sid] ?? (end === undefined ? sid : `${end} (${sid})`) };
}

/** Bits of an access mask with which a file is read, or its list or owner changed so that it can be. */
const readingBits = 0x1 | 0x4_0000 | 0x8_0000 | 0x1000_0000 | 0x8000_0000;

/** Rights as SDDL writes them that let nobody read (Windows documentation, ACE Strings). */
const harmlessRights = /^(?:FX|FW|GX|GW|RC|SD|DC|LC|SW|RP|WP|DT|LO|CR|NW|NR|NX)*$/;

/** A right that is not known counts as one to read. */
function maySeeWith(rights: string): boolean {
  if (/^(?:0x[\da-f]+|\d+)$/i.test(rights)) return (BigInt(rights) & BigInt(readingBits >>> 0)) !== 0n;
  return !harmlessRights.test(rights);
}

/** The entries of a list, each without its brackets, in which conditions may have more of them; and what is left over. */
function splitEntries(list: string): { entries: readonly string[]; rest: string } {
  const entries: string[] = [];
  let rest = '';
  let depth = 0;
  let from = 0;
  for (let at = 0; at < list.length; at += 1) {
    const character = list.charAt(at);
    if (character === '(') {
      if (depth === 0) from = at + 1;
      depth += 1;
    } else if (character === ')') {
      depth -= 1;
      if (depth === 0) entries.push(list.slice(from, at));
    } else if (depth === 0) rest += character;
  }
  return { entries, rest: depth === 0 ? rest : '(' };
}

/** Flags of an entry: inherit-only ones say nothing about the file itself. */
const isInheritOnly = (flags: string): boolean => /^(?:..)*IO/.test(flags);

/** Entries that give something; what forbids, audits or labels gives nothing. */
const givesAccess: ReadonlySet<string> = new Set(['A', 'OA', 'XA', 'ZA']);

/** The part of an SDDL text that is the list; undefined where the text is none. */
const listIn = (sddl: string): string | undefined =>
  /^(?:O:.*?)?(?:G:.*?)?D:(.*?)(?:S:(?:\(|[A-Z]*\().*)?$/s.exec(sddl.trim())?.[1];

const unknownForm = 'its access list is in a form that is not known';

/**
 * Who may read a file with that list, `me` aside (the SID of this user). `sddl` is what `icacls /save` writes. What a list
 * forbids is not taken off: it is rare, and whoever is named too much does no harm.
 */
export function accessOf(sddl: string, me: string): FileAccess {
  const list = listIn(sddl);
  if (list === undefined) return { untold: unknownForm };
  // No list at all lets everybody in.
  if (/NO_ACCESS_CONTROL/.test(list)) return { others: [trusteeOf('WD')], me };
  const others = new Map<string, Trustee>();
  const { entries, rest } = splitEntries(list);
  if (!/^(?:P|AR|AI)*$/.test(rest.trim())) return { untold: unknownForm };
  for (const entry of entries) {
    const [type = '', flags = '', rights = '', , , sid = ''] = entry.split(';');
    if (!givesAccess.has(type) || isInheritOnly(flags) || !maySeeWith(rights)) continue;
    if (!sidPattern.test(sid) && aliases[sid] === undefined && domainAliases[sid] === undefined) {
      return { untold: 'its access list names somebody in a form that is not known' };
    }
    const trustee = trusteeOf(sid);
    if (!isExpected(trustee, sid, me)) others.set(trustee.sid ?? trustee.name, trustee);
  }
  return { others: [...others.values()], me };
}

function isExpected({ sid }: Trustee, written: string, me: string): boolean {
  // The built-in Administrator is one of the Administrators.
  if (written === 'LA') return true;
  return sid === systemSid || sid === administratorsSid || sid === ownerRights || sid === me.toUpperCase();
}

/** The list in what `icacls <file> /save <copy>` wrote: UTF-16, the name of the file, then its SDDL. */
export function savedList(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder('utf-16le').decode(bytes);
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .find((line) => /^(?:O:|G:|D:)/.test(line));
}

/** The SID of this user in what `whoami /user /fo csv /nh` prints, whatever the language and the code page. */
export function ownSid(printed: string): string | undefined {
  return /"(S-1(?:-\d+)+)"\s*$/.exec(printed)?.[1];
}

/** What whoami.exe is called with to tell who runs this. */
export const whoamiWords: readonly string[] = ['/user', '/fo', 'csv', '/nh'];

const full = (sid: string): string[] => ['/grant:r', `*${sid}:F`];

/** What icacls.exe is called with so that a file lets in this user, SYSTEM and Administrators, and inherits nothing. */
export const restrictWords = (path: string, me: string): readonly string[] => [
  path,
  '/inheritance:r',
  ...full(me),
  ...full(systemSid),
  ...full(administratorsSid),
];

/** What icacls.exe is called with to take access from others. */
export const removeWords = (path: string, others: readonly Trustee[]): readonly string[] => [
  path,
  '/remove:g',
  ...others.flatMap(({ sid }) => (sid === undefined ? [] : [`*${sid}`])),
];

/** What icacls.exe is called with to write the list of a file down. */
export const saveWords = (path: string, copy: string): readonly string[] => [path, '/save', copy];
