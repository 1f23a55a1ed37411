// How fast the control plane is, beside Kubernetes 1.20 (kube-apiserver, etcd, controllers, scheduler and hollow nodes, client
// limits raised) on the same kind of machine, and beside what Podium means to reach. Ratios say how many times better than
// Kubernetes, and than the goal, a figure is; more is better, and from 1 on the goal is met.
//   node e2e/bench/control-plane.bench.mjs [--only cold,pods,requests,watch] [--sizes 100,1000,10000] [--seconds 5] [--nodes 100]
//   … --server https://HOST:PORT --token TOKEN [--ca FILE] measures another API server; it needs room for the pods
import { parseArgs } from 'node:util'
import { createDeployment, measurePods } from './control-plane/pods.mjs'
import {
  createIdlePods,
  measureCreates,
  measureGets,
  measureLists,
  measureWatches,
} from './control-plane/requests.mjs'
import { existing, sleep, startPodium } from './control-plane/target.mjs'
import { ask } from './control-plane/wire.mjs'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'cold,pods,requests,watch' },
    sizes: { type: 'string', default: '100,1000,10000' },
    seconds: { type: 'string', default: '5' },
    nodes: { type: 'string', default: '100' },
    server: { type: 'string' },
    token: { type: 'string' },
    ca: { type: 'string' },
  },
})
const parts = new Set(values.only.split(','))
const seconds = Number(values.seconds)

/** Kubernetes 1.20's figures. */
const BASELINE = {
  readyz: 3400,
  node: 14_200,
  idle: 527,
  rss: { 1000: 1050 },
  up: { 100: 58, 500: 84, 1000: 75 },
  down: { 1000: 95 },
  update: { 100: 3.6 },
  create: { 1: 662, 16: 1856, 64: 2276 },
  get: { 1: 1766, 16: 6562, 64: 5809 },
  list: { 1: 27, 4: 58 },
  watch: { p50: 1.2, p99: 4.4 },
}

/** What is to be reached; pods come at the same pace however many there are. */
const GOALS = {
  node: 1500,
  idle: 170,
  rss: { 1000: 350 },
  rate: 750,
  down: { 1000: 3 },
  update: { 100: 1 },
  create: { 64: 5 * BASELINE.create[64] },
  get: { 64: 3 * BASELINE.get[64] },
  list: { 1: 5 * BASELINE.list[1], 4: 5 * BASELINE.list[4] },
  watch: { p99: 2 },
}

const show = (value) => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)
const row = (...cells) =>
  console.log(
    cells[0].padEnd(52) +
      cells
        .slice(1)
        .map((cell) => cell.padStart(14))
        .join(''),
  )

/** @param better whether more or less of it is better */
function print(what, value, unit, baseline, better, goal) {
  if (value === undefined) return
  const figure = (number) => (number ? `${show(number)} ${unit}` : '–')
  const ratio = (other) => {
    if (!other || !better) return ''
    // Told before it was answered: better than any figure.
    if (value === 0) return better === 'less' ? '∞' : '0'
    return `${show(better === 'more' ? value / other : other / value)}x`
  }
  row(what, `${show(value)} ${unit}`, figure(baseline), ratio(baseline), figure(goal), ratio(goal))
}

/** What a request costs the server, and this process, which must not be what is measured. */
function printCosts({ cpu, own }) {
  if (target.cold) print('  server CPU a request', cpu * 1e6, 'µs')
  print('  CPU of this client a request', own * 1e6, 'µs')
}

async function measureAllPods(target, namespace) {
  await createDeployment(target, namespace)
  const rates = []
  // The first pods of a process are made by code that is not compiled yet: said, not hidden.
  for (const count of values.sizes.split(',').map(Number)) {
    const updates = count <= 1000
    const { up, rss, update, down } = await measurePods(target, namespace, count, { updates })
    const n = count.toLocaleString('en')
    const expected = BASELINE.up[count] && count / BASELINE.up[count]
    print(`0 -> ${n} pods Ready`, up.seconds, 's', expected, 'less')
    const rate = count / up.seconds
    rates.push(rate)
    print(`0 -> ${n} pods Ready`, rate, 'pods/s', BASELINE.up[count], 'more', GOALS.rate)
    if (target.cold) print(`  server CPU a pod`, (up.cpu / count) * 1000, 'ms')
    print(`memory with ${n} pods`, rss, 'MiB', BASELINE.rss[count], 'less', GOALS.rss[count])
    const [known, goal] = [BASELINE.update[count], GOALS.update[count]]
    print(`rolling update of ${n}`, update, 's', known, 'less', goal)
    print(`${n} -> 0, all gone`, down.seconds, 's', BASELINE.down[count], 'less', GOALS.down[count])
    if (target.cold) print(`  server CPU a pod`, (down.cpu / count) * 1000, 'ms')
  }
  if (rates.length > 1)
    print('pace with the most pods, of that with the fewest', rates.at(-1) / rates[0], 'x')
}

async function measureRequests(target, namespace) {
  for (const connections of [1, 16, 64]) {
    for (const verb of ['create', 'get']) {
      const measure = verb === 'create' ? measureCreates : measureGets
      const measured = await measure(target, namespace, connections, seconds)
      const { rate, p99 } = measured
      const what = `${verb} ConfigMap 1 KiB, ${connections} conn. (p99 ${show(p99)} ms)`
      const goal = GOALS[verb][connections]
      print(what, rate, 'req/s', BASELINE[verb][connections], 'more', goal)
      printCosts(measured)
    }
  }
  await createIdlePods(target, namespace, 1000)
  for (const connections of [1, 4, 16, 64]) {
    const list = await measureLists(target, namespace, connections, seconds)
    const what = `list ${list.items} pods (${show(list.megabytes)} MB), ${connections} conn. (p99 ${show(list.p99)} ms)`
    const goal = GOALS.list[connections]
    print(what, list.rate, 'req/s', BASELINE.list[connections], 'more', goal)
    printCosts(list)
  }
}

async function measureWatching(target, namespace) {
  const load = { watchers: 100, perSecond: 50, seconds }
  await measureWatches(target, namespace, { ...load, seconds: 2 })
  const { answered, sent } = await measureWatches(target, namespace, load)
  // A change is told before it is answered when it is seen before it is durable: both are shown.
  print(
    'watch, create answered -> seen by 100: p50',
    answered.p50,
    'ms',
    BASELINE.watch.p50,
    'less',
  )
  print(
    'watch, create answered -> seen by 100: p99',
    answered.p99,
    'ms',
    BASELINE.watch.p99,
    'less',
    GOALS.watch.p99,
  )
  print('watch, create sent -> seen by 100: p50', sent.p50, 'ms')
  print('watch, create sent -> seen by 100: p99', sent.p99, 'ms')
}

async function inNamespace(target, name, measure) {
  await ask(target, 'POST', '/api/v1/namespaces', { metadata: { name } })
  await measure(target, name)
  await ask(target, 'DELETE', `/api/v1/namespaces/${name}`)
}

const target = values.server ? existing(values) : await startPodium(Number(values.nodes))
row('', values.server ? target.url.host : 'Podium', 'Kubernetes', 'ratio', 'goal', 'ratio')
if (parts.has('cold') && target.cold) {
  print('launch -> the API answers', target.cold.readyz, 'ms', BASELINE.readyz, 'less')
  print('launch -> first node Ready', target.cold.node, 'ms', BASELINE.node, 'less', GOALS.node)
}
await sleep(3000)
if (parts.has('cold')) print('memory, idle', target.rss(), 'MiB', BASELINE.idle, 'less', GOALS.idle)
const run = `bench-${process.pid}`
if (parts.has('pods')) await inNamespace(target, `${run}-pods`, measureAllPods)
if (parts.has('requests')) await inNamespace(target, `${run}-requests`, measureRequests)
if (parts.has('watch')) await inNamespace(target, `${run}-watch`, measureWatching)
await target.stop()
process.exit(0)
