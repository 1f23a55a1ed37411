import { io } from 'socket.io-client'
import type { Socket } from 'socket.io-client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  deployments,
  nodes,
  pods,
  replicationControllers,
  services,
} from '../../shared/kubernetes/kinds.ts'
import { applyBatch, applyReset, emptyFeed } from '../../shared/feed.ts'
import type { FeedState } from '../../shared/feed.ts'
import type { BotCount, LoadFrame } from '../../shared/load.ts'
import type {
  ClientToServerEvents,
  FeedBatch,
  LoadUpdate,
  LoadView,
  ServerToClientEvents,
} from '../../shared/stage.ts'
import { noFailures } from './loadFold.ts'
import { deployment, loadbots, node, pod, service } from './testing/objects.ts'
import { eventually, startTestStage, TOKEN } from './testing/testStage.ts'
import type { TestStage } from './testing/testStage.ts'

type StageSocket = Socket<ServerToClientEvents, ClientToServerEvents>

/** A browser that folds what it is told and remembers how it was told. */
interface Browser {
  socket: StageSocket
  state: FeedState
  resets: number
  batches: FeedBatch[]
  gaps: number
}

let show: TestStage
const open: StageSocket[] = []

beforeEach(async () => {
  show = await startTestStage([
    [nodes, node('node-1')],
    [services, service()],
    [deployments, deployment('v1', 2)],
    [replicationControllers, loadbots(2, ['--rate', '500'])],
    [pods, pod({ name: 'nginx-a' })],
  ])
})
afterEach(async () => {
  for (const socket of open.splice(0)) socket.disconnect()
  await show.close()
})

function connect(
  headers: Record<string, string> = { Authorization: `Bearer ${TOKEN}` },
): StageSocket {
  const socket: StageSocket = io(show.stage.url, {
    transports: ['websocket'],
    extraHeaders: headers,
    reconnection: false,
    forceNew: true,
  })
  open.push(socket)
  return socket
}

function browse(state = emptyFeed()): Browser {
  const browser: Browser = { socket: connect(), state, resets: 0, batches: [], gaps: 0 }
  const { socket } = browser
  socket.on('reset', (reset) => {
    browser.resets += 1
    applyReset(state, reset)
  })
  socket.on('batch', (batch) => {
    browser.batches.push(batch)
    if (applyBatch(state, batch).outcome === 'gap') browser.gaps += 1
  })
  socket.on('connect', () => {
    const { run, position } = state
    socket.emit('subscribe', run === null ? null : { run, position })
  })
  return browser
}

const shows = (browser: Browser, name: string): boolean =>
  browser.state.views.pod.has(`default/${name}`)

test('a browser is told everything, then each change, as the cluster has it', async () => {
  const browser = browse()
  await eventually('the pod', () => shows(browser, 'nginx-a'))
  expect(browser.state.views.pod.get('default/nginx-a')).toMatchObject({
    role: 'server',
    state: 'ready',
    node: 'node-1',
    slot: 0,
  })
  await show.client.create(pods, pod({ name: 'nginx-b' }))
  await eventually('the new pod', () => shows(browser, 'nginx-b'))
  await show.client.delete(
    pods,
    { namespace: 'default', name: 'nginx-a' },
    { gracePeriodSeconds: 0 },
  )
  await eventually('the pod to go', () => !shows(browser, 'nginx-a'))
  expect(browser.gaps).toBe(0)
})

test('a lost node hatches all its pods at once', async () => {
  await show.client.create(pods, pod({ name: 'nginx-b' }))
  const browser = browse()
  await eventually('two pods', () => browser.state.views.pod.size === 2)
  await show.client.update(nodes, node('node-1', 'Unknown'), { subresource: 'status' })
  await eventually('both to be unknown', () =>
    [...browser.state.views.pod.values()].every(({ state }) => state === 'unknown'),
  )
  await show.client.update(nodes, node('node-1'), { subresource: 'status' })
  await eventually('both to be back', () =>
    [...browser.state.views.pod.values()].every(({ state }) => state === 'ready'),
  )
  expect(browser.gaps).toBe(0)
})

test('a browser that was away gets what it missed, not everything again', async () => {
  const browser = browse()
  await eventually('the pod', () => shows(browser, 'nginx-a'))
  browser.socket.disconnect()
  const { position } = browser.state
  await show.client.create(pods, pod({ name: 'nginx-b' }))
  const again = browse(browser.state)
  await eventually('the new pod', () => shows(again, 'nginx-b'))
  expect(again.resets).toBe(0)
  expect(again.batches[0]?.from).toBe(position)
})

test('a position of another run, of the future or of nonsense means a fresh start', async () => {
  const first = browse()
  await eventually('the pod', () => shows(first, 'nginx-a'))
  const nonsense: unknown[] = [
    { run: 'other', position: 0 },
    { run: first.state.run, position: 1e9 },
    { run: first.state.run, position: -1 },
    { run: first.state.run, position: 0.5 },
    { run: { toString: 'x' }, position: 'y' },
    'hello',
    [],
    42,
    undefined,
  ]
  for (const from of nonsense) {
    const socket = connect()
    const told = new Promise((resolve) => socket.once('reset', resolve))
    socket.emit('subscribe', from as never)
    expect(await told).toMatchObject({ run: first.state.run })
    socket.disconnect()
  }
})

test('bad messages do not hurt: too long ones end their own connection only', async () => {
  const good = browse()
  const bad = connect()
  await eventually('a connection', () => bad.connected)
  ;(bad as Socket).emit('nothing', { a: 1 })
  ;(bad as Socket).emit('subscribe')
  ;(bad as Socket).emit('subscribe', null, () => {})
  bad.emit('subscribe', { run: 'x'.repeat(100_000), position: 0 })
  await eventually('the bad one to be gone', () => bad.disconnected)
  await show.client.create(pods, pod({ name: 'nginx-b' }))
  await eventually('the news', () => shows(good, 'nginx-b'))
  expect(good.socket.connected).toBe(true)
})

test('a browser that reads nothing is not queued for, and is right again afterwards', async () => {
  const slow = browse()
  const quick = browse()
  await eventually('both to be live', () => shows(slow, 'nginx-a') && shows(quick, 'nginx-a'))
  const { engine } = slow.socket.io as unknown as {
    engine: { transport: { ws: { _socket: { pause(): void; resume(): void } } } }
  }
  const wire = engine.transport.ws._socket
  wire.pause()
  const reason = 'x'.repeat(800_000)
  for (let round = 1; round <= 40; round += 1) {
    const churned = pod({ name: 'nginx-a', ready: false, status: { restartCount: round } })
    churned.status!.containerStatuses![0]!.state = { waiting: { reason: `${reason}${round}` } }
    await show.client.update(pods, churned, { subresource: 'status' })
    await eventually('the quick one to follow', () => {
      return quick.state.views.pod.get('default/nginx-a')?.restarts === round
    })
  }
  wire.resume()
  await eventually('the slow one to catch up', () => {
    return slow.state.views.pod.get('default/nginx-a')?.restarts === 40
  })
  expect(slow.gaps).toBe(0)
  // 32 MB were said; far less was kept for it: what it missed came in a few large steps.
  expect(slow.batches.length).toBeLessThan(quick.batches.length / 2)
})

test.each([
  ['no token', {}],
  ['a wrong token', { Authorization: 'Bearer nope' }],
  ['a foreign page', { Authorization: `Bearer ${TOKEN}`, Origin: 'http://evil.example' }],
  ['a foreign name', { Authorization: `Bearer ${TOKEN}`, Host: 'evil.example' }],
])('a socket with %s does not come in', async (_, headers: Record<string, string>) => {
  const socket = connect(headers)
  const outcome = await new Promise((resolve) => {
    socket.on('connect', () => resolve('connected'))
    socket.on('connect_error', () => resolve('refused'))
  })
  expect(outcome).toBe('refused')
})

function frameAt(at: number, answered: number): LoadFrame {
  const bot: BotCount = {
    pod: 'loadbot-a',
    uid: 'uid-loadbot-a',
    sent: answered,
    answered,
    failed: noFailures(),
    retried: 0,
    inFlight: 4,
  }
  const servers = [{ pod: 'nginx-a', version: 'v1', answered }]
  return { at, epoch: 'a', bots: [bot], servers, latency: null, unreachable: [] }
}

test('the load comes by pod number several times a second, with its target, and its end is said', async () => {
  await show.client.create(pods, pod({ name: 'loadbot-a', run: 'loadbot' }))
  const browser = browse()
  const told: LoadUpdate[] = []
  browser.socket.on('load', (load) => told.push(load))
  await eventually('both pods', () => browser.state.views.pod.size === 2)
  const start = Date.now()
  const indexOf = (name: string): number => browser.state.views.pod.get(`default/${name}`)!.index
  await eventually('a rate', () => {
    const at = Date.now()
    show.pushFrame(frameAt(at, at - start))
    return told.at(-1)?.rate
  })
  const load = told.at(-1)!
  expect(load).toMatchObject({ live: true, target: 1_000, inFlight: 4 })
  expect(load.byPod[indexOf('nginx-a')]).toBe(load.byVersion['v1'])
  expect(load.byPod[indexOf('loadbot-a')]).toBe(load.rate)
  expect(JSON.stringify(load)).not.toContain('nginx-a')
  await eventually('the silence to be noticed', () => told.at(-1)?.live === false)
  const late = connect()
  const history = await new Promise<LoadView[]>((resolve) => late.on('history', resolve))
  expect(history.length).toBeGreaterThan(0)
  expect(history.at(-1)).toMatchObject({ byServer: {}, byBot: {} })
})

test('an aggregator that hangs up is read again, and nothing is counted twice', async () => {
  const total = async (): Promise<number> =>
    ((await (await show.fetch('/api/summary')).json()) as { served: number }).served
  const start = Date.now()
  show.pushFrame(frameAt(start, 1_000))
  await eventually('the first count', async () => (await total()) === 1_000)
  show.pushFrame(undefined)
  show.pushFrame(frameAt(start + 500, 1_500))
  await eventually('the second count', async () => (await total()) !== 1_000)
  expect(await total()).toBe(1_500)
})

test('commands: the stage says its own, and those of others by what they changed, each once', async () => {
  const browser = browse()
  const lines = (): string[] =>
    [...browser.state.views.command.values()].map(({ by, line }) => `${by}: ${line}`)
  await eventually('the rollout', () => browser.state.views.rollout.size === 1)
  const act = (action: object): Promise<Response> =>
    show.fetch('/api/actions', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(action),
    })
  expect((await act({ type: 'scale', target: 'servers', replicas: 5 })).status).toBe(200)
  await show.client.patch(
    deployments,
    { namespace: 'default', name: 'nginx' },
    {
      metadata: { managedFields: [{ manager: 'kubectl-scale', time: '2025-01-01T00:00:00Z' }] },
      spec: { replicas: 7 },
    },
    { type: 'merge' },
  )
  await eventually('both lines', () => lines().length >= 2)
  await act({ type: 'pause' })
  await eventually('the third', () => lines().length >= 3)
  expect(lines()).toEqual([
    'stage: kubectl scale deployment nginx --replicas=5',
    'kubectl: kubectl scale deployment nginx --replicas=7',
    'stage: kubectl rollout pause deployment/nginx',
  ])
})
