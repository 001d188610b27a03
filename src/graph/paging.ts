import { type Fields, fieldsOf, textOf, valuesOf } from '../core/fields.ts';
import type { Directory, DirectoryRequest } from './directory.ts';

/** More pages than any list of ours has: an end for a server that has none. */
const mostPages = 100;

/** The next page relative to Graph's versioned root, wherever its address claims to be; undefined where there is none. */
function nextPath(body: unknown): string | undefined {
  const link = textOf(fieldsOf(body)['@odata.nextLink']);
  if (!URL.canParse(link)) return undefined;
  const { pathname, search } = new URL(link);
  return pathname.replace(/^\/(v1\.0|beta)(?=\/)/, '') + search;
}

/**
 * All items of a collection, page by page (graph-docs paging.md). Only path and query of a next link count: it is asked
 * for where the first page was, so that no token goes to another host. Rejects with DirectoryError.
 */
export async function listAll(directory: Directory, request: DirectoryRequest): Promise<Fields[]> {
  const items: Fields[] = [];
  let path: string | undefined = request.path;
  for (let page = 1; path !== undefined && page <= mostPages; page += 1) {
    const body: unknown = await directory.send({ ...request, path });
    items.push(...valuesOf(body));
    path = nextPath(body);
  }
  return items;
}
