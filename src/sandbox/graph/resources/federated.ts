import { type Json, textOf, textsOf } from '../../json.ts';
import type { Application, FederatedIdentityCredential } from '../../model.ts';
import { readBody } from '../body.ts';
import { type Call, contextOf, noContent, type Outcome } from '../context.ts';
import { asKnown, remember, requireApplication, usableFrom } from '../objects.ts';
import { entity, list } from '../odata/list.ts';
import { badRequest, conflict, type GraphRefusal, missingValue, notFound } from '../refusal.ts';
import { requireManager, requirePermission, rules } from '../rights.ts';
import type { Handler, Key, Routes } from '../router.ts';
import { federatedIdentityCredentialType as type } from '../types/roles.ts';

/** graph-docs resources/federatedidentitycredential.md. */
const mostPerApplication = 20;
const namePattern = /^[A-Za-z0-9][\w-]{2,119}$/;
const longestText = 600;

function view({ usableFrom: _usable, ...shown }: FederatedIdentityCredential): Json {
  return shown;
}

function setOf(application: Application): string {
  return `applications('${application.id}')/federatedIdentityCredentials`;
}

function find(application: Application, { by, value }: Key): FederatedIdentityCredential | undefined {
  return application.federatedIdentityCredentials.find(
    ({ id, name }) => name === value || (by === undefined && id.toLowerCase() === value.toLowerCase()),
  );
}

function requireCredential(application: Application, key: Key): FederatedIdentityCredential {
  const found = find(application, key);
  if (found === undefined) throw notFound(key.value);
  return found;
}

function invalid(message: string): GraphRefusal {
  return badRequest(message, 'InvalidFederatedIdentityCredentialValue');
}

function requireText(body: Json, property: 'issuer' | 'subject'): void {
  const text = textOf(body, property);
  if (text === undefined) throw missingValue(property, 'FederatedIdentityCredential');
  if (text === '' || text.length > longestText) throw invalid(`The value of ${property} is not valid.`);
}

function checkTexts(wanted: Json): void {
  requireText(wanted, 'issuer');
  requireText(wanted, 'subject');
  const audiences = textsOf(wanted, 'audiences');
  if (audiences.length !== 1) throw invalid('Exactly one audience is required.');
  if (audiences.includes('')) throw invalid('The value of audiences is not valid.');
  const description = textOf(wanted, 'description') ?? '';
  if (description.length > longestText) throw invalid('The value of description is not valid.');
}

function checkCredential(application: Application, wanted: Json, self?: FederatedIdentityCredential): void {
  checkTexts(wanted);
  const issuer = textOf(wanted, 'issuer') ?? '';
  const subject = textOf(wanted, 'subject') ?? '';
  const twin = application.federatedIdentityCredentials.find(
    (other) => other !== self && other.issuer === issuer && other.subject === subject,
  );
  if (twin !== undefined) {
    throw invalid(
      `The combination of issuer and subject must be unique for the application. Issuer ${issuer} and Subject: ` +
        `${subject} already exist. paramName: FederatedIdentityCredential.Subject, paramValue: ${subject}, ` +
        'objectType: Microsoft.Online.DirectoryServices.Application',
    );
  }
}

function create(call: Call, application: Application, body: Json): Outcome {
  const name = textOf(body, 'name');
  if (name === undefined) throw missingValue('name', 'FederatedIdentityCredential');
  if (!namePattern.test(name)) throw invalid('The value of name is not valid.');
  const held = application.federatedIdentityCredentials;
  if (held.some((other) => other.name === name)) {
    throw conflict(`FederatedIdentityCredential with name ${name} already exists.`);
  }
  checkCredential(application, body);
  if (held.length >= mostPerApplication) {
    throw invalid(`An application holds at most ${mostPerApplication} federated identity credentials.`);
  }
  const credential: FederatedIdentityCredential = {
    id: call.world.randomUUID(),
    name,
    issuer: textOf(body, 'issuer') ?? '',
    subject: textOf(body, 'subject') ?? '',
    description: textOf(body, 'description') ?? null,
    audiences: textsOf(body, 'audiences'),
    usableFrom: usableFrom(call),
  };
  remember(call, application);
  application.federatedIdentityCredentials = [...held, credential];
  const { world, tenant } = call;
  const location = `${world.origin}/v2/${tenant.id}/federatedIdentityCredentials/${credential.id}`;
  const context = contextOf(call, `${setOf(application)}/$entity`);
  return { status: 201, headers: { location }, body: { '@odata.context': context, ...view(credential) } };
}

function update(
  call: Call,
  application: Application,
  credential: FederatedIdentityCredential,
  body: Json,
): Outcome {
  const name = textOf(body, 'name');
  if (name !== undefined && name !== credential.name) {
    throw badRequest("Property 'name' is read-only and cannot be set.");
  }
  const wanted: Json = { ...view(credential), ...body };
  checkCredential(application, wanted, credential);
  remember(call, application);
  Object.assign(credential, {
    issuer: textOf(wanted, 'issuer'),
    subject: textOf(wanted, 'subject'),
    description: textOf(wanted, 'description') ?? null,
    audiences: textsOf(wanted, 'audiences'),
    usableFrom: usableFrom(call),
  });
  return noContent;
}

function managed(call: Call, key: Key): Application {
  const application = requireApplication(call, key);
  requireManager(call, application);
  return application;
}

const listAll: Handler = (call, key) => {
  requirePermission(call, rules.readApplications);
  const application = asKnown(call, requireApplication(call, key));
  const rows = application.federatedIdentityCredentials.map(view);
  return list(call, { type, set: setOf(application), rows });
};

const read: Handler = (call, key, name) => {
  requirePermission(call, rules.readApplications);
  const application = asKnown(call, requireApplication(call, key));
  return entity(call, type, setOf(application), view(requireCredential(application, name)));
};

const patch: Handler = (call, key, name) => {
  const body = readBody(call.request, type);
  const application = managed(call, key);
  const credential = find(application, name);
  if (credential !== undefined) return update(call, application, credential, body);
  const creates = /\bcreate-if-missing\b/i.test(call.request.headers['prefer'] ?? '');
  if (!creates || name.by !== 'name') throw notFound(name.value);
  return create(call, application, { ...body, name: name.value });
};

const remove: Handler = (call, key, name) => {
  const application = managed(call, key);
  const credential = requireCredential(application, name);
  remember(call, application);
  application.federatedIdentityCredentials = application.federatedIdentityCredentials.filter(
    (other) => other !== credential,
  );
  return noContent;
};

const post: Handler = (call, key) => {
  const body = readBody(call.request, type);
  return create(call, managed(call, key), body);
};

/** Federated identity credentials of applications. */
export const federatedRoutes: Routes = {
  'applications/{}/federatedIdentityCredentials': { GET: listAll, POST: post },
  'applications/{}/federatedIdentityCredentials/{}': { GET: read, PATCH: patch, DELETE: remove },
};
