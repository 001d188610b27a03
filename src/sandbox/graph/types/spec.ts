/** One property: a primitive, a complex type, or a collection of either. */
export type Spec = Scalar | `${Scalar}[]` | ComplexType | readonly [ComplexType];

export interface ComplexType {
  readonly name: string;
  readonly properties: Readonly<Record<string, Spec>>;
  /** Properties that no request may set. */
  readonly readOnly?: readonly string[];
}

export interface EntityType extends ComplexType {
  /** As messages call it: `Application`. */
  readonly label: string;
  /** What a reply without $select shows, when that is not everything. */
  readonly defaults?: readonly string[];
  /** Properties that $filter does not take. */
  readonly unfilterable?: readonly string[];
  /** Where only few tests are served: the properties that $filter takes, and with which operators. */
  readonly filterable?: Readonly<Record<string, readonly string[]>>;
  /** For collections of several types: any property may be asked for, each row shows those it has. */
  readonly open?: boolean;
}

/** What a property holds, without regard to how many. */
export interface Kind {
  readonly many: boolean;
  readonly of: Scalar | ComplexType;
}

const scalars = [
  'String',
  'Guid',
  'Boolean',
  'Int32',
  'Double',
  'DateTimeOffset',
  'Duration',
  'Binary',
] as const;

/** EDM primitive types, as the CSDL names them. */
export type Scalar = (typeof scalars)[number];

/** Takes a specification apart. */
export function kindOf(spec: Spec): Kind {
  if (typeof spec === 'string') {
    const name = scalars.find((scalar) => spec === scalar || spec === `${scalar}[]`);
    return { many: spec.endsWith('[]'), of: name ?? 'String' };
  }
  return 'name' in spec ? { many: false, of: spec } : { many: true, of: spec[0] };
}

/** The specification of a property, or undefined. Own properties only: `constructor` is none. */
export function specOf(type: ComplexType, property: string): Spec | undefined {
  return Object.hasOwn(type.properties, property) ? type.properties[property] : undefined;
}

/** Names with white space between them. */
export function names(text: string): string[] {
  return text.split(/\s+/).filter((name) => name !== '');
}

function isPrimitive(text: string): text is Scalar | `${Scalar}[]` {
  return scalars.some((scalar) => text === scalar || text === `${scalar}[]`);
}

/** Properties as `id, tags String[], isEnabled Boolean`; one without a type is a String. Throws RangeError for a type that EDM lacks. */
export function listed(text: string): Record<string, Spec> {
  const pairs = text.split(',').map((item) => {
    const [name = '', type = 'String'] = names(item);
    if (!isPrimitive(type)) throw new RangeError(`${name} has no EDM primitive type: ${type}`);
    return [name, type] as const;
  });
  return Object.fromEntries(pairs);
}

/** A complex type of Microsoft Graph. */
export function complex(name: string, properties: ComplexType['properties']): ComplexType {
  return { name: `microsoft.graph.${name}`, properties };
}

/** Every property of a type, without a value: null, or an empty list. */
export function blank({ properties }: ComplexType): Record<string, null | []> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, spec]) => [name, kindOf(spec).many ? [] : null]),
  );
}
