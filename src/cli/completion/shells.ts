/** Shells that completion is made for. */
export const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof shells)[number];

/** The shell of that name, PowerShell by that of its program too; undefined for any other. */
export function shellOf(name: string | undefined): Shell | undefined {
  return name === 'pwsh' ? 'powershell' : shells.find((shell) => shell === name);
}
