// A stage without a cluster: the built client's files, and a feed that this machine's cluster could not make at 30,000 pods.
// It speaks the stage's own protocol (shared/stage.ts) and replaces all pods in one rolling update after another.
import { createServer } from 'node:http'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import express from 'express'
import { Server } from 'socket.io'

const BATCH_MS = 16
const LOAD_MS = 250
const UPDATE_MS = 20_000
const STOPPING_MS = 2_000
const LOADBOTS = 24
const RATE = 1_000_000
/** As a kubelet allows (maxPods), less what belongs to others. */
const PODS_PER_NODE = 100
const clientDir = fileURLToPath(new URL('../../../dist/client', import.meta.url))

const view = (kind, key, rest) => ({ kind, key, ...rest })

/** The cluster as it is, and the changes that an update makes, one pod after the other. */
function createCluster(count) {
  const nodes = Math.max(4, Math.ceil(count / PODS_PER_NODE))
  const pods = new Map()
  const changes = []
  let made = 0
  const put = (pod) => {
    pods.set(pod.key, pod)
    changes.push({ put: pod })
  }
  const patch = (key, set) => {
    const held = pods.get(key)
    if (!held) return
    pods.set(key, { ...held, ...set })
    changes.push({ patch: { kind: 'pod', key, set } })
  }
  const drop = (key) => {
    pods.delete(key)
    changes.push({ drop: { kind: 'pod', key } })
  }
  const podOf = (role, version, state, node, slot) => {
    const name = `${role === 'server' ? 'nginx' : 'loadbot'}-${made}`
    const index = made
    made += 1
    const rest = { uid: name, name, role, node, slot, index, version, state, progress: 1 }
    const still = { restarts: 0, ip: null, reason: null, since: Date.now(), stopsBy: null }
    return view('pod', `default/${name}`, { ...rest, ...still })
  }
  for (let at = 0; at < LOADBOTS; at += 1) put(podOf('loadbot', 'v1', 'ready', 'node-1', at))
  for (let at = 0; at < count; at += 1) {
    put(podOf('server', 'v1', 'ready', `node-${(at % nodes) + 1}`, Math.floor(at / nodes)))
  }
  return { nodes, pods, changes, put, patch, drop, podOf }
}

/** Replaces `old` by a pod of `version`: both go through all states that a pod goes through. */
function replace(cluster, old, version, later) {
  const young = { ...cluster.podOf('server', version, 'pending', null, null), progress: 0 }
  cluster.put(young)
  later(80, () =>
    cluster.patch(young.key, { node: old.node, slot: null, state: 'starting', progress: 0.33 }),
  )
  later(240, () => cluster.patch(young.key, { progress: 0.66 }))
  later(400, () => {
    cluster.patch(young.key, { state: 'ready', progress: 1, since: Date.now() })
    const now = Date.now()
    cluster.patch(old.key, { state: 'stopping', since: now, stopsBy: now + STOPPING_MS })
    later(STOPPING_MS, () => cluster.drop(old.key))
  })
}

function otherViews(count, nodes, version, updated, isUpdating) {
  const before = version === 'v1' ? 'v2' : 'v1'
  const rollout = {
    name: 'nginx',
    container: 'nginx',
    replicas: count,
    updated,
    ready: count,
    available: count,
    old: count - updated,
    paused: false,
    phase: isUpdating ? 'updating' : 'steady',
    message: null,
    fromVersion: before,
    toVersion: version,
    previousVersion: before,
    maxSurge: '25%',
    maxUnavailable: '0',
    startedAt: isUpdating ? Date.now() : null,
    lowestReady: count,
    secondsLeft: null,
  }
  const service = { name: 'nginx', address: '127.96.0.42:80', endpoints: count }
  return [
    ...Array.from({ length: nodes }, (_, at) =>
      view('node', `node-${at + 1}`, {
        name: `node-${at + 1}`,
        ready: true,
        simulated: false,
        unschedulable: false,
        failed: false,
      }),
    ),
    view('rollout', 'default/nginx', rollout),
    view('fleet', 'default/loadbot', {
      name: 'loadbot',
      replicas: LOADBOTS,
      ready: LOADBOTS,
      ratePerLoadbot: RATE / LOADBOTS,
      adjustable: true,
      fullLoad: RATE,
    }),
    view('service', 'default/nginx', { ...service, proxyMode: 'iptables' }),
  ]
}

function loadOf(cluster, count) {
  const byPod = []
  const byVersion = {}
  for (const { role, state, index, version } of cluster.pods.values()) {
    const rate = Math.round(RATE / (role === 'loadbot' ? LOADBOTS : count))
    if (state !== 'ready') continue
    byPod[index] = rate
    if (role === 'server') byVersion[version] = (byVersion[version] ?? 0) + rate
  }
  const none = { refused: 0, reset: 0, timeout: 0, badStatus: 0, shortBody: 0, wrongBody: 0 }
  return {
    at: Date.now(),
    since: 0,
    rate: RATE,
    target: RATE,
    answered: RATE * 60,
    failed: 0,
    failedByCause: none,
    retried: 0,
    inFlight: 384,
    p50Ms: 0.9,
    p99Ms: 4.2,
    byVersion,
    byPod: Array.from(byPod, (rate) => rate ?? 0),
    live: true,
  }
}

const INFO = {
  protocol: 1,
  version: '0.0.0',
  cluster: 'podium',
  server: 'generated feed',
  machine: 'no cluster',
  versions: ['v1', 'v2', 'v3'],
  limits: { loadbots: 40, replicas: 30_000 },
}

/**
 * Serves a stage with `count` server pods. `update()` begins a rolling update that takes 20 s; `bytes()` is what the feed has
 * sent so far.
 */
export async function startGeneratedStage(count) {
  const cluster = createCluster(count)
  const app = express().use(express.static(clientDir))
  app.get('/{*page}', (_, response) => response.sendFile('index.html', { root: clientDir }))
  const http = createServer(app).listen(0, '127.0.0.1')
  await once(http, 'listening')
  const sockets = new Server(http, { serveClient: false, transports: ['websocket'] })
  const due = []
  const later = (ms, act) => void due.push({ at: Date.now() + ms, act })
  let position = cluster.changes.splice(0).length
  let bytes = 0
  let version = 'v1'
  let waiting = []
  let began = 0
  let updated = count
  const say = (event, message) => {
    bytes += JSON.stringify(message).length
    sockets.emit(event, message)
  }
  const views = () => otherViews(count, cluster.nodes, version, updated, waiting.length > 0)
  sockets.on('connection', (socket) => {
    socket.emit('info', INFO)
    socket.on('subscribe', () => {
      const all = [...cluster.pods.values(), ...views()]
      socket.emit('reset', { run: 'bench', position, at: Date.now(), views: all })
    })
  })
  const turn = () => {
    const now = Date.now()
    const wanted = Math.min(count, Math.floor(((now - began) / UPDATE_MS) * count))
    for (; waiting.length > 0 && updated < wanted; updated += 1) {
      replace(cluster, waiting.pop(), version, later)
    }
    for (const { act } of due.filter(({ at }) => at <= now)) act()
    due.splice(0, due.length, ...due.filter(({ at }) => at > now))
    const changes = cluster.changes.splice(0)
    if (changes.length === 0) return
    changes.push({
      patch: { kind: 'rollout', key: 'default/nginx', set: { updated, old: count - updated } },
    })
    const to = position + changes.length
    say('batch', { from: position, to, at: now, changes })
    position = to
  }
  const batches = setInterval(turn, BATCH_MS)
  const loads = setInterval(() => say('load', loadOf(cluster, count)), LOAD_MS)
  return {
    url: `http://127.0.0.1:${http.address().port}/`,
    bytes: () => bytes,
    update() {
      version = version === 'v1' ? 'v2' : 'v1'
      waiting = [...cluster.pods.values()].filter(
        ({ role, state }) => role === 'server' && state === 'ready',
      )
      began = Date.now()
      updated = 0
      cluster.changes.push({ put: views().find(({ kind }) => kind === 'rollout') })
    },
    async close() {
      clearInterval(batches)
      clearInterval(loads)
      await sockets.close()
    },
  }
}
