import type { Reading } from '../core/errors.ts';
import { signInNumbers } from './aadsts-sign-in.ts';

const otherCloud: Reading = { code: 'wrong-cloud', cause: 'The tenant lives in another cloud' };

/** AADSTS numbers that concern the address of a request: its tenant, cloud, API or form. */
export const requestNumbers = {
  50049: {
    code: 'tenant-not-found',
    cause: 'Entra does not know this authority host',
    remedy: 'Check --authority-host (AZURE_AUTHORITY_HOST).',
  },
  50194: {
    code: 'sign-in-client',
    cause: 'The program used for sign-in serves one tenant only',
    remedy: 'Name that tenant with --tenant.',
  },
  70011: {
    code: 'wrong-cloud',
    cause: 'Entra does not know the API that the sign-in asks for',
    remedy: 'Check --cloud, or --graph-url where it is given.',
  },
  90002: { code: 'tenant-not-found', cause: 'Entra knows no such tenant in this cloud' },
  90038: otherCloud,
  500011: {
    code: 'wrong-cloud',
    cause: 'The tenant does not have the API that the sign-in asks for',
    remedy: 'Check --cloud, or --graph-url where it is given.',
  },
  650051: {
    code: 'sign-in-client',
    cause: 'The tenant holds another application in the place of the one used for sign-in',
  },
  650052: {
    code: 'sign-in-client',
    cause: 'The tenant does not subscribe to an API that the program used for sign-in needs',
  },
  650057: {
    code: 'sign-in-client',
    cause: 'The program used for sign-in is not registered for Microsoft Graph',
    remedy: 'Add Microsoft Graph to its API permissions, or use another --login-client-id.',
  },
  900382: otherCloud,
  900432: otherCloud,
  9002313: { code: 'unexpected', cause: 'Entra calls the request malformed' },
} as const satisfies Readonly<Record<number, Reading>>;

const federatedRemedy =
  'Compare issuer, subject and audience of the presented token with the federated credential of the application; a new one takes some minutes to count.';
const caseRemedy =
  'Correct upper and lower case: delete the federated credential and create it anew as the token has it.';

/** AADSTS numbers that concern the credential of an application. */
const credentialNumbers = {
  70021: {
    code: 'credential-rejected',
    cause: 'No federated credential of the application matches the presented token',
    remedy: federatedRemedy,
  },
  700016: {
    code: 'credential-rejected',
    cause: 'Entra does not know this application in this tenant: it was deleted, or the tenant is another',
  },
  700024: {
    code: 'credential-rejected',
    cause: 'The signed assertion is not valid at this time',
    remedy: "Correct this machine's clock, then run the command again.",
  },
  700027: {
    code: 'credential-rejected',
    cause: 'Entra does not know this certificate for the application, or it has expired',
  },
  700211: {
    code: 'credential-rejected',
    cause: 'No federated credential of the application has the issuer of the presented token',
    remedy: federatedRemedy,
  },
  700212: {
    code: 'credential-rejected',
    cause: 'No federated credential of the application has the audience of the presented token',
    remedy: federatedRemedy,
  },
  700213: {
    code: 'credential-rejected',
    cause: 'No federated credential of the application has the subject of the presented token',
    remedy: federatedRemedy,
  },
  7000112: {
    code: 'service-principal-disabled',
    cause: 'The application is disabled in this tenant',
  },
  7000215: { code: 'credential-rejected', cause: 'Entra does not accept this client secret' },
  7000216: { code: 'credential-rejected', cause: 'Entra expects a signed assertion, and none was sent' },
  7000218: {
    code: 'credential-rejected',
    cause: 'Entra expects a secret or a signed assertion, and none was sent',
  },
  7000222: { code: 'credential-expired', cause: 'The client secret has expired' },
  7002137: {
    code: 'credential-rejected',
    cause: 'A federated credential matches the presented token but for upper and lower case',
    remedy: caseRemedy,
  },
  7002138: {
    code: 'credential-rejected',
    cause: 'The subject of a federated credential matches the presented token but for upper and lower case',
    remedy: caseRemedy,
  },
} as const satisfies Readonly<Record<number, Reading>>;

/** What each AADSTS number means. */
export const aadstsReadings: Readonly<Record<number, Reading>> = {
  ...signInNumbers,
  ...requestNumbers,
  ...credentialNumbers,
};
