#!/usr/bin/env node
import module from 'node:module';

// Where Node can (22.8 and later), what was compiled once is not compiled again.
module.enableCompileCache?.();
// Nobody listens any more (`| head`, a closed terminal): no reason to drop work half done.
let lost;
process.stderr.on('error', () => undefined);
process.stdout.on('error', (error) => {
  lost ??= error.code === 'EPIPE' || error.code === 'EIO' ? undefined : error;
});
const { main } = await import('../dist/main.js');
const code = await main(process.argv.slice(2));
// An abandoned sign-in leaves a listener behind that would keep the process alive: it ends once everything is written.
const flushed = [process.stdout, process.stderr].map(
  (stream) => new Promise((done) => stream.write('', done)),
);
await Promise.all(flushed);
if (lost !== undefined) process.stderr.write(`The result could not be written to stdout (${lost.code}).\n`);
process.exit(code === 0 && lost !== undefined ? 1 : code);
