// For tests: an API over a store in memory, with time that stands still unless it is moved.
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Caller, NodeDoor } from '../../shared/operation.ts'
import { openMemoryStore, type MemoryStoreOptions } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { createTokens } from './access/tokens.ts'
import { createApi, type Api } from './api.ts'
import { loadSchemas, type Schemas } from './openapi/schemas.ts'

export const ADMIN: Caller = { user: 'admin', groups: ['system:masters'], userAgent: 'test' }

export interface Harness {
  api: Api
  store: Store
  /** Milliseconds since the epoch; timers fire when it is moved past them. */
  moveTo(ms: number): void
  now(): number
}

const START = Date.parse('2026-01-01T00:00:00Z')
const FILE = fileURLToPath(new URL('../../dist/server/openapi.json', import.meta.url))
let schemas: Schemas | undefined

/** The derived schemas, loaded once a test file. */
export function testSchemas(): Schemas {
  readFileSync(FILE)
  return (schemas ??= loadSchemas(FILE))
}

export async function startApi(
  options: { store?: MemoryStoreOptions; nodeDoor?: (name: string) => NodeDoor | undefined } = {},
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
  const api = createApi({
    store,
    clock,
    schemas: testSchemas(),
    tokens: createTokens({
      keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      now: clock.now,
    }),
    nodeDoor: options.nodeDoor ?? (() => undefined),
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
