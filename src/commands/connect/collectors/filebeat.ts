import type { Target } from '../target.ts';

export const target: Target = {
  name: 'filebeat',
  group: 'collector',
  title: 'Elastic Filebeat, input httpjson',
  credentials: ['secret'],
  clouds: ['global', 'usgov', 'usgov-dod', 'china', 'custom'],
  permissions: [],
  secret: 'reference',
  needs: [],
  ages: true,
  proven: 'parsed',
  make: () => ({ files: [], steps: [] }),
};
