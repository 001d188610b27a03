import { describe, expect, it } from 'vitest';
import {
  accessOf,
  ownSid,
  removeWords,
  restrictWords,
  savedList,
  saveWords,
} from '../../src/config/access-list.ts';

const me = 'S-1-5-21-1085031214-1563985344-725345543-1001';
const mine = `(A;;FA;;;${me})`;
const system = '(A;;FA;;;SY)';
const administrators = '(A;;FA;;;BA)';
const names = (sddl: string): string[] | string => {
  const access = accessOf(sddl, me);
  return 'untold' in access ? access.untold : access.others.map(({ name }) => name);
};

describe('an access list', () => {
  it.each([
    ['what this program sets', `D:PAI${mine}${system}${administrators}`],
    ['the same, inherited from the profile', `D:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;FA;;;${me})`],
    ['with owner and group before it', `O:${me}G:S-1-5-21-1085031214-1563985344-725345543-513D:P${mine}`],
    ['with the built-in Administrator', `D:P${mine}(A;;FA;;;LA)`],
    ['with the rights of the owner', `D:P(A;;FA;;;OW)`],
    ['with full SIDs in the place of letters', `D:P${mine}(A;;FA;;;S-1-5-18)(A;;FA;;;S-1-5-32-544)`],
    ['where others may but write', `D:P${mine}(A;;0x100116;;;WD)(A;;FW;;;BU)`],
    ['where others may but start it', `D:P${mine}(A;;FX;;;WD)`],
    ['where others inherit, but below it alone', `D:P${mine}(A;OICIIO;GA;;;CO)`],
    ['where others are forbidden', `D:P(D;;FA;;;WD)${mine}`],
    ['with what is audited and labelled behind it', `D:P${mine}S:AI(AU;SAFA;FA;;;WD)(ML;;NW;;;LW)`],
    ['that lets nobody in', 'D:P'],
  ])('%s lets nobody else read', (_name, sddl) => {
    expect(names(sddl)).toEqual([]);
  });

  it.each([
    [
      `D:AI(A;ID;FA;;;BA)(A;ID;FA;;;SY)(A;ID;0x1200a9;;;BU)(A;ID;0x1301bf;;;AU)`,
      ['Users', 'Authenticated users'],
    ],
    [`D:${mine}(A;;FR;;;WD)`, ['Everyone']],
    [`D:${mine}(A;;GA;;;S-1-1-0)(A;OICI;FA;;;WD)`, ['Everyone']],
    [`D:${mine}(A;;WD;;;BU)`, ['Users']],
    [`D:${mine}(A;;WO;;;BG)`, ['Guests']],
    [`D:${mine}(A;;CCDCLC;;;IU)`, ['Interactive']],
    [`D:${mine}(A;;0x80000000;;;NU)`, ['Network']],
    [`D:${mine}(A;;0x1200a9;;;AC)(A;;0x1200a9;;;S-1-15-2-2)`, ['All apps', 'All restricted apps']],
    [`D:${mine}(A;;FA;;;DU)`, ['Domain users']],
    [`D:${mine}(A;;FA;;;S-1-5-21-1-2-3-512)`, ['Domain admins (S-1-5-21-1-2-3-512)']],
    [`D:${mine}(A;;FA;;;S-1-5-21-1-2-3-1604)`, ['S-1-5-21-1-2-3-1604']],
    [`D:${mine}(XA;;FR;;;WD;(@User.Title=="PM" && (Member_of {SID(BA)})))`, ['Everyone']],
    [`D:${mine}(OA;;CC;bf967aba-0de6-11d0-a285-00aa003049e2;;AU)`, ['Authenticated users']],
    [`D:${mine}(A;;??;;;WD)`, ['Everyone']],
    ['D:NO_ACCESS_CONTROL', ['Everyone']],
    ['D:PNO_ACCESS_CONTROL', ['Everyone']],
  ])('%s names %j', (sddl, expected) => {
    expect(names(sddl)).toEqual(expected);
  });

  it.each([
    '',
    'nonsense',
    'O:SYG:SY',
    `D:${mine}(A;;FA;;;??)`,
    `D:${mine}(A;;FA;;;)`,
    `D:${mine}rest`,
    `D:${mine}(A;;FA;;;WD`,
  ])('of another form (%j) is no answer', (sddl) => {
    expect(names(sddl)).toMatch(/form that is not known/);
  });

  it('is written down by icacls in UTF-16, with the name of the file', () => {
    const text = (lines: readonly string[], mark = ''): Uint8Array =>
      Buffer.from(mark + lines.map((line) => `${line}\r\n`).join(''), 'utf16le');
    const list = `D:PAI${mine}${system}${administrators}`;
    expect(savedList(text(['reporting-setup.json', list]))).toBe(list);
    expect(savedList(text(['日本 ü.json', list], '\ufeff'))).toBe(list);
    expect(savedList(text(['D.json', list]))).toBe(list);
    expect(savedList(text(['reporting-setup.json', '']))).toBeUndefined();
    expect(savedList(new Uint8Array())).toBeUndefined();
  });
});

describe('whoami', () => {
  // As bytes of the code page of each system, read as UTF-8: names are garbled, the SID is not.
  const garbled = (hex: string): string => Buffer.from(hex, 'hex').toString('utf8');
  it.each([
    ['English', 'contoso\\ada'],
    ['German, code page 850', `vm\\j${garbled('94')}rg m${garbled('81')}ller`],
    ['French, code page 850', `poste\\andr${garbled('82')}`],
    ['Russian, code page 866', `vm\\${garbled('88a2a0ad')}`],
    ['Japanese, code page 932', `vm\\${garbled('8ec2967b')}`],
    ['a comma and quotes', 'vm\\a, ""b""'],
  ])('tells the SID in %s', (_name, account) => {
    expect(ownSid(`"${account}","${me}"\r\n`)).toBe(me);
  });

  it.each([
    ['the service account', '"nt authority\\system","S-1-5-18"\r\n', 'S-1-5-18'],
    ['the same in German', '"nt-autorit\ufffdt\\system","S-1-5-18"\r\n', 'S-1-5-18'],
    ['a name alone, as wine prints it', 'VM\\root\r\n', undefined],
    ['nothing', '', undefined],
    ['an error', 'ERROR: Unable to get group membership information.\r\n', undefined],
    ['a SID in the name', '"vm\\S-1-5-18"\r\n', undefined],
  ])('as %s', (_name, printed, sid) => {
    expect(ownSid(printed)).toBe(sid);
  });
});

it('speaks to icacls in SIDs, each word by itself', () => {
  const path = 'C:\\Users\\Jörg Müller\\a & b %PATH%.json';
  expect(restrictWords(path, me)).toEqual([
    path,
    '/inheritance:r',
    '/grant:r',
    `*${me}:F`,
    '/grant:r',
    '*S-1-5-18:F',
    '/grant:r',
    '*S-1-5-32-544:F',
  ]);
  const access = accessOf(`D:(A;;FR;;;WD)(A;;FR;;;DU)(A;;FR;;;S-1-5-21-1-2-3-4)`, me);
  expect(removeWords(path, 'others' in access ? access.others : [])).toEqual([
    path,
    '/remove:g',
    '*S-1-1-0',
    '*S-1-5-21-1-2-3-4',
  ]);
  expect(saveWords(path, 'C:\\t\\list')).toEqual([path, '/save', 'C:\\t\\list']);
});
