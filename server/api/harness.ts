// For tests: an API over a store in memory, with time that stands still unless it is moved, and HTTPS in front of it.
import { generateKeyPairSync } from 'node:crypto'
import type http from 'node:http'
import https from 'node:https'
import { fileURLToPath } from 'node:url'
import type { Caller, NodeDoor } from '../../shared/operation.ts'
import type { MeasuredUse } from '../../shared/usage.ts'
import { openMemoryStore, type MemoryStoreOptions } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { createAuthenticator } from './access/authenticate.ts'
import { loadOrCreateAuthority, type Authority } from './access/authority.ts'
import { createTokens } from './access/tokens.ts'
import { createApi, type Api } from './api.ts'
import { serveApi } from './http.ts'
import { loadSchemas, type Schemas } from './openapi/schemas.ts'

export const ADMIN: Caller = { user: 'admin', groups: ['system:masters'], userAgent: 'test' }

export interface Harness {
  api: Api
  store: Store
  /** Milliseconds since the epoch; timers fire when it is moved past them. */
  moveTo: (ms: number) => void
  now: () => number
}

const START = Date.parse('2026-01-01T00:00:00Z')
const FILE = fileURLToPath(new URL('../../dist/server/openapi.json', import.meta.url))
let schemas: Schemas | undefined

/** The derived schemas, loaded once a test file. */
export function testSchemas(): Schemas {
  return (schemas ??= loadSchemas(FILE))
}

export async function startApi(
  options: {
    store?: MemoryStoreOptions
    nodeDoor?: (name: string) => NodeDoor | undefined
    use?: MeasuredUse
  } = {},
): Promise<Harness> {
  const store = openMemoryStore(options.store)
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  let time = START
  let timers: { at: number; run: () => void }[] = []
  const clock = {
    now: () => time,
    after(ms: number, run: () => void) {
      const timer = { at: time + ms, run }
      timers.push(timer)
      return { cancel: () => (timers = timers.filter((other) => other !== timer)) }
    },
  }
  const tokens = createTokens({
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    now: clock.now,
  })
  const api = createApi({
    serviceCidr: '127.96.0.0/16',
    store,
    clock,
    schemas: testSchemas(),
    tokens,
    authenticate: createAuthenticator({
      adminToken: 'the administrator of the harness',
      tokens,
      store,
      now: clock.now,
    }),
    nodeDoor: options.nodeDoor ?? (() => undefined),
    use: options.use ?? { pods: () => [], nodes: () => [], rates: () => [] },
  })
  await api.bootstrap({ apiHost: '127.0.0.1', apiPort: 6443, serviceIp: '127.96.0.1' })
  const moveTo = (ms: number): void => {
    time = ms
    const due = timers.filter((timer) => timer.at <= ms)
    timers = timers.filter((timer) => timer.at > ms)
    for (const timer of due) timer.run()
  }
  return { api, store, moveTo, now: clock.now }
}

export interface Ask {
  method?: string
  body?: unknown
  /** The media type of the body; JSON unless said otherwise. */
  type?: string
  accept?: string
  /** The administrator's unless said otherwise. */
  token?: string | undefined
  headers?: Record<string, string>
}

export interface Answer {
  code: number | undefined
  headers: http.IncomingHttpHeaders
  text: string
  json: Record<string, unknown> | undefined
}

export interface Served {
  port: number
  authority: Authority
  /** What the server reported as failures of its own. */
  failures: unknown[]
  /** Sends and answers the head; the body is read by whoever wants it. */
  open: (path: string, ask?: Ask) => Promise<http.IncomingMessage>
  ask: (path: string, ask?: Ask) => Promise<Answer>
  close: () => Promise<void>
}

/** The API on a port of its own, and a client that knows its certificate and token. */
export async function serveHarness({ api, store, now }: Harness): Promise<Served> {
  const failures: unknown[] = []
  const authority = await loadOrCreateAuthority(undefined, {
    now: Date.now,
    addresses: ['127.0.0.1'],
  })
  const { adminToken, server } = authority
  const running = await serveApi(api, {
    host: '127.0.0.1',
    port: 0,
    tls: { cert: server.certPem, key: server.keyPem, ca: authority.caPem },
    authenticate: createAuthenticator({ adminToken, tokens: api.core.tokens, store, now }),
    version: { major: '1', minor: '36', gitVersion: 'v1.36.0+podium' },
    onError: (error) => failures.push(error),
  })
  const { port } = running
  const open = (path: string, ask: Ask = {}) => send({ port, authority }, path, ask)
  const ask = async (path: string, options: Ask = {}) => read(await open(path, options))
  return { port, authority, failures, open, ask, close: () => running.close() }
}

function send(
  { port, authority }: Pick<Served, 'port' | 'authority'>,
  path: string,
  ask: Ask,
): Promise<http.IncomingMessage> {
  const { method = 'GET', body, type = 'application/json', accept } = ask
  const token = 'token' in ask ? ask.token : authority.adminToken
  const raw = body === undefined || typeof body === 'string' || Buffer.isBuffer(body)
  const payload = raw ? body : JSON.stringify(body)
  const headers = {
    ...(token && { authorization: `Bearer ${token}` }),
    ...(payload !== undefined && { 'content-type': type }),
    // Said for every method: node's client leaves it out of a DELETE, whose body would then be read as a request.
    ...(payload !== undefined && { 'content-length': Buffer.byteLength(payload) }),
    ...(accept && { accept }),
    ...ask.headers,
  }
  const target = { host: '127.0.0.1', port, servername: 'localhost', ca: authority.caPem }
  return new Promise((resolve, reject) => {
    const request = https.request({ ...target, path, method, headers }, resolve)
    request.on('error', reject)
    request.end(payload)
  })
}

async function read(response: http.IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  const json = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : undefined
  return { code: response.statusCode, headers: response.headers, text, json }
}
