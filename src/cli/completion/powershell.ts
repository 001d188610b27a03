import { type Completion, perCommand } from './completion-model.ts';

const code = (character: string): string => `$([char]${character.charCodeAt(0)})`;

/**
 * Windows PowerShell takes what a program prints for the code page of the console, in which a character beyond ASCII may
 * become a quote: such ones are written by their number.
 */
const quote = (text: string): string =>
  /[^ -~]/.test(text)
    ? `"${text.replace(/[`"$]/g, '`$&').replace(/[^ -~]/g, code)}"`
    : `'${text.replaceAll("'", "''")}'`;
const array = (texts: readonly string[]): string => `@(${texts.map(quote).join(', ')})`;

/** A completion script for PowerShell 5.1 and later. Pure. */
export function powershellScript(completion: Completion): string {
  const { program, commands, options } = completion;
  const offers = commands.map(({ name, words, options: own }) => {
    const lines = [
      ...words.map((word) => [word, word] as const),
      ...own.map(({ long, description }) => [long, description] as const),
    ].map(([text, tip]) => `      ${quote(text)} = ${quote(tip)}`);
    return `    ${quote(name)} = [ordered]@{\n${lines.join('\n')}\n    }`;
  });
  const values = perCommand(completion, ({ name }, { long, values: taken }) => {
    if (taken.kind === 'none') return [];
    const offered = taken.kind === 'choice' ? array(taken.choices) : taken.kind === 'text' ? '@()' : '$null';
    return [`    ${quote(`${name} ${long}`)} = ${offered}`];
  }).flat();
  const filed = commands.filter(({ takesFiles }) => takesFiles).map(({ name }) => name);
  const first = [...commands, ...options.map(({ long, description }) => ({ name: long, description }))];
  return `# PowerShell completion of ${program}: ${program} completion powershell | Out-String | Invoke-Expression

Register-ArgumentCompleter -Native -CommandName ${array([program, `${program}.cmd`, `${program}.ps1`])} -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $first = [ordered]@{
${first.map(({ name, description }) => `    ${quote(name)} = ${quote(description)}`).join('\n')}
  }
  $offers = @{
${offers.join('\n')}
  }
  # Nothing to offer is an empty list; $null lets PowerShell offer files.
  $values = @{
${values.join('\n')}
  }
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
    Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
  $command = ${quote(commands[0]?.name ?? '')}
  if ($words.Count -gt 0 -and $offers.ContainsKey($words[0])) { $command = $words[0] }
  $behind = if ($words.Count -gt 0) { "$command $($words[-1])" } else { '' }
  $found = [ordered]@{}
  if ($values.ContainsKey($behind)) {
    if ($null -eq $values[$behind]) { return }
    foreach ($value in $values[$behind]) { $found[$value] = $value }
  } elseif ($words.Count -gt 0 -and ${array(filed)} -contains $command -and -not $wordToComplete.StartsWith('-')) {
    return
  } else {
    if ($words.Count -eq 0) { foreach ($name in $first.Keys) { $found[$name] = $first[$name] } }
    if ($words.Count -gt 0 -or $wordToComplete.StartsWith('-')) {
      foreach ($name in $offers[$command].Keys) { $found[$name] = $offers[$command][$name] }
    }
  }
  $found.Keys | Where-Object { $_.StartsWith($wordToComplete) } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $found[$_])
  }
}
`;
}
