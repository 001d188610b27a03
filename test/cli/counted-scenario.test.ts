import { describe, expect, it } from 'vitest';
import { parseScenarios } from '../../src/cli/option-parsers.ts';
import { combine, parseScenarios as parseInSandbox } from '../../src/sandbox/scenarios.ts';

describe('a scenario with a number', () => {
  it.each(['many-rows:1', 'lag, many-rows:10000', 'many-rows:999999999'])('is taken: %s', (text) => {
    expect(parseScenarios(text)).toBe(text);
    expect(combine(parseInSandbox([text])).behaviour.manyRows).toBe(Number(text.split(':')[1]));
  });

  it.each(['many-rows:', 'many-rows:0', 'many-rows:ten', 'many-rows:1000000000', 'lag:5'])(
    'is refused here as in the sandbox: %s',
    (text) => {
      expect(() => parseScenarios(text)).toThrow(RangeError);
      expect(() => parseInSandbox([text])).toThrow(RangeError);
    },
  );
});
