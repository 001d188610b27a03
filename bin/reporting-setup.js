#!/usr/bin/env node
import module from 'node:module';

// Where Node can (22.8 and later), what was compiled once is not compiled again.
module.enableCompileCache?.();
const { main } = await import('../dist/main.js');
const code = await main(process.argv.slice(2));
// An abandoned sign-in leaves a listener behind that would keep the process alive: it ends once everything is written.
const flushed = [process.stdout, process.stderr].map(
  (stream) => new Promise((done) => stream.write('', done)),
);
await Promise.all(flushed);
process.exit(code);
