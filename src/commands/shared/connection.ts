import type { ReportingConfig } from '../../config/config.ts';
import type { ApplicationIdentity } from '../../entra/azure-credentials.ts';
import type { Cloud } from '../../entra/clouds.ts';
import type { SignInContext } from '../../entra/identity-pipeline.ts';
import { type Session, signInApplication } from '../../entra/sign-in.ts';
import type { AppSession, Directory } from '../../graph/directory.ts';
import { createDirectory, createPace, type Pace } from '../../graph/directory.ts';
import type { Wait } from '../../http/retry.ts';
import { createTransport, type Transport } from '../../http/transport.ts';
import type { Io } from './io.ts';

/** Told when something has to wait. */
export type OnWait = (purpose: string, wait: Wait) => void;

/** A cloud, reached. */
export interface Connection extends SignInContext {
  /** Shared by all sessions of a run. */
  readonly pace: Pace;
  close(): Promise<void>;
}

/** No sign-in needs Microsoft's client: it is loaded while the first reply is awaited. */
const loadGraphClient = () => import('../../graph/graph-client.ts');

/** How long something takes is measured by a clock that no reply sets meanwhile. */
const byThisMachine = (io: Io): Io => ({ ...io, now: io.clock.local });

/** Opens the way to a cloud; nothing is sent yet. `meanwhile` is called once, when the first request is on its way. */
export function connect(cloud: Cloud, io: Io, meanwhile?: () => void): Connection {
  const getReady = once(async () => {
    meanwhile?.();
    // The first use of Response loads Node's fetch, some 20 ms: now nobody waits for it.
    Response.error();
    await loadGraphClient();
  });
  const timed = byThisMachine(io);
  const transport = createTransport(cloud, { ...timed, meanwhile: () => void getReady() });
  return { ...timed, cloud, transport, pace: createPace(timed), close: () => transport.close() };
}

/** Connections to many tenants, with what they have in common opened once. */
export interface ConnectionPool {
  readonly reach: (
    config: Pick<ReportingConfig, 'tenantId' | 'clientId'>,
    cloud: Cloud,
    io: Io,
  ) => Connection;
  close(): Promise<void>;
}

/** One set of connections for all who trust the same, and one pace for each application in its tenant. */
export function openConnectionPool(shared: Io): ConnectionPool {
  const io = byThisMachine(shared);
  const transports = new Map<string, Transport>();
  const paces = new Map<string, Pace>();
  return {
    reach(config, cloud, own) {
      const transport = transports.get(cloud.ca ?? '') ?? createTransport(cloud, io);
      transports.set(cloud.ca ?? '', transport);
      const application = `${cloud.graphUrl} ${config.tenantId} ${config.clientId}`.toLowerCase();
      const pace = paces.get(application) ?? createPace(io);
      paces.set(application, pace);
      return { ...byThisMachine(own), cloud, transport, pace, close: async () => undefined };
    },
    close: async () => {
      await Promise.all([...transports.values()].map((transport) => transport.close()));
    },
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Microsoft Graph as whoever is signed in. */
export function openDirectory(connection: Connection, session: Session, io: Io, onWait: OnWait): Directory {
  const { cloud, transport } = connection;
  const client = once(async () => {
    const { createGraphClient } = await loadGraphClient();
    return createGraphClient(cloud, transport, () => session.token(io.signal), io.randomUUID, io.writeLog);
  });
  const { sleep, random } = io;
  return createDirectory({
    call: async (request) => (await client())(request),
    renew: session.renew,
    pace: connection.pace,
    writesAlone: io.writeLog !== undefined,
    proxy: transport.via(cloud.graphUrl),
    now: io.clock.local,
    sleep,
    random,
    onWait,
  });
}

/** Signs the reporting application in, with a credential object made for this call. Throws WizardError. */
export async function openApplication(
  connection: Connection,
  identity: ApplicationIdentity,
  io: Io,
  onWait: OnWait,
): Promise<AppSession> {
  const session = await signInApplication(connection, identity, io.reveal);
  return { roles: session.claims.roles, directory: openDirectory(connection, session, io, onWait) };
}
