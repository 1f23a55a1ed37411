// The whole product under load: started as a user starts it, driven through the stage's own actions and the API.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import https from 'node:https'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { KubeConfig, Watch } from '@kubernetes/client-node'

const RUN = fileURLToPath(new URL('../../../server/launch/run.mjs', import.meta.url))
const PODS = '/api/v1/namespaces/default/pods'
const DEPLOYMENT = '/apis/apps/v1/namespaces/default/deployments/nginx'
const LOADBOTS = '/api/v1/namespaces/default/replicationcontrollers/loadbot'
const CONFIG = '/api/v1/namespaces/default/configmaps/loadbot'
const PROXY = '/api/v1/namespaces/kube-system/configmaps/service-proxy'
const MERGE = 'application/merge-patch+json'

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Looks until there is something to see; throws with `what` after `boundMs`. */
export async function until(what, look, boundMs = 60_000, everyMs = 50) {
  const deadline = performance.now() + boundMs
  for (;;) {
    const seen = await look()
    if (seen) return seen
    if (performance.now() > deadline) throw new Error(`not within ${boundMs} ms: ${what}`)
    await sleep(everyMs)
  }
}

/** Starts Podium with its demo and waits until it serves. */
export async function startProduct(args = []) {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'podium-bench-'))
  const own = ['--port', '0', '--api-port', '0', '--data-dir', directory]
  const child = spawn(process.execPath, [RUN, ...own, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (said += text))
  await until('Podium is ready', () => {
    if (child.exitCode !== null) throw new Error(`Podium ended: ${said}`)
    return said.includes('Ready in')
  })
  const stage = new URL(/https?:\/\/\S+\/\?token=\S+/.exec(said)[0])
  const kubeconfig = path.join(directory, 'kubeconfig')
  const text = readFileSync(kubeconfig, 'utf8')
  const field = (name) => new RegExp(`${name}: *"?([^"\\s]+)`).exec(text)[1]
  const target = {
    url: new URL(field('server')),
    token: field('token'),
    agent: new https.Agent({ keepAlive: true }),
    ca: Buffer.from(field('certificate-authority-data'), 'base64').toString(),
  }
  const token = stage.searchParams.get('token')
  return new Product({ child, directory, kubeconfig, target, token, origin: stage.origin })
}

/** One request to the API; throws when it is refused. */
function ask({ url, token, ca, agent }, method, where, body, type = 'application/json') {
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': type }
    const request = https.request(new URL(where, url), { method, headers, ca, agent }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (piece) => (text += piece))
      answer.on('error', reject)
      answer.on('end', () => {
        if (answer.statusCode < 300) resolve(JSON.parse(text))
        else reject(new Error(`${method} ${where}: ${answer.statusCode} ${text}`))
      })
    })
    request.on('error', reject)
    request.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

class Product {
  constructor(parts) {
    Object.assign(this, parts)
  }

  async stop() {
    this.child.kill('SIGINT')
    if (this.child.exitCode === null) await new Promise((done) => this.child.once('exit', done))
    this.target.agent.destroy()
    rmSync(this.directory, { recursive: true, force: true })
  }

  ask(method, where, body, type) {
    return ask(this.target, method, where, body, type)
  }

  patch(where, body) {
    return this.ask('PATCH', where, body, MERGE)
  }

  async summary() {
    const headers = { Authorization: `Bearer ${this.token}` }
    return (await fetch(`${this.origin}/api/summary`, { headers })).json()
  }

  /** What the stage's probe found this machine to sustain per second. */
  fullLoad() {
    return until('the machine was measured', async () => {
      const { metadata } = await this.ask('GET', CONFIG)
      return Number(metadata.annotations?.['podium.dev/full-load'] ?? 0)
    })
  }

  /** Requests per second in all; 0 for as fast as answers come. */
  async load(perSecond, loadbots) {
    const rate = String(Math.round(perSecond / loadbots))
    await this.patch(CONFIG, { data: { rate } })
    await this.scaleLoadbots(loadbots)
  }

  async scaleLoadbots(replicas) {
    await this.patch(LOADBOTS, { spec: { replicas } })
    await until(`${replicas} loadbots are there`, async () => {
      const pods = await this.ask('GET', `${PODS}?labelSelector=run%3Dloadbot`)
      return pods.items.length === replicas && pods.items.every(isReady)
    })
  }

  /** No load: the loadbots finish what is in flight, give their last counts and go. */
  async quiet() {
    await this.scaleLoadbots(0)
    await until('nothing is in flight', async () => (await this.summary()).inFlight === 0)
  }

  async scaleServers(replicas) {
    await this.patch(DEPLOYMENT, { spec: { replicas } })
    await this.settled()
  }

  /** A rolling update of all nginx pods; resolves when it is complete. */
  async update(image) {
    const containers = [{ name: 'nginx', image }]
    const body = { spec: { template: { spec: { containers } } } }
    await this.ask('PATCH', DEPLOYMENT, body, 'application/strategic-merge-patch+json')
    await this.settled()
  }

  /** As `kubectl rollout status` sees it, and the old pods gone. */
  async settled() {
    await until('the rollout is complete', async () => {
      const { metadata, spec, status } = await this.ask('GET', DEPLOYMENT)
      const all = [status.replicas, status.updatedReplicas, status.availableReplicas]
      return (
        status.observedGeneration === metadata.generation &&
        all.every((count) => (count ?? 0) === spec.replicas) &&
        (await this.serverPods()).length === spec.replicas
      )
    })
  }

  async serverPods() {
    return (await this.ask('GET', `${PODS}?labelSelector=run%3Dnginx`)).items
  }

  /** A graceful delete of one server pod, chosen at random. */
  async deletePod() {
    const ready = (await this.serverPods()).filter(isReady)
    const victim = ready[Math.floor(Math.random() * ready.length)]
    if (victim) await this.ask('DELETE', `${PODS}/${victim.metadata.name}`)
  }

  /** Asks for a proxy mode and waits until it is in force. */
  async proxyMode(mode) {
    await this.patch(PROXY, { data: { mode } })
    const lease = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/service-proxy'
    await until(`services go through ${mode}`, async () => {
      const { metadata } = await this.ask('GET', lease)
      return metadata.annotations?.['podium.dev/proxy-mode'] === mode
    })
  }

  /** What the server pods say they answered: living ones when asked, ended ones in their termination message. */
  async countServed() {
    const lastWords = new Map()
    const living = new Map()
    const note = (type, { metadata, status }) => {
      const message = status?.containerStatuses?.[0]?.state?.terminated?.message
      if (message) lastWords.set(metadata.uid, JSON.parse(message).answered)
      if (type === 'DELETED' || message) living.delete(metadata.uid)
      else living.set(metadata.uid, metadata.name)
    }
    const config = new KubeConfig()
    config.loadFromFile(this.kubeconfig)
    const watch = new Watch(config)
    // Between two updates nothing happens for as long as the bench likes.
    watch.requestTimeoutMs = 2 ** 31 - 1
    const watching = await watch.watch(PODS, { labelSelector: 'run=nginx' }, note, () => undefined)
    const asked = async (name) => (await this.ask('GET', `${PODS}/${name}/proxy/-/stats`)).answered
    return {
      async total() {
        const now = await Promise.all([...living.values()].map(asked))
        return [...lastWords.values(), ...now].reduce((sum, count) => sum + count, 0)
      },
      stop: () => watching.abort(),
    }
  }

  /** Every process of the cluster: its part, CPU seconds, resident MiB, open descriptors. */
  processes() {
    const id = readFileSync(path.join(this.directory, 'cluster-id'), 'utf8').trim()
    const seen = []
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const isMain = Number(pid) === this.child.pid
        if (!isMain && !isOf(pid, this.child.pid, id)) continue
        seen.push({ pid: Number(pid), part: isMain ? 'podium' : partOf(pid), ...usageOf(pid) })
      } catch {
        // It ended meanwhile.
      }
    }
    return seen
  }
}

export const isReady = ({ status, metadata }) =>
  metadata.deletionTimestamp === undefined &&
  status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True')

/** Whether a process was started by Podium itself or carries its cluster's name. */
function isOf(pid, parent, cluster) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  if (Number(/PPid:\s+(\d+)/.exec(status)?.[1]) === parent) return true
  return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`PODIUM_CLUSTER=${cluster}`)
}

function partOf(pid) {
  const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  const script = words.find((word) => word.endsWith('.js'))
  return path.basename(script ?? readlinkSync(`/proc/${pid}/exe`), '.js')
}

function usageOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return {
    cpu: (Number(fields[11]) + Number(fields[12])) / 100,
    rss: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  }
}

/** The value that `share` (0–1) of the numbers do not exceed. */
export function quantile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
