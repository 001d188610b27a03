import { type Target, targetGroups } from '../../src/commands/connect/target.ts';
import { loadTargets } from '../../src/commands/connect/targets.ts';
import { inputFor, storage } from '../commands/connect/target-inputs.ts';

const titles = {
  collector: 'Collectors',
  tool: 'Tools',
  code: 'Your own code',
  store: 'Secret stores',
  reminder: 'Reminders',
} as const;

const secrets = {
  none: 'not in it',
  reference: 'by a reference to where the product keeps it',
  literal: 'in it: written to a file of mode 0600, never to standard output',
} as const;

const storedSecret = ({ make }: Target): string =>
  make
    ? 'put away by the store, or in a file of mode 0600 with `--output`'
    : 'put away by the store, and read back';

const code = (text: string): string => `\`${text}\``;

const example = (target: Target) =>
  target.make?.(
    inputFor(target.credentials[0] ?? 'secret', {
      secret: target.secret === 'literal' ? 'plainly-not-a-secret' : '',
      settings: { storageAccount: storage },
    }),
  );

/** A step of a list; what is to be copied stands in a block below it. */
function stepLines(steps: readonly { readonly does: string; readonly run?: string }[]): string[] {
  return steps.flatMap(({ does, run }) => [
    ...(does === '' ? [] : [`- ${does.replaceAll('<', '&lt;')}`]),
    ...(run === undefined ? [] : ['', '  ```', `  ${run}`, '  ```', '']),
  ]);
}

function section(target: Target): string[] {
  const { name, title, credentials, clouds, permissions, secret, needs, proven, unconfirmed } = target;
  const facts = [
    `Credentials: ${credentials.join(', ')}. Clouds: ${clouds.map((cloud) => (cloud === 'custom' ? 'any other endpoint' : cloud)).join(', ')}.`,
    `The secret is ${target.group === 'store' ? storedSecret(target) : secrets[secret]}.`,
    ...(needs.length === 0 ? [] : [`Needs ${needs.map((need) => need.replaceAll('<', '&lt;')).join('; ')}.`]),
    ...(permissions.length === 0 ? [] : [`What else it can read needs ${permissions.map(code).join(', ')}.`]),
  ];
  const files = example(target)?.files.map(({ name: file }) => code(file)) ?? [];
  return [
    '',
    `### ${name}`,
    '',
    `${title}. ${facts.join(' ')}`,
    '',
    ...(files.length === 0 ? [] : [`It makes ${files.join(' and ')}.`, '']),
    `Tested: ${proven}.`,
    ...(unconfirmed === undefined ? [] : ['', `Not confirmed: ${unconfirmed}`]),
    '',
    ...stepLines(example(target)?.steps ?? []),
  ];
}

const introduction = `# reporting-setup connect

<!-- Made from the targets in src/commands/connect by \`npm run docs\`; change it there. -->

Turns the config file into what a collector, a tool, your own code, a secret store or a calendar takes. \`reporting-setup connect\` lists
the targets, and asks in a terminal; \`reporting-setup connect <target>\` makes one.

- A text without a secret goes to standard output, or to \`--output\`. One with the secret in it goes to a file of mode
  0600 alone: \`--output\` is asked for in a terminal, and required without one.
- An existing file is replaced only where its first line says that connect wrote it; formats without comments (JSON) cannot
  say so, and are never replaced. \`azure-sdk\` changes its own lines of a \`.env\` file, and no other.
- A kind of credential that the target cannot use, or a cloud that it does not know, ends with exit code 3 and writes nothing.
- With a file made in the sandbox, the text is that of the global cloud, with SANDBOX in its first line where its format
  has comments.
- What holds something of the credential is noted in the config file, under \`connected\` (\`REPORTING_CONNECTED\` in a .env
  file). \`reporting-setup verify\` names what still has an older credential.

## Secret stores, what they have in common

- The secret goes to the store on standard input or in the body of a request: never in an argument, never in the environment
  of another program, and with nothing behind it, no line break either. What can be read back is compared byte for byte.
- A store that does not take it ends with exit code 3 (7 where it does not answer), says what to do, and leaves the config
  file as it was. \`--dry-run\` says where it would go.
- What is there already under the same name and was not written for this application is left alone (Key Vault, AWS, Vault,
  Kubernetes, systemd); GitHub and GitLab replace variables of the same names.
- \`--remove-file\` takes the secret out of the config file once the store gave it back. The file then says where it is
  (\`credential.secretIn\`, \`REPORTING_SECRET_IN\` in a .env file), and every command takes it from \`AZURE_CLIENT_SECRET\`
  where \`AZURE_TENANT_ID\` and \`AZURE_CLIENT_ID\` are the file's; elsewhere it ends with exit code 3 and names the store. A
  store that cannot be read back keeps the secret in the file too: exit code 6.
- Azure Key Vault: \`--vault\` makes the host from the cloud's suffix. The first answer of a vault says which token it wants: where
  that is none that its host belongs to, nothing is sent. The secret ends when the credential does, so that the vault's own
  reminders know it; client ID, tenant ID and key ID are its tags. \`--sandbox\` has vaults of its own, for as long as it runs.
- AWS Secrets Manager, HashiCorp Vault and GitLab find their address and who is signed in as their own programs do:
  \`AWS_PROFILE\`, \`VAULT_ADDR\`, \`VAULT_TOKEN\`, \`GITLAB_HOST\`, \`GITLAB_TOKEN\` and the rest. What a config file says about an
  address alone gets no token.

What is run in the tests, and what could only be parsed, stands with each. Nothing here was tried against a vendor's own
service.`;

/** docs/connect.md, from the table of targets. */
export async function connectDocument(): Promise<string> {
  const targets = await loadTargets();
  const parts = targetGroups.flatMap((group) => {
    const of = targets.filter((target) => target.group === group);
    return of.length === 0 ? [] : ['', `## ${titles[group]}`, ...of.flatMap(section)];
  });
  const text = [introduction, ...parts].join('\n').replaceAll(/\n{3,}/g, '\n\n');
  return `${text.trimEnd()}\n`;
}

/** What every target makes of one and the same config file. */
export async function madeDocument(): Promise<string> {
  const targets = await loadTargets();
  const texts = targets.flatMap((target) =>
    (example(target)?.files ?? []).map(({ name, text, merge }) => {
      const whole = merge ? merge('') : text;
      return `===== ${target.name}: ${name}\n${whole.replaceAll('\r\n', '\n')}`;
    }),
  );
  return texts.join('\n');
}
