import { expect, it } from 'vitest';
import { describeOthers } from '../../../src/commands/setup/other-secrets.ts';

const keyIds = (count: number): string[] => Array.from({ length: count }, (_, index) => `key-${index + 1}`);

it('names each of a few secrets, and of many the first ones with how many more there are', () => {
  const until = '2028-11-28';
  expect(describeOthers({ unheld: keyIds(5), held: [], until })).toBe(
    '5 other secrets stay valid until 2028-11-28: nobody on this machine is known to hold them (key IDs key-1, key-2, key-3, key-4 and key-5)',
  );
  expect(describeOthers({ unheld: keyIds(45), held: [], until })).toBe(
    '45 other secrets stay valid until 2028-11-28: nobody on this machine is known to hold them (key IDs key-1, key-2, key-3 and 42 more)',
  );
});
