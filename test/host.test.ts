import { expect, it } from 'vitest';
import { stopSignalsOn } from '../src/host.ts';

it('stops on Ctrl-C, on being told to and on the end of the window; on Windows on Ctrl-Break too', () => {
  const everywhere = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  expect(stopSignalsOn('linux')).toEqual(everywhere);
  expect(stopSignalsOn('darwin')).toEqual(everywhere);
  expect(stopSignalsOn('win32')).toEqual([...everywhere, 'SIGBREAK']);
});
