import type { CompletedOption, Completion, Values } from './completion-model.ts';

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
/** Within `_arguments` brackets and colons mean something. */
const escaped = (text: string): string => text.replace(/[\\[\]:]/g, '\\$&');

function valueSpec(values: Values): string {
  if (values.kind === 'none') return '';
  if (values.kind === 'text') return ':value: ';
  if (values.kind === 'file') return ':file:_files';
  const choices = values.choices.join(' ');
  const offer = values.several ? `{_values -s , choice ${choices}}` : `(${choices})`;
  return `${values.optional ? '::' : ':'}choice:${offer}`;
}

function specs({ long, short, description, repeatable, values }: CompletedOption): string[] {
  const excludes = repeatable ? '*' : short === undefined ? '' : `(${short} ${long})`;
  const text = `[${escaped(description)}]${valueSpec(values)}`;
  const flags = short === undefined ? [long] : [short, long];
  return flags.map((flag) => {
    const assigns = flag.startsWith('--') && values.kind !== 'none' ? '=' : '';
    return quote(`${excludes}${flag}${assigns}${text}`);
  });
}

/** A completion script for zsh, to be sourced or to lie in `$fpath`. Pure. */
export function zshScript({ program, commands, options }: Completion): string {
  const described = commands.map(
    ({ name, description }) => `    ${quote(`${escaped(name)}:${description}`)}`,
  );
  const cases = commands.map((command) => {
    const own = command.takesFiles
      ? ["'*:file:_files'"]
      : command.words.length === 0
        ? []
        : [`'1:word:(${command.words.join(' ')})'`];
    const lines = [...own, ...command.options.flatMap(specs)].map((spec) => `        ${spec}`);
    return `    ${command.name})\n      _arguments -S \\\n${lines.join(' \\\n')}\n      ;;`;
  });
  return `#compdef ${program}
# zsh completion of ${program}: source <(${program} completion zsh), behind compinit

_reporting_setup() {
  local command=${commands[0]?.name}
  local -a commands=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe command commands
    return
  fi
  if (( CURRENT == 2 )); then
    local -a general=(${options.map(({ long, description }) => quote(`${long}:${description}`)).join(' ')})
    _describe option general
  fi
  case $words[2] in
    ${commands.map(({ name }) => name).join('|')})
      command=$words[2]
      shift words
      (( CURRENT-- ))
      ;;
  esac
  case $command in
${cases.join('\n')}
  esac
}

if [[ $funcstack[1] == _reporting_setup ]]; then
  _reporting_setup "$@"
else
  compdef _reporting_setup ${program}
fi
`;
}
