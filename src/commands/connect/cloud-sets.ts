import type { CloudName } from '../../entra/clouds.ts';

/** Whoever takes any address. */
export const everyCloud: readonly CloudName[] = ['global', 'usgov', 'usgov-dod', 'china', 'custom'];

/** Whoever has Microsoft's worldwide addresses built in. */
export const globalAlone: readonly CloudName[] = ['global'];
