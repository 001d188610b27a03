/**
 * The machine for what is made when the program is loaded, before a run could hand anything in: its files and its processes.
 * Everything else gets both from the run.
 */
export const thisMachine: {
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
} = { platform: process.platform, env: process.env };
