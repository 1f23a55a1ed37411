// Finds what a request costs on this machine: a loadbot and a web server, each on a thread of this process, go as fast as
// they can over loopback for a moment. CPU time is measured, not what came through, so other work on the machine does
// not make it look smaller. Prints one line of JSON, a Measurement.
//
// With --host it loads that server instead, whose CPU time it cannot see: then what came through is the measure.
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { dialer } from '../loadbot/dial.ts'
import { Load } from '../loadbot/load.ts'
import { durationOption, numberOption } from '../process.ts'
import { WebServer } from '../web/server.ts'

const LOOPBACK = '127.0.0.1'
const TICK_MS = 5
/** Longer than the steps in which CPU time is counted. */
const MOMENT_MS = 50

/** What the probe prints. */
export interface Measurement {
  /** Answered and verified. */
  requests: number
  failed: number
  seconds: number
  /** Used by both sides; of the loadbot alone when it loaded another server. */
  cpuSeconds: number
}

async function serve(): Promise<void> {
  const identity = { pod: 'probe-0123456789-abcde', version: 'v1' }
  const server = new WebServer({ ...identity, address: LOOPBACK, port: 0, ready: true })
  parentPort?.postMessage(await server.listen())
}

function startServer(): Promise<number> {
  const worker = new Worker(new URL(import.meta.url))
  return new Promise((resolve, reject) => {
    worker.once('message', (port: number) => resolve(port))
    worker.once('error', reject)
  })
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function measure(): Promise<Measurement> {
  const { values } = parseArgs({
    options: {
      host: { type: 'string' },
      port: { type: 'string', default: '80' },
      depth: { type: 'string', default: '64' },
      connections: { type: 'string', default: '16' },
      cpu: { type: 'string', default: '1s' },
      longest: { type: 'string', default: '5s' },
    },
  })
  const host = values.host ?? LOOPBACK
  const port =
    values.host === undefined ? await startServer() : numberOption('port', values.port, 1, 65_535)
  const load = new Load(
    {
      request: Buffer.from('GET / HTTP/1.1\r\nHost: nginx\r\n\r\n'),
      rate: 0,
      connections: numberOption('connections', values.connections, 1, 1000),
      depth: numberOption('depth', values.depth, 1, 1000),
      lifetimeMs: Infinity,
      timeoutMs: 2000,
    },
    dialer({ host, port, localAddress: undefined }),
    () => performance.now(),
  )
  setInterval(() => load.tick(), TICK_MS)
  load.tick()
  return bestOf(load, durationOption('cpu', values.cpu), durationOption('longest', values.longest))
}

/**
 * The cheapest of many short moments until `cpuMs` of CPU time are used, or `longestMs` over: the first ones run code that
 * is not compiled yet, and other work on the machine makes every request dearer, but nothing makes one cheaper than it is.
 */
async function bestOf(load: Load, cpuMs: number, longestMs: number): Promise<Measurement> {
  const began = { at: performance.now(), cpu: cpuSeconds() }
  let best: Measurement | undefined
  do {
    const from = { at: performance.now(), cpu: cpuSeconds(), answered: load.ledger.answered }
    await pause(MOMENT_MS)
    const moment = {
      requests: load.ledger.answered - from.answered,
      failed: load.ledger.failedTotal,
      seconds: (performance.now() - from.at) / 1000,
      cpuSeconds: cpuSeconds() - from.cpu,
    }
    if (!best || moment.requests * best.cpuSeconds > best.requests * moment.cpuSeconds) {
      best = moment
    }
  } while ((cpuSeconds() - began.cpu) * 1000 < cpuMs && performance.now() - began.at < longestMs)
  return best
}

/** CPU seconds of all threads of this process so far. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

if (isMainThread) {
  // Whoever asked is gone when this ends: nobody wants to know any more.
  process.stdin.on('end', () => process.exit(1)).resume()
  process.stdout.write(`${JSON.stringify(await measure())}\n`, () => process.exit(0))
} else {
  await serve()
}
