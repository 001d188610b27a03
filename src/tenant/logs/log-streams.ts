/** The logs, as the command line calls them. */
export const logNames = ['sign-ins', 'audits', 'provisioning'] as const;
export type LogName = (typeof logNames)[number];

/** Kinds of sign-in. */
export const signInTypes = [
  'interactive',
  'non-interactive',
  'service-principal',
  'managed-identity',
] as const;
export type SignInType = (typeof signInTypes)[number];

/** One list of Graph's that rows are read from: kinds of sign-in have one each, and are never mixed in one filter. */
export interface LogStream {
  readonly log: LogName;
  readonly type?: SignInType;
  /** Relative to the versioned root. */
  readonly path: string;
  /** Where v1.0 does not have it. */
  readonly version?: 'beta';
  /** The property that dates its rows. */
  readonly time: string;
  /** For people, in the plural. */
  readonly title: string;
  /** OData that each request carries. */
  readonly condition?: string;
  /** Its times are compared by gt and lt alone (graph-docs provisioningobjectsummary-list.md). */
  readonly isExclusive?: boolean;
  /** Texts are compared with regard to case. */
  readonly isCaseSensitive?: boolean;
}

/** What beta calls the kinds of sign-in (graph-docs beta resources/signin.md, signInEventTypes). */
const eventTypes = {
  'non-interactive': 'nonInteractiveUser',
  'service-principal': 'servicePrincipal',
  'managed-identity': 'managedIdentity',
} as const;

const titles = {
  interactive: 'interactive sign-ins',
  'non-interactive': 'non-interactive sign-ins',
  'service-principal': 'sign-ins of service principals',
  'managed-identity': 'sign-ins of managed identities',
} as const;

const signIns = { log: 'sign-ins', path: '/auditLogs/signIns', time: 'createdDateTime' } as const;

function signInStream(type: SignInType): LogStream {
  const title = titles[type];
  if (type === 'interactive') return { ...signIns, type, title };
  const condition = `signInEventTypes/any(t: t eq '${eventTypes[type]}')`;
  return { ...signIns, type, version: 'beta', title, condition };
}

/** Changes to the directory. */
export const auditStream: LogStream = {
  log: 'audits',
  path: '/auditLogs/directoryAudits',
  time: 'activityDateTime',
  title: 'directory audits',
};

const provisioningStream: LogStream = {
  log: 'provisioning',
  path: '/auditLogs/provisioning',
  time: 'activityDateTime',
  title: 'provisioning entries',
  isExclusive: true,
  isCaseSensitive: true,
};

/** The lists that a log consists of; `types` matter to sign-ins alone. Pure. */
export function streamsOf(log: LogName, types: readonly SignInType[]): readonly LogStream[] {
  if (log === 'audits') return [auditStream];
  if (log === 'provisioning') return [provisioningStream];
  return signInTypes.filter((type) => types.includes(type)).map(signInStream);
}
