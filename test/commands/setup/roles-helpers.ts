import type { Document, World } from '../../helpers/world.ts';

export const look = async (world: World): Promise<Document> =>
  (await world.run(['--sandbox', '--dry-run', '--json'])).json();
