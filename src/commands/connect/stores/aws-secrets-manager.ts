import { WizardError } from '../../../core/errors.ts';
import { fieldsIn, listOf, sameId, textOf } from '../../../core/fields.ts';
import { safeText, shellWord } from '../../../core/text.ts';
import type { Io } from '../../shared/io.ts';
import { everyCloud, type Stored, type StoreInput, type Target } from '../target.ts';
import { complaintOf, type ProgramEnd, requireProgram, runProgram, type Wish } from './store-program.ts';
import { planned, requireName, requireSamePlace, secretOf } from './stored-values.ts';

const howToGet = 'Install AWS CLI and sign in with it: `aws configure` or `aws sso login`';

const remedyFor = (complaint: string): string | undefined => {
  if (/AccessDenied/.test(complaint)) {
    return 'It takes secretsmanager:DescribeSecret, CreateSecret, TagResource, PutSecretValue and GetSecretValue on that name.';
  }
  if (/scheduled for deletion|marked for deletion|marked deleted/i.test(complaint)) {
    return 'A deleted secret holds the name: choose another one with --name, or restore it: `aws secretsmanager restore-secret --secret-id <name>`';
  }
  if (/credentials|expired|token/i.test(complaint))
    return 'Sign in with AWS CLI first: `aws sso login` or `aws configure`';
  if (/region/i.test(complaint)) return 'Name one with --region.';
  return undefined;
};

const wish: Wish = { failed: 'AWS did not take the secret', howToGet, remedy: remedyFor };

/** Names as AWS takes them (docs.aws.amazon.com, CreateSecret). A hyphen and six characters at the end look like an ARN's. */
const nameOf = ({ storeName }: StoreInput['settings'], clientId: string): string =>
  requireName(
    storeName ?? `reporting-setup/${clientId}`,
    /^(?:arn:aws[\w-]*:secretsmanager:[\w-]+:\d{12}:secret:)?[\w/+=.@-]{1,512}$/,
    'letters, digits and /_+=.@-',
  );

const regionOf = (arn: string): string | undefined =>
  /^arn:aws[\w-]*:secretsmanager:([\w-]+):\d{12}:secret:[\w/+=.@-]+$/.exec(arn)?.[1];

function optionsOf(where: string): StoreInput['settings'] | undefined {
  const region = regionOf(where);
  return region === undefined ? undefined : { storeName: where, region };
}

/** AWS CLI as a program, not as a person's: no pager, no colours, JSON. */
async function aws(
  words: readonly string[],
  region: string | undefined,
  io: Io,
  input = '',
): Promise<ProgramEnd> {
  const at = region === undefined ? [] : ['--region', region];
  const all = ['secretsmanager', ...words, ...at, '--output', 'json'];
  return runProgram({ program: 'aws', words: all, input, env: { AWS_PAGER: '' } }, howToGet, io);
}

async function requireAws(
  words: readonly string[],
  region: string | undefined,
  io: Io,
  input: string,
): Promise<ReturnType<typeof fieldsIn>> {
  const at = region === undefined ? [] : ['--region', region];
  const all = ['secretsmanager', ...words, ...at, '--output', 'json'];
  return fieldsIn(
    await requireProgram(
      { program: 'aws', words: all, input, opensInput: true, env: { AWS_PAGER: '' } },
      wish,
      io,
    ),
  );
}

const tag = 'reporting-setup:client-id';

/** The ARN of a secret that is there and this application's; undefined where there is none. Throws WizardError. */
async function findOwn(
  name: string,
  region: string | undefined,
  clientId: string,
  io: Io,
): Promise<string | undefined> {
  const ended = await aws(['describe-secret', '--secret-id', name], region, io);
  if (ended.code !== 0) {
    const complaint = complaintOf(ended, io);
    if (/ResourceNotFoundException/.test(complaint)) return undefined;
    const remedy = remedyFor(complaint);
    throw new WizardError('store-refused', `AWS does not tell whether the secret is there: ${complaint}`, {
      ...(remedy === undefined ? {} : { remedy: `The config file is as it was. ${remedy}` }),
    });
  }
  const { ARN, Tags, DeletedDate } = fieldsIn(ended.stdout);
  if (DeletedDate !== undefined) {
    throw new WizardError('store-refused', `The secret ${safeText(name)} is scheduled for deletion.`, {
      remedy: `Choose another name with --name, or restore it: \`aws secretsmanager restore-secret --secret-id ${shellWord(name)}\``,
    });
  }
  const owner = textOf(listOf(Tags).find(({ Key }) => Key === tag)?.['Value']);
  if (sameId(owner, clientId)) return textOf(ARN);
  const whose = owner === '' ? 'reporting-setup did not write' : `is of the application ${safeText(owner)}`;
  throw new WizardError('store-refused', `There is a secret ${safeText(name)} already, which ${whose}.`, {
    remedy: 'Choose another name with --name. The config file is as it was.',
  });
}

/** What was read back of a version; undefined where it may not be read. Throws WizardError where it is another value. */
async function readBack(
  arn: string,
  version: string,
  region: string | undefined,
  value: string,
  io: Io,
): Promise<string | undefined> {
  const ended = await aws(['get-secret-value', '--secret-id', arn, '--version-id', version], region, io);
  if (ended.code !== 0) return undefined;
  if (fieldsIn(ended.stdout)['SecretString'] === value) return `version ${safeText(version, 64)}`;
  throw new WizardError('store-refused', 'AWS gives another value back than it was given.');
}

async function put(input: StoreInput, io: Io): Promise<Stored> {
  const { tenantId, clientId } = input.config;
  const name = nameOf(input.settings, clientId);
  const region = input.settings.region ?? regionOf(name);
  const value = JSON.stringify({
    tenant_id: tenantId,
    client_id: clientId,
    client_secret: secretOf(input.config, io),
  });
  if (input.dryRun) return planned('tenant_id, client_id and client_secret', name, io);
  if (io.platform === 'win32') {
    throw new WizardError('store-refused', 'AWS CLI reads no secret from standard input on Windows.', {
      remedy:
        'Run it in WSL or on another machine: the secret does not go into arguments or a temporary file.',
    });
  }
  const found = await findOwn(name, region, clientId, io);
  requireSamePlace(found ?? name, input.place);
  const words =
    found === undefined
      ? [
          'create-secret',
          '--name',
          name,
          '--description',
          'Reporting API credential',
          '--tags',
          `Key=${tag},Value=${clientId}`,
        ]
      : ['put-secret-value', '--secret-id', found];
  const written = await requireAws([...words, '--secret-string', 'file:///dev/stdin'], region, io, value);
  const arn = textOf(written['ARN']);
  const where = regionOf(arn) === undefined ? name : arn;
  const confirmed = await readBack(where, textOf(written['VersionId']), region, value, io);
  const at = `--secret-id ${shellWord(where)}`;
  return {
    where,
    ...(confirmed === undefined ? {} : { confirmed }),
    steps: [
      {
        does: 'It is JSON with the keys tenant_id, client_id and client_secret, as CloudWatch pipelines take it:',
        run: `aws secretsmanager get-secret-value ${at} --query SecretString --output text | jq -r .client_id`,
      },
      { does: 'After a rotation the one before is there as AWSPREVIOUS.' },
    ],
    takeOut: {
      does: 'Take it out again; it can be restored for 7 days:',
      run: `aws secretsmanager delete-secret ${at} --recovery-window-in-days 7`,
    },
  };
}

export const target: Target = {
  name: 'aws-secrets-manager',
  group: 'store',
  title: 'AWS Secrets Manager',
  credentials: ['secret'],
  clouds: everyCloud,
  permissions: [],
  secret: 'literal',
  needs: ['AWS CLI, signed in'],
  ages: true,
  proven:
    'run: AWS CLI hands it over to a stand-in of the service, byte for byte, and reads it back; AWS itself is not there',
  store: { unattended: true, put, optionsOf },
};
