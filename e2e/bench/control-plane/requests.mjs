// Requests a second, one in flight on each connection, and how long a change takes to reach a hundred watchers.
import { ask, Connection, follow, requestBytes } from './wire.mjs'
import { sleep } from './target.mjs'

const configMaps = (namespace) => `/api/v1/namespaces/${namespace}/configmaps`

export const quantile = (sorted, q) =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN

const PAD = 'x'.repeat(1024)

function configMap(name) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value: PAD } }
}

/** A closed loop on so many connections; `make(n)` answers the bytes of the n-th request. */
async function closedLoop(target, connections, seconds, make) {
  const opened = await Promise.all(
    Array.from({ length: connections }, () => Connection.open(target)),
  )
  const latencies = []
  let [n, from, until] = [0, Infinity, Infinity]
  let failed
  const loops = opened.map(
    (connection) =>
      new Promise((resolve) => {
        const next = () => {
          const sent = performance.now()
          if (sent >= until || failed) return resolve()
          connection.sendThen(make(n++), ({ status }) => {
            if (status >= 300) failed = `an answer of ${status}`
            if (sent >= from) latencies.push(performance.now() - sent)
            next()
          })
        }
        next()
      }),
  )
  await sleep(1000)
  const [cpu, own] = [target.cpu(), process.cpuUsage()]
  from = performance.now()
  until = from + seconds * 1000
  await Promise.all(loops)
  const { user, system } = process.cpuUsage(own)
  const used = target.cpu() - cpu
  const took = (performance.now() - from) / 1000
  for (const connection of opened) connection.close()
  if (failed) throw new Error(failed)
  latencies.sort((a, b) => a - b)
  const count = latencies.length
  const p99 = quantile(latencies, 0.99)
  return { rate: count / took, p99, cpu: used / count, own: (user + system) / 1e6 / count }
}

let made = 0

export function measureCreates(target, namespace, connections, seconds) {
  const run = `c${made++}-`
  const path = configMaps(namespace)
  return closedLoop(target, connections, seconds, (n) =>
    requestBytes(target, 'POST', path, configMap(run + n)),
  )
}

export async function measureGets(target, namespace, connections, seconds) {
  const name = `got-${made++}`
  await ask(target, 'POST', configMaps(namespace), configMap(name))
  const bytes = requestBytes(target, 'GET', `${configMaps(namespace)}/${name}`)
  return closedLoop(target, connections, seconds, () => bytes)
}

/** Lists what stands in the namespace, from the server's cache. */
export async function measureLists(target, namespace, connections, seconds) {
  const path = `/api/v1/namespaces/${namespace}/pods?resourceVersion=0`
  const list = await ask(target, 'GET', path)
  const bytes = requestBytes(target, 'GET', path)
  const measured = await closedLoop(target, connections, seconds, () => bytes)
  const size = Buffer.byteLength(JSON.stringify(list))
  return { ...measured, items: list.items.length, megabytes: size / 1e6 }
}

/** Pods that nothing runs: no scheduler knows the name. */
export async function createIdlePods(target, namespace, count) {
  const path = `/api/v1/namespaces/${namespace}/pods`
  const containers = [{ name: 'main', image: 'nginx:v1', ports: [{ containerPort: 80 }] }]
  const spec = { schedulerName: 'nobody', containers }
  for (let i = 0; i < count; i++) {
    const metadata = { name: `idle-${i}`, labels: { app: 'idle' } }
    await ask(target, 'POST', path, { metadata, spec })
  }
}

/** Milliseconds from a create's sending, and from its answer, until each of the watchers has its line. */
export async function measureWatches(target, namespace, { watchers, perSecond, seconds }) {
  const { metadata } = await ask(target, 'GET', `${configMaps(namespace)}?limit=1`)
  const query = `watch=1&resourceVersion=${metadata.resourceVersion}`
  const seen = new Map()
  const stops = await Promise.all(
    Array.from({ length: watchers }, () =>
      follow(target, `${configMaps(namespace)}?${query}`, (line) => {
        const at = performance.now()
        const name = /"name":"(w-[^"]+)"/.exec(line.slice(0, 300))?.[1]
        seen.get(name)?.push(at)
      }),
    ),
  )
  const connection = await Connection.open(target)
  const run = `w-${made++}-`
  const [sent, answered] = [new Map(), new Map()]
  const began = performance.now()
  for (let i = 0; i < perSecond * seconds; i++) {
    const name = `${run}${i}`
    seen.set(name, [])
    await sleep(Math.max(0, began + (i * 1000) / perSecond - performance.now()))
    sent.set(name, performance.now())
    await connection.send(requestBytes(target, 'POST', configMaps(namespace), configMap(name)))
    answered.set(name, performance.now())
  }
  await sleep(500)
  connection.close()
  for (const stop of stops) stop()
  return { sent: delays(seen, sent, watchers), answered: delays(seen, answered, watchers) }
}

/** Quantiles of the time from `since` to each sight; what was seen before counts as 0. */
function delays(seen, since, watchers) {
  const all = []
  for (const [name, times] of seen) {
    if (times.length !== watchers) throw new Error(`${name} reached ${times.length} watchers`)
    for (const at of times) all.push(Math.max(0, at - since.get(name)))
  }
  all.sort((a, b) => a - b)
  return { p50: quantile(all, 0.5), p99: quantile(all, 0.99) }
}
