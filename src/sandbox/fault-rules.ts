import {
  type Delivery,
  deliverFault,
  type FaultContext,
  type FaultControl,
  type FaultRule,
  type FaultTarget,
  type Kind,
} from './faults.ts';

/** The rules in force, and the question that each request puts to them. */
export interface FaultRules {
  readonly control: FaultControl;
  /** What the client gets instead, or undefined where the request goes its way. */
  readonly meet: (when: FaultRule['when'], target: FaultTarget) => Delivery | undefined;
}

interface Counted {
  readonly rule: FaultRule;
  readonly seen: Record<Kind, number>;
}

function counted(rule: FaultRule): Counted {
  return { rule, seen: { entra: 0, graph: 0 } };
}

function applies({ rule, seen }: Counted, target: FaultTarget): boolean {
  seen[target.kind] += 1;
  return rule.matches(target, seen[target.kind]);
}

/** Starts with a scenario's own rules, which no one can remove. */
export function createFaultRules(permanent: readonly FaultRule[], context: FaultContext): FaultRules {
  const standing = permanent.map(counted);
  let added: Counted[] = [];
  return {
    control: {
      add: (rule) => {
        added = [...added, counted(rule)];
      },
      clear: () => {
        added = [];
      },
    },
    meet: (when, target) => {
      // Every rule counts every request, also one that another rule spoils.
      const matching = [...added, ...standing]
        .filter(({ rule }) => rule.when === when)
        .filter((held) => applies(held, target));
      const fault = matching[0]?.rule.fault;
      return fault === undefined ? undefined : deliverFault(fault, context, target);
    },
  };
}
