/** EDM primitive types, as the CSDL names them. */
export type Scalar = 'String' | 'Guid' | 'Boolean' | 'Int32' | 'Double' | 'DateTimeOffset' | 'Binary';

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

const scalars: readonly Scalar[] = [
  'String',
  'Guid',
  'Boolean',
  'Int32',
  'Double',
  'DateTimeOffset',
  'Binary',
];

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
