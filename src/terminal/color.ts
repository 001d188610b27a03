/**
 * no-color.org and force-color.org: FORCE_COLOR wins, then NO_COLOR, then what the terminal is. Apart from style.ts, since
 * every start asks for it, help too, and chalk and wrap-ansi would be loaded along.
 */
export function colorLevel(env: Readonly<Record<string, string | undefined>>, isTTY: boolean): 0 | 1 {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') return forced === '0' || forced === 'false' ? 0 : 1;
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return 0;
  return isTTY && env['TERM'] !== 'dumb' ? 1 : 0;
}
