// The browser's half of the feed, against a small stage of its own on a real socket.
import { createServer } from 'node:http'
import type { Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Server } from 'socket.io'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type {
  ClientToServerEvents,
  FeedReset,
  LoadUpdate,
  LoadView,
  PodView,
  ServerToClientEvents,
  StageInfo,
} from '../../shared/stage.ts'
import { postAction } from './actions.ts'
import { connectLive } from './connection.ts'
import { namedLoad } from './load.ts'
import { createStores, HISTORY_SECONDS, withMeasurement } from './stores.ts'
import type { LiveStores } from './stores.ts'

const info: StageInfo = {
  protocol: 1,
  version: '0.0.0',
  cluster: 'podium',
  server: 'Podium web',
  machine: 'test',
  versions: ['v1', 'v2'],
  limits: { loadbots: 4, replicas: 8 },
}
const pod = (name: string, more: Partial<PodView> = {}): PodView => ({
  kind: 'pod',
  key: `default/${name}`,
  uid: name,
  name,
  role: 'server',
  node: 'node-1',
  slot: 0,
  index: 0,
  version: 'v1',
  state: 'ready',
  progress: 1,
  restarts: 0,
  ip: null,
  reason: null,
  since: 0,
  stopsBy: null,
  ...more,
})
const update = (at: number, more: Partial<LoadUpdate> = {}): LoadUpdate => ({
  at,
  since: 0,
  rate: 300,
  target: null,
  answered: 1,
  failed: 0,
  failedByCause: { refused: 0, reset: 0, timeout: 0, badStatus: 0, shortBody: 0, wrongBody: 0 },
  retried: 0,
  inFlight: 0,
  p50Ms: null,
  p99Ms: null,
  byVersion: { v1: 300 },
  byPod: [],
  live: true,
  ...more,
})

let http: HttpServer
let sockets: Server<ClientToServerEvents, ServerToClientEvents>
let url: string
/** What browsers asked to resume from. */
let asked: unknown[]
let answerTo: (from: unknown) => FeedReset | undefined
let refuses: boolean

const reset = (position: number, ...views: PodView[]): FeedReset => ({
  run: 'run-1',
  position,
  at: Date.now(),
  views,
})

async function openStage(port = 0): Promise<void> {
  http = createServer((_, response) => response.writeHead(refuses ? 401 : 200).end('{}'))
  sockets = new Server(http, { allowRequest: (_, answer) => answer(null, !refuses) })
  sockets.on('connection', (socket) => {
    socket.emit('info', info)
    socket.on('subscribe', (from) => {
      asked.push(from)
      const answer = answerTo(from)
      if (answer) socket.emit('reset', answer)
    })
  })
  await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
}

let stores: LiveStores
let live: ReturnType<typeof connectLive> | undefined

beforeEach(async () => {
  asked = []
  refuses = false
  answerTo = () => reset(10, pod('a'))
  stores = createStores()
  await openStage()
})
afterEach(async () => {
  live?.close()
  await sockets.close()
})

async function eventually(what: string, read: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!read()) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`)
    await sleep(5)
  }
}
const status = (): string => stores.connection.getState().status
const hasPod = (name: string): boolean => stores.feed.get('pod', `default/${name}`) !== undefined

test('what the stage says is in the stores', async () => {
  live = connectLive(stores, { url })
  expect(status()).toBe('connecting')
  await eventually('the first views', () => hasPod('a'))
  expect(status()).toBe('live')
  expect(asked).toEqual([null])
  expect(stores.info.getState().info).toEqual(info)
  let changes = 0
  stores.feed.subscribe('pod', () => (changes += 1))
  const list = stores.feed.list('pod')
  const version = stores.feed.version('pod')
  sockets.emit('batch', {
    from: 10,
    to: 12,
    at: Date.now(),
    changes: [{ put: pod('b', { index: 1 }) }, { drop: { kind: 'pod', key: 'default/a' } }],
  })
  await eventually('the batch', () => hasPod('b'))
  expect(hasPod('a')).toBe(false)
  expect(changes).toBe(1)
  expect(stores.feed.list('pod')).not.toBe(list)
  expect(stores.feed.list('pod')).toBe(stores.feed.list('pod'))
  expect(stores.feed.version('pod')).toBe(version + 1)
  expect(stores.feed.version('node')).toBe(1)
})

test('a gap makes the browser ask again, once, from where it is', async () => {
  live = connectLive(stores, { url })
  await eventually('the first views', () => hasPod('a'))
  answerTo = () => undefined
  const batch = (from: number): void => {
    sockets.emit('batch', { from, to: from + 1, at: 0, changes: [{ put: pod('late') }] })
  }
  batch(20)
  batch(21)
  await eventually('the question', () => asked.length > 1)
  expect(hasPod('late')).toBe(false)
  sockets.emit('batch', { from: 10, to: 22, at: 0, changes: [{ put: pod('missed') }] })
  await eventually('what was missed', () => hasPod('missed'))
  expect(asked).toEqual([null, { run: 'run-1', position: 10 }])
})

test('a broken connection is said, heals by itself and goes on from where it was', async () => {
  live = connectLive(stores, { url })
  await eventually('the first views', () => hasPod('a'))
  const { port } = new URL(url)
  await sockets.close()
  await eventually('the loss', () => status() === 'reconnecting')
  await eventually('its age to be said', () => stores.connection.getState().staleMs > 0)
  expect(hasPod('a')).toBe(true)
  answerTo = () => reset(3, pod('fresh'))
  await openStage(Number(port))
  await eventually('the return', () => status() === 'live' && hasPod('fresh'))
  expect(asked.at(-1)).toEqual({ run: 'run-1', position: 10 })
  expect(hasPod('a')).toBe(false)
  expect(stores.connection.getState().staleMs).toBe(0)
})

test('asleep it hears nothing and claims nothing; woken it goes on from where it was', async () => {
  live = connectLive(stores, { url })
  await eventually('the first views', () => hasPod('a'))
  live.sleep()
  await eventually('the connection to end', () => sockets.sockets.sockets.size === 0)
  answerTo = () => undefined
  expect(status()).toBe('live')
  live.wake()
  await eventually('the question', () => asked.length > 1)
  expect(asked.at(-1)).toEqual({ run: 'run-1', position: 10 })
  expect(status()).toBe('live')
})

test('a refusal is told apart from silence, with what to do', async () => {
  refuses = true
  live = connectLive(stores, { url })
  await eventually('the refusal', () => status() === 'refused')
  expect(stores.connection.getState().reason).toContain('token')
  refuses = false
  await eventually('to be let in', () => status() === 'live')
  expect(stores.connection.getState().reason).toBeNull()
})

test('the load gets its names back, and a history one a second', async () => {
  const bot = pod('bot', { role: 'loadbot', index: 2 })
  answerTo = () => reset(1, pod('a', { index: 0 }), bot)
  live = connectLive(stores, { url })
  await eventually('the pods', () => hasPod('bot'))
  sockets.emit('history', [namedLoad(update(1_000), [])])
  sockets.emit('load', update(2_100, { byPod: [120, 0, 300] }))
  sockets.emit('load', update(2_350, { byPod: [130, 0, 310] }))
  await eventually('the load', () => stores.load.getState().load?.at === 2_350)
  expect(stores.load.getState().load).toMatchObject({ byServer: { a: 130 }, byBot: { bot: 310 } })
  expect(stores.history.getState().history.map(({ at }) => at)).toEqual([1_000, 2_350])
})

test('the history is bounded', () => {
  let history: readonly LoadView[] = []
  for (let second = 0; second < HISTORY_SECONDS + 50; second += 1) {
    history = withMeasurement(history, namedLoad(update(second * 1_000), []))
  }
  expect(history.length).toBe(HISTORY_SECONDS)
  expect(history[0]?.at).toBe(50_000)
})

test('the clock of the stage is known', async () => {
  const ahead = 3_600_000
  answerTo = () => ({ ...reset(1), at: Date.now() + ahead })
  live = connectLive(stores, { url })
  await eventually('the offset', () => stores.connection.getState().clockOffsetMs > 0)
  expect(Math.abs(stores.connection.getState().clockOffsetMs - ahead)).toBeLessThan(1_000)
})

test('an action answers what was done, or throws a sentence', async () => {
  const answers: [number, string][] = [
    [200, '{"command":"kubectl rollout pause deployment/nginx","message":"paused"}'],
    [409, '{"kind":"Status","message":"nginx is already paused."}'],
    [502, 'Bad Gateway'],
  ]
  const door = createServer((_, response) => {
    const [code, body] = answers.shift()!
    response.writeHead(code).end(body)
  })
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
  const at = `http://127.0.0.1:${(door.address() as AddressInfo).port}`
  expect((await postAction(at, { type: 'pause' })).message).toBe('paused')
  await expect(postAction(at, { type: 'pause' })).rejects.toThrow('nginx is already paused.')
  await expect(postAction(at, { type: 'pause' })).rejects.toThrow('The stage answered 502.')
  await new Promise((resolve) => door.close(resolve).closeAllConnections())
  await expect(postAction(at, { type: 'pause' })).rejects.toThrow('Is Podium still running?')
})
