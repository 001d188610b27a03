import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';

const text = 'plainly-fake-secret';
const secret = Secret.of(text);

describe('a secret', () => {
  it('comes out by reveal() alone', () => {
    expect(secret.reveal()).toBe(text);
  });

  it.each<[string, (value: Secret) => string]>([
    ['String', String],
    ['a template', (value) => `${value}`],
    ['concatenation', (value) => `x${String(value)}`],
    ['JSON', (value) => JSON.stringify({ value, list: [value] })],
    ['inspect', (value) => inspect({ value }, { depth: 9, showHidden: true, getters: true })],
    ['format', (value) => format('%s %o %O %j', value, value, value, value)],
    ['an error message', (value) => inspect(new Error(`bad: ${value}`, { cause: value }))],
    [
      'its own keys',
      (value) => JSON.stringify([Object.entries(value), Reflect.ownKeys(value), { ...value }]),
    ],
  ])('stays hidden in %s', (_where, show) => {
    expect(show(secret)).not.toContain(text);
  });

  it('says what it is', () => {
    expect([String(secret), JSON.stringify(secret), inspect(secret)]).toEqual([
      '[secret]',
      '"[secret]"',
      '[secret]',
    ]);
  });

  it('is not carried over by a structured clone', () => {
    expect(inspect(structuredClone(secret), { showHidden: true })).not.toContain(text);
  });
});
