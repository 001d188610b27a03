import type { ComplexType } from './spec.ts';

export const passwordCredential: ComplexType = {
  name: 'microsoft.graph.passwordCredential',
  properties: {
    customKeyIdentifier: 'Binary',
    displayName: 'String',
    endDateTime: 'DateTimeOffset',
    hint: 'String',
    keyId: 'Guid',
    secretText: 'String',
    startDateTime: 'DateTimeOffset',
  },
  readOnly: ['secretText'],
};

export const keyCredential: ComplexType = {
  name: 'microsoft.graph.keyCredential',
  properties: {
    customKeyIdentifier: 'Binary',
    displayName: 'String',
    endDateTime: 'DateTimeOffset',
    key: 'Binary',
    keyId: 'Guid',
    startDateTime: 'DateTimeOffset',
    type: 'String',
    usage: 'String',
  },
};
