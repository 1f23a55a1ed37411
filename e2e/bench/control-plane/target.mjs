// The API server that is measured: a Podium of our own, or whatever --server names.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { ask } from './wire.mjs'

const RUN = fileURLToPath(new URL('../../../server/launch/run.mjs', import.meta.url))

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Looks until there is something to see; `everyMs` apart. */
async function until(look, everyMs = 5) {
  for (;;) {
    const seen = await look()
    if (seen) return seen
    await sleep(everyMs)
  }
}

const field = (text, name) => new RegExp(`${name}: *"?([^"\\s]+)`).exec(text)?.[1]

function readKubeconfig(file) {
  try {
    const text = readFileSync(file, 'utf8')
    const [server, token] = [field(text, 'server'), field(text, 'token')]
    const ca = Buffer.from(field(text, 'certificate-authority-data') ?? '', 'base64').toString()
    return server && token ? { url: new URL(server), token, ca } : undefined
  } catch {
    return undefined
  }
}

const isReady = (object) =>
  object.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')

/**
 * Starts a Podium with simulated nodes on a durable store and waits for it. `readyz` and `node` are ms from its launch to the
 * API's first 200 and to the first node that is Ready.
 */
export async function startPodium(simulatedNodes) {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'podium-bench-'))
  const args = ['--port', '0', '--api-port', '0', '--data-dir', directory, '--demo', 'none']
  const nodes = ['--nodes', '0', '--simulated-nodes', String(simulatedNodes)]
  const flags = (process.env.BENCH_NODE_FLAGS ?? '').split(' ').filter(Boolean)
  const began = performance.now()
  const child = spawn(process.execPath, [...flags, RUN, ...args, ...nodes], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const target = await until(() => readKubeconfig(path.join(directory, 'kubeconfig')))
  await until(() => ask(target, 'GET', '/api/v1/nodes?limit=1'))
  const readyz = performance.now() - began
  await until(async () => (await ask(target, 'GET', '/api/v1/nodes')).items.some(isReady))
  const node = performance.now() - began
  await until(async () => {
    const { items } = await ask(target, 'GET', '/api/v1/nodes')
    return items.length === simulatedNodes && items.every(isReady)
  }, 50)
  return Object.assign(target, {
    cold: { readyz, node },
    rss: () => treeRss(child.pid),
    cpu: () => cpuSeconds(child.pid),
    stop: async () => {
      target.asking?.close()
      child.kill('SIGINT')
      await new Promise((resolve) => child.once('exit', resolve))
      rmSync(directory, { recursive: true, force: true })
    },
  })
}

/** Resident memory (MiB) of a process and of everything it started. */
function treeRss(root) {
  const parents = new Map()
  const sizes = new Map()
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')
      parents.set(Number(pid), Number(/PPid:\s+(\d+)/.exec(status)?.[1]))
      sizes.set(Number(pid), Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0))
    } catch {
      // It ended meanwhile.
    }
  }
  const isBelow = (pid) => pid === root || (parents.has(pid) && isBelow(parents.get(pid)))
  let total = 0
  for (const [pid, kib] of sizes) if (isBelow(pid)) total += kib
  return total / 1024
}

/** CPU seconds a process has used, all its threads together. */
function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
  return (Number(user) + Number(system)) / 100
}

/** A server that runs already. */
export function existing({ server, token, ca }) {
  return {
    url: new URL(server),
    token: token ?? '',
    ca: ca && readFileSync(ca, 'utf8'),
    rss: () => undefined,
    cpu: () => undefined,
    stop: async () => undefined,
  }
}
