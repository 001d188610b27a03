import { flagOf, type OptionDefinition, type OptionName, options } from './options.ts';

/** A command line, and what it is good for. */
interface Example {
  readonly does: string;
  readonly run: string;
}

/** What help and the manual say about a command beside its options. */
export interface Page {
  readonly summary: string;
  readonly examples: readonly Example[];
}

/** One page for each command, in the order in which help lists them. */
export const pages = {
  setup: {
    summary:
      'Register the application, grant it, make its credential, prove it and save it (default command).',
    examples: [
      { does: 'Ask, then set everything up', run: 'reporting-setup' },
      { does: 'Only show what would be done', run: 'reporting-setup --dry-run' },
      {
        does: 'No questions, credential as environment variables',
        run: 'reporting-setup --yes --output .env',
      },
      {
        does: 'One tenant, signing in on another device',
        run: 'reporting-setup --tenant contoso.com --auth device-code',
      },
      {
        does: 'No secret at all: trust a GitHub Actions workflow',
        run: 'reporting-setup --credential federated --github contoso/reports',
      },
      {
        does: 'Try it all on a built-in tenant; nothing leaves this machine',
        run: 'reporting-setup --sandbox',
      },
    ],
  },
  verify: {
    summary: 'Check every prerequisite again, with the credential in the file.',
    examples: [
      { does: 'Check the credential that setup saved', run: 'reporting-setup verify' },
      {
        does: 'In a job: warn two months before the credential ends',
        run: 'reporting-setup verify --config prod.env --expires-within 60d --json',
      },
      {
        does: 'Also check roles, policies and what changed since setup',
        run: 'reporting-setup verify --admin',
      },
    ],
  },
  explore: {
    summary: 'Show, follow and export the logs, with the credential in the file.',
    examples: [
      { does: 'A first impression of the last 24 hours', run: 'reporting-setup explore' },
      { does: 'What failed today', run: 'reporting-setup explore sign-ins --since today --failed' },
      {
        does: 'Whatever an error screen names',
        run: 'reporting-setup explore sign-ins --type all --id 7f3b2c1a-0000-4000-8000-5d2e6f708192',
      },
      {
        does: 'Take 30 days along; the same command goes on where it was cut',
        run: 'reporting-setup explore sign-ins --since 30d --output sign-ins.csv',
      },
      {
        does: 'One page with charts, to be opened in a browser',
        run: 'reporting-setup explore --since 7d --html logs.html',
      },
      {
        does: 'Feed every new row to another program',
        run: 'reporting-setup explore audits --follow --format ndjson | jq .activityDisplayName',
      },
    ],
  },
  connect: {
    summary: 'Turn the config file into what a collector, a store, your own code or a calendar takes.',
    examples: [
      { does: 'See what can be connected, then choose', run: 'reporting-setup connect' },
      { does: 'Every target with what it takes', run: 'reporting-setup connect --list' },
      {
        does: 'A collector that keeps the secret elsewhere',
        run: 'reporting-setup connect filebeat > entra.yml',
      },
      { does: 'One that needs it in its files', run: 'reporting-setup connect wazuh --output wazuh' },
      {
        does: 'Into a secret store, and out of the config file',
        run: 'reporting-setup connect github --repo owner/name --remove-file',
      },
      {
        does: 'The day on which the credential ends, for a calendar',
        run: 'reporting-setup connect ics --output reporting.ics',
      },
    ],
  },
  rotate: {
    summary: 'Make a new credential, prove it, save it, and retire the old one once nobody uses it any more.',
    examples: [
      {
        does: 'See when each key was used last, and what would be done',
        run: 'reporting-setup rotate --dry-run',
      },
      { does: 'Make a new credential; the old one stays valid for a week', run: 'reporting-setup rotate' },
      {
        does: 'Every night, for ever: does nothing, then rotates once, then retires once',
        run: 'reporting-setup rotate --if-expires-within 30d --yes',
      },
      {
        does: 'From a secret to a certificate',
        run: 'reporting-setup rotate --credential certificate',
      },
      {
        does: 'A certificate rolls itself over: no administrator signs in',
        run: 'reporting-setup rotate --self --if-expires-within 30d --yes',
      },
      {
        does: 'The old secret leaked: it goes as soon as the new one is proven',
        run: 'reporting-setup rotate --overlap 0',
      },
    ],
  },
  teardown: {
    summary: 'Deactivate, delete or purge what setup made, and remove its files.',
    examples: [
      { does: 'Show what there is, then ask how far to go', run: 'reporting-setup teardown' },
      {
        does: 'Only show what a deletion would remove',
        run: 'reporting-setup teardown --mode delete --dry-run',
      },
      {
        does: 'No more tokens from now on, everything kept; setup switches it on again',
        run: "reporting-setup teardown --mode deactivate --confirm 'Reporting API application'",
      },
      {
        does: 'In a job: for good, with a receipt',
        run: 'reporting-setup teardown --mode purge --confirm 11111111-2222-4333-8444-555555555555 --receipt receipts.md',
      },
    ],
  },
  sandbox: {
    summary: 'Serve the sandbox tenant on 127.0.0.1 until stopped.',
    examples: [
      { does: 'Serve it and print how to reach it', run: 'reporting-setup sandbox' },
      {
        does: 'A tenant without Premium that learns slowly',
        run: 'reporting-setup sandbox --scenario no-premium --scenario lag --port 8443',
      },
    ],
  },
  completion: {
    summary: 'Print a script that completes commands, options and their values in a shell.',
    examples: [
      {
        does: 'bash, in ~/.bashrc',
        run: 'source <(reporting-setup completion bash)',
      },
      {
        does: 'zsh, in ~/.zshrc behind compinit',
        run: 'source <(reporting-setup completion zsh)',
      },
      {
        does: 'fish',
        run: 'reporting-setup completion fish > ~/.config/fish/completions/reporting-setup.fish',
      },
      {
        does: 'PowerShell, in $PROFILE',
        run: 'reporting-setup completion powershell | Out-String | Invoke-Expression',
      },
    ],
  },
} as const satisfies Record<string, Page>;

export type PageName = keyof typeof pages;

/** Variables that stand for the value of an option. */
const optionVariables = (Object.keys(options) as OptionName[]).flatMap((name) => {
  const { env, parse }: OptionDefinition = options[name];
  return env === undefined || parse === undefined ? [] : [[env, `as ${flagOf(name)}`] as const];
});

/** Environment variables: name and meaning. */
export const environment: readonly (readonly [name: string, meaning: string])[] = [
  ...optionVariables,
  ['REPORTING_SETUP_NO_INPUT, CI', 'as --no-input, unless empty, 0, false, no or off'],
  [
    'AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH',
    'who signs in with --auth environment',
  ],
  ['AZURE_FEDERATED_TOKEN_FILE', 'the token of --auth workload-identity'],
  ['HTTPS_PROXY, ALL_PROXY, NO_PROXY', 'the proxy, and what does not go through it'],
  ['NODE_EXTRA_CA_CERTS', 'a file of certificates to trust as well'],
  ['NO_COLOR, FORCE_COLOR, TERM', 'no colours, colours, what the terminal can do (dumb: nothing)'],
];
