/**
 * @peculiar/x509 loads tsyringe, which stops without the metadata functions of a Reflect polyfill. No certificate
 * made here needs any metadata, so answering "none" is enough, and saves a dependency. A real polyfill stays.
 */
const none = {
  defineMetadata: (): void => undefined,
  getMetadata: (): undefined => undefined,
  getOwnMetadata: (): undefined => undefined,
};

if (!('getMetadata' in Reflect)) Object.assign(Reflect, none);
