import Builder from 'fast-xml-builder';

const builder = new Builder({ format: true, indentBy: '  ', suppressEmptyNode: false });

/** An XML fragment: elements named after the fields, a list as repeated elements. Ends with a line break. */
export const xmlText = (value: Readonly<Record<string, unknown>>): string => builder.build(value);
