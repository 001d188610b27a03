import { expect, it } from 'vitest';
import type { Directory, DirectoryRequest } from '../../src/graph/directory.ts';
import { listAll } from '../../src/graph/paging.ts';

const request: DirectoryRequest = { method: 'GET', path: '/things?$top=2', purpose: 'read the things' };

function serve(pages: Readonly<Record<string, unknown>>): { directory: Directory; asked: string[] } {
  const asked: string[] = [];
  const send = async ({ path }: DirectoryRequest): Promise<unknown> => {
    asked.push(path);
    return pages[path];
  };
  return { directory: { send }, asked };
}

it('reads page after page', async () => {
  const { directory, asked } = serve({
    '/things?$top=2': {
      value: [{ id: 1 }, { id: 2 }],
      '@odata.nextLink': 'https://graph.example/v1.0/things?$top=2&$skiptoken=a',
    },
    '/things?$top=2&$skiptoken=a': { value: [{ id: 3 }] },
  });
  expect(await listAll(directory, request)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
  expect(asked).toHaveLength(2);
});

it('asks for the next page where the first one was, whatever host its address names', async () => {
  const { directory, asked } = serve({
    '/things?$top=2': { value: [], '@odata.nextLink': 'https://evil.example/v1.0/things?$skiptoken=b' },
    '/things?$skiptoken=b': { value: [{ id: 1 }] },
  });
  expect(await listAll(directory, request)).toEqual([{ id: 1 }]);
  expect(asked.every((path) => path.startsWith('/'))).toBe(true);
});

it('ends, even where the server does not', async () => {
  const { directory, asked } = serve({
    '/things?$top=2': { value: [{}], '@odata.nextLink': 'https://graph.example/v1.0/things?$top=2' },
  });
  await listAll(directory, request);
  expect(asked).toHaveLength(100);
});

it('takes a link that is no address for the end', async () => {
  const { directory } = serve({ '/things?$top=2': { value: [{}], '@odata.nextLink': '//x' } });
  expect(await listAll(directory, request)).toHaveLength(1);
});
