// A third of zod's size: it is loaded at every start.
import * as z from 'zod/mini';
import { credentialKinds } from '../core/choices.ts';
import { isDomainName } from '../core/domain-name.ts';
import { type Fields, fieldsOf, guidPattern, sameId, textOf } from '../core/fields.ts';
import { Secret } from '../core/secret.ts';
import { type CloudName, publicCloudNames } from '../entra/clouds.ts';

const cloudNames = [...publicCloudNames, 'sandbox', 'custom'] as const satisfies readonly CloudName[];

const dateTime = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);

function isEndpoint(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' || url.username || url.password) return false;
  return url.pathname === '/' && !url.search && !url.hash;
}

const text = z.string({
  error: ({ input }) => (input === undefined ? 'is missing' : 'is not a text'),
});
const oneLine = text.check(z.regex(/^[^\p{Cc}\p{Cs}]+$/u, 'is empty or more than one line'));
const guid = text.check(z.regex(guidPattern, 'is not a GUID'));
const endpoint = z.pipe(
  text.check(z.refine(isEndpoint, 'is not an https address without a path')),
  z.transform((url: string) => new URL(url).origin),
);
const permission = text.check(z.regex(/^[\w.-]+(\/[\w.-]+)?$/, 'is not the name of a permission'));

const date = text.check(z.refine((value) => dateTime.safeParse(value).success, 'is not an ISO 8601 date'));
const opaqueId = text.check(z.regex(/^[\w.-]+$/, 'is not an id'));

const section = <T extends z.core.$ZodShape>(shape: T) =>
  z.readonly(
    z.object(shape, { error: ({ input }) => (input === undefined ? 'is missing' : 'is not an object') }),
  );

const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, {
    error: ({ input }) => (input === undefined ? 'is missing' : `is not one of: ${values.join(', ')}`),
  });

/** A credential that another one replaced, and that stays valid beside it until it is retired. */
const previousCredential = z.looseObject(
  {
    kind: oneOf(credentialKinds),
    keyId: guid,
    expires: z.exactOptional(date),
    /** When the file began to name its successor, by the servers' time. */
    replacedAt: date,
    /** Before that it is not removed. */
    retireAfter: date,
    /** PEM file with certificate and key; only of kind `certificate`. */
    certificatePath: z.exactOptional(oneLine),
  },
  { error: 'is not an object' },
);

const schema = section({
  version: z.literal(1, { error: ({ input }) => (input === undefined ? 'is missing' : 'is not 1') }),
  cloud: oneOf(cloudNames),
  tenantId: guid,
  domain: text.check(z.refine(isDomainName, 'is not a domain name')),
  clientId: guid,
  /** Only with a credential of kind `secret`, and not where a store has it. */
  clientSecret: z.exactOptional(z.pipe(oneLine, z.transform(Secret.of))),
  /** PEM file with certificate and key; only with a credential of kind `certificate`. */
  certificatePath: z.exactOptional(oneLine),
  credential: section({
    kind: oneOf(credentialKinds),
    keyId: z.exactOptional(guid),
    displayName: z.exactOptional(text),
    expires: z.exactOptional(date),
    /** Whose tokens are taken, with the next two; only with a credential of kind `federated`. */
    issuer: z.exactOptional(oneLine),
    subject: z.exactOptional(oneLine),
    audience: z.exactOptional(oneLine),
    /** The store that has the secret in this file's place: a target of connect, and where it is there. */
    secretIn: z.exactOptional(section({ target: oneLine, where: oneLine })),
    /** What it replaced and what is not retired yet, oldest first. */
    previous: z.exactOptional(z.readonly(z.array(previousCredential, { error: 'is not a list' }))),
  }),
  application: section({
    objectId: guid,
    servicePrincipalId: guid,
    uniqueName: z.exactOptional(text.check(z.minLength(1, 'is empty'))),
    /** Only where it is not what setup calls an application by itself. */
    displayName: z.exactOptional(text),
    /** An application that was there before, and that `--client-id` named: it is not this program's to delete. */
    adopted: z.exactOptional(z.boolean()),
    /** Ids of the grants that this installation made on such an application. */
    grants: z.exactOptional(z.readonly(z.array(opaqueId))),
    /** When teardown deactivated it, ISO 8601. */
    deactivatedAt: z.exactOptional(date),
    /** When teardown was about to: whether it did shows the tenant. */
    deactivatingAt: z.exactOptional(date),
  }),
  /** Only where the cloud is none that has a name; without a slash at the end. */
  endpoints: z.exactOptional(section({ authorityHost: endpoint, graphUrl: endpoint })),
  permissions: z.readonly(
    z.array(permission, {
      error: ({ input }) => (input === undefined ? 'is missing' : 'is not a list'),
    }),
  ),
});

/** What setup writes and verify reads: everything needed to use the reporting API. */
export type ReportingConfig = z.output<typeof schema>;

/** Where the secret of a file lies that does not hold it. */
export type SecretPlace = NonNullable<ReportingConfig['credential']['secretIn']>;

export type PreviousCredential = NonNullable<ReportingConfig['credential']['previous']>[number];

/** Entries with their fields in one order, whoever wrote them; what this program does not know stays, behind. Pure. */
export const inOrder = (
  previous: readonly PreviousCredential[] | undefined,
): readonly PreviousCredential[] | undefined =>
  previous?.map(({ kind, keyId, expires, replacedAt, retireAfter, certificatePath, ...others }) => ({
    kind,
    keyId,
    ...(expires === undefined ? {} : { expires }),
    replacedAt,
    retireAfter,
    ...(certificatePath === undefined ? {} : { certificatePath }),
    ...others,
  }));

export type ConfigFormat = 'json' | 'env';

/** What a configuration file turned out to be. Problems never quote a value. */
export type ConfigReading =
  | { readonly status: 'absent' }
  | { readonly status: 'ok'; readonly config: ReportingConfig; readonly format: ConfigFormat }
  | {
      readonly status: 'invalid';
      readonly problems: readonly string[];
      /** It is no configuration of this program at all, but the settings of another. */
      readonly foreign?: true;
    }
  | { readonly status: 'newer'; readonly version: number };

/** Turns a secret into text; handed in, so that it is known who may. */
export type Reveal = (secret: Secret) => string;

/** The text without the byte order mark that some editors put first. */
export const withoutMark = (text: string): string => text.replace(/^\ufeff/, '');

/** What each kind of credential must come with; checked on the raw data, so that it is told with all the rest. */
const companions: Readonly<Record<string, string>> = {
  secret: 'clientSecret',
  certificate: 'certificatePath',
};

/** Names of fields that are missing because of what other fields say. */
function missingFields(data: Fields): string[] {
  const { kind, secretIn } = fieldsOf(data['credential']);
  const companion = kind === 'secret' && secretIn !== undefined ? undefined : companions[String(kind)];
  const needed = [companion, data['cloud'] === 'custom' ? 'endpoints' : undefined];
  return needed.filter((name) => name !== undefined).filter((name) => data[name] === undefined);
}

/** What stands where a secret should: each is a mistake that people make, and none is a secret of Entra's. */
const standIns: readonly (readonly [RegExp, string])[] = [
  [/^\s|\s$/, 'begins or ends with a space: take it off'],
  [/^(["'`]).*\1$|^[\u201c\u2018].*[\u201d\u2019]$/u, 'stands in quotes of its own: take them off'],
  [/^(.)\1{2,}$/u, 'is a mask: the secret itself was not copied'],
  [/^\[(?:secret|redacted|hidden|masked)\]$/i, 'is a mask: the secret itself was not copied'],
  [
    /^(?:\$\{.*\}|\$\([^)]*\)|\$[A-Za-z_]\w*|%[A-Za-z_]\w*%|\{\{.*\}\}|<[^<>]*>|(?:change[-_ ]?me|todo|tbd|null|undefined|none|redacted|your[-_ ](?:client[-_ ])?secret(?:[-_ ]here)?))$/i,
    'is a placeholder that nothing has filled in',
  ],
  [
    /^(?:op|vault|ssm|file|env|gcp|akv|awssm|secretsmanager|ref\+[a-z]+):\/\/|^@Microsoft\.KeyVault\(|^arn:aws:|^ENC\[|^\/(?:run|var|etc|mnt)\/\S+$/i,
    'says where the secret is: put the secret itself here',
  ],
];

/** Why what the file calls its secret cannot be one; undefined where it can. Never quotes it. */
function secretFault(data: Fields): string | undefined {
  const secret = textOf(data['clientSecret']);
  const { keyId } = fieldsOf(data['credential']);
  if (secret.trim() === '' || fieldsOf(data['credential'])['kind'] !== 'secret') return undefined;
  if (sameId(secret, textOf(keyId)))
    return "is the secret's ID: its value is needed, which is shown only once";
  if (sameId(secret, textOf(data['clientId']))) return "is the application's client ID, not its secret";
  return standIns.find(([pattern]) => pattern.test(secret))?.[1];
}

/** Drops what does not belong to the kind of credential, such as a secret left behind by another one. */
export function relevantFields({
  clientSecret,
  certificatePath,
  ...config
}: ReportingConfig): ReportingConfig {
  const { secretIn, ...credential } = config.credential;
  const { kind } = credential;
  // A secret that is here is this file's, wherever another copy of it may be.
  const isElsewhere = kind === 'secret' && !clientSecret && secretIn !== undefined;
  return {
    ...config,
    credential: isElsewhere ? { ...credential, secretIn } : credential,
    ...(kind === 'secret' && clientSecret ? { clientSecret } : {}),
    ...(kind === 'certificate' && certificatePath !== undefined ? { certificatePath } : {}),
  };
}

/**
 * Judges a configuration's data. All problems are told at once, each beginning with `nameOf` the field's path;
 * unknown fields are ignored. No problem quotes a value.
 */
export function readConfigData(
  data: unknown,
  format: ConfigFormat,
  nameOf: (path: readonly string[]) => string,
): ConfigReading {
  const { version } = fieldsOf(data);
  if (Number.isInteger(version) && Number(version) > 1) return { status: 'newer', version: Number(version) };
  const result = schema.safeParse(data);
  const fault = secretFault(fieldsOf(data));
  const more = [
    ...missingFields(fieldsOf(data)).map((name) => `${nameOf([name])} is missing`),
    ...(fault === undefined ? [] : [`${nameOf(['clientSecret'])} ${fault}`]),
  ];
  if (result.success && more.length === 0) {
    return { status: 'ok', config: relevantFields(result.data), format };
  }
  const problems = (result.error?.issues ?? []).map(({ path, message }) =>
    path.length === 0 ? `the file ${message}` : `${nameOf(path.map(String))} ${message}`,
  );
  return { status: 'invalid', problems: [...problems, ...more] };
}
