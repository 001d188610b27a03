import { type CompletedCommand, type Completion, perCommand, type Values } from './completion-model.ts';

/** What is done where the word behind an option is completed. */
function action(values: Values): string | undefined {
  if (values.kind === 'none') return undefined;
  if (values.kind === 'text') return 'return';
  if (values.kind === 'file') return '_reporting_setup_files "$current"; return';
  const offer = `_reporting_setup_offer "$current" '${values.choices.join(' ')}'${values.several ? ' ,' : ''}`;
  return values.optional ? `if [[ $current != -* ]]; then ${offer}; return; fi` : `${offer}; return`;
}

const words = ({ options, words: own }: CompletedCommand): string =>
  [...own, ...options.flatMap(({ long, short }) => (short === undefined ? [long] : [short, long]))].join(' ');

/** What is done where the word is none of an option. */
const own = (command: CompletedCommand): string => {
  const offer = `_reporting_setup_offer "$current" '${words(command)}'`;
  return command.takesFiles
    ? `if [[ $current != -* ]]; then _reporting_setup_files "$current"; else ${offer}; fi`
    : offer;
};

/** A completion script for bash 3.2 and later. Pure. */
export function bashScript(completion: Completion): string {
  const { program, commands, options } = completion;
  const names = commands.map(({ name }) => name);
  const actions = new Map<string, string[]>();
  for (const [at, does] of perCommand(
    completion,
    (command, { long, values }) => [`'${command.name} ${long}'`, action(values)] as const,
  )) {
    if (does !== undefined) actions.set(does, [...(actions.get(does) ?? []), at]);
  }
  return `# bash completion of ${program}: source <(${program} completion bash)

# Offers the words of $2 that begin with $1, behind its last $3.
_reporting_setup_offer() {
  local kept='' word
  if [[ -n \${3-} && $1 == *"$3"* ]]; then kept="\${1%"$3"*}$3"; fi
  while IFS= read -r word; do COMPREPLY+=("$kept$word"); done < <(compgen -W "$2" -- "\${1#"$kept"}")
}

_reporting_setup_files() {
  local word
  compopt -o filenames 2>/dev/null
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$1")
}

_reporting_setup() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command=${names[0]}
  COMPREPLY=()
  # An equals sign is a word of its own here.
  if [[ $current == = ]]; then
    current=''
  elif [[ $previous == = && COMP_CWORD -gt 1 ]]; then
    previous="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  if [[ COMP_CWORD -gt 1 ]]; then
    case "\${COMP_WORDS[1]}" in ${names.join('|')}) command="\${COMP_WORDS[1]}" ;; esac
  fi
  case "$command $previous" in
${[...actions].map(([does, at]) => `    ${at.join('|')}) ${does} ;;`).join('\n')}
  esac
  if [[ COMP_CWORD -eq 1 ]]; then
    _reporting_setup_offer "$current" '${[...names, ...options.map(({ long }) => long)].join(' ')}'
    if [[ $current != -* ]]; then return; fi
  fi
  case "$command" in
${commands.map((command) => `    ${command.name}) ${own(command)} ;;`).join('\n')}
  esac
}

complete -F _reporting_setup ${program}
`;
}
