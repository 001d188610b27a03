import type { Json } from '../../json.ts';
import { activities } from '../../seed/logs.ts';
import { mixedGuid } from './generated-ids.ts';
import { type Era, remembered } from './generated-sign-ins.ts';
import type { RowSource } from './row-source.ts';
import { chooseClient, personOf } from './sign-in-choices.ts';
import { mix } from './timeline.ts';

const salt = 500;
const people = 500;

function initiator(number: number): Json {
  const random = mix(number, salt + 1);
  if (random % 4 === 0) {
    const { appId, name, principalId } = chooseClient(mix(number, salt + 2));
    const app = { appId, displayName: name, servicePrincipalId: principalId, servicePrincipalName: null };
    return { app, user: null };
  }
  const person = random % 20;
  return {
    app: null,
    user: {
      id: mixedGuid(person, 50),
      displayName: null,
      userPrincipalName: personOf(person).userPrincipalName,
      ipAddress: `198.51.100.${(random % 200) + 1}`,
      userType: null,
      homeTenantId: null,
      homeTenantName: null,
    },
  };
}

function target(number: number, kind: string): Json {
  const person = mix(number, salt + 3) % people;
  const isUser = kind === 'User';
  return {
    id: isUser ? mixedGuid(person, 50) : mixedGuid(person, salt + 4),
    displayName: isUser ? null : `${kind} ${person}`,
    type: kind,
    userPrincipalName: isUser ? personOf(person).userPrincipalName : null,
    groupType: kind === 'Group' ? 'azureAD' : null,
  };
}

const agent = [{ key: 'User-Agent', value: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)' }];

function generateAudit(number: number, at: number): Json {
  const [activity, category, operationType, kind, property, newValue] =
    activities[mix(number, salt) % activities.length] ?? activities[0];
  const failed = mix(number, salt + 5) % 23 === 11;
  return {
    id: `Directory_${mixedGuid(number, salt + 10)}_${mixedGuid(number, salt + 20)
      .slice(0, 5)
      .toUpperCase()}_${number}`,
    category,
    correlationId: mixedGuid(number, salt + 30),
    result: failed ? 'failure' : 'success',
    resultReason: failed ? 'Insufficient privileges to complete the operation.' : '',
    activityDisplayName: activity,
    activityDateTime: new Date(at).toISOString().replace(/Z$/, '4321Z'),
    loggedByService: 'Core Directory',
    operationType,
    initiatedBy: initiator(number),
    targetResources: [
      {
        ...target(number, kind),
        modifiedProperties: [{ displayName: property, oldValue: '[]', newValue }],
      },
    ],
    additionalDetails: agent,
  };
}

/** Changes to the directory, none of which is kept anywhere. */
export function generatedAudits({ timeline, last, count }: Era): RowSource {
  const timeAt = remembered((index) => timeline.timeOf(last - index));
  return {
    length: count,
    timeAt,
    at: (index) => generateAudit(last - index, timeAt(index)),
    sorted: true,
    indexOf: (id) => {
      const number = Number(id.split('_')[3]);
      const isOne = number > last - count && number <= last;
      if (!isOne || String(generateAudit(number, 0)['id']).toLowerCase() !== id) return undefined;
      return last - number;
    },
  };
}
