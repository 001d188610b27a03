import { isGuid, readBody, textsOf } from '../body.ts';
import { contextOf } from '../context.ts';
import { entity } from '../odata/select.ts';
import { badRequest, notFound } from '../refusal.ts';
import { requirePermission, rules } from '../rights.ts';
import type { Handler, Routes } from '../router.ts';
import { directoryObjectType } from '../types/directory.ts';
import type { ComplexType } from '../types/spec.ts';
import { directoryObjects } from '../views.ts';

const getByIdsParameters: ComplexType = {
  name: 'microsoft.graph.getByIds',
  properties: { ids: 'String[]', types: 'String[]' },
};

/** graph-docs directoryobject-getbyids.md. */
const mostIds = 1000;

const read: Handler = (call, { value }) => {
  requirePermission(call, rules.readDirectory);
  if (!isGuid(value)) throw badRequest(`Invalid object identifier '${value}'.`);
  const [row] = directoryObjects(call.tenant, [value]);
  if (row === undefined) throw notFound(value);
  return entity(call, directoryObjectType, 'directoryObjects', row);
};

const getByIds: Handler = (call) => {
  const body = readBody(call.request, getByIdsParameters);
  requirePermission(call, rules.readDirectory);
  const ids = textsOf(body, 'ids');
  const malformed = ids.find((id) => !isGuid(id));
  if (malformed !== undefined) throw badRequest(`Invalid GUID:${malformed}`);
  if (ids.length > mostIds) throw badRequest(`Too many ids; the limit is ${mostIds}.`);
  const types = textsOf(body, 'types').map((name) => `#microsoft.graph.${name}`.toLowerCase());
  const value = directoryObjects(call.tenant, ids).filter(
    (row) => types.length === 0 || types.includes(String(row['@odata.type']).toLowerCase()),
  );
  return { status: 200, body: { '@odata.context': contextOf(call, 'directoryObjects'), value } };
};

/** Objects of any type by their id. */
export const directoryObjectRoutes: Routes = {
  'directoryObjects/{}': { GET: read },
  'directoryObjects/getByIds': { POST: getByIds },
  'directoryObjects/microsoft.graph.getByIds': { POST: getByIds },
};
