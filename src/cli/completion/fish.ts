import {
  type CompletedCommand,
  type CompletedOption,
  type Completion,
  perCommand,
} from './completion-model.ts';

const quote = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

function optionLines(
  program: string,
  command: CompletedCommand,
  { long, short, description, values }: CompletedOption,
): string[] {
  const within = `test (__reporting_setup_command) = ${command.name}`;
  const flags = `-l ${long.replace(/^--/, '')}${short === undefined ? '' : ` -s ${short.replace(/^-/, '')}`}`;
  const line = (takes: string): string =>
    `complete -c ${program} -n ${quote(within)} ${flags}${takes} -d ${quote(description)}`;
  if (values.kind === 'none') return [line('')];
  if (values.kind === 'text') return [line(' -x')];
  if (values.kind === 'file') return [line(' -r -F')];
  const choices = quote(values.choices.join(' '));
  if (!values.optional) return [line(` -x -a ${choices}`)];
  const behind = `${within}; and test (commandline -opc)[-1] = ${long}`;
  return [line(` -f -a ${choices}`), `complete -c ${program} -n ${quote(behind)} -f -a ${choices}`];
}

/** A completion script for fish. Pure. */
export function fishScript(completion: Completion): string {
  const { program, commands, options } = completion;
  const names = commands.map(({ name }) => name).join(' ');
  const first = quote('test (count (commandline -opc)) -eq 1');
  const wordLines = commands
    .filter(({ words }) => words.length > 0)
    .map(({ name, words }) => {
      const within = quote(`test (__reporting_setup_command) = ${name}`);
      return `complete -c ${program} -n ${within} -a ${quote(words.join(' '))}`;
    });
  const fileLines = commands
    .filter(({ takesFiles }) => takesFiles)
    .map(({ name }) => `complete -c ${program} -n ${quote(`test (__reporting_setup_command) = ${name}`)} -F`);
  return `# fish completion of ${program}: ${program} completion fish > ~/.config/fish/completions/${program}.fish

function __reporting_setup_command
    set -l tokens (commandline -opc)
    if set -q tokens[2]; and contains -- $tokens[2] ${names}
        echo $tokens[2]
    else
        echo ${commands[0]?.name}
    end
end

complete -c ${program} -f
${[
  ...commands.map(
    ({ name, description }) => `complete -c ${program} -n ${first} -a ${name} -d ${quote(description)}`,
  ),
  ...options.map(
    ({ long, description }) =>
      `complete -c ${program} -n ${first} -l ${long.replace(/^--/, '')} -d ${quote(description)}`,
  ),
  ...wordLines,
  ...fileLines,
  ...perCommand(completion, (command, option) => optionLines(program, command, option)).flat(),
].join('\n')}
`;
}
