// Sends HTTP requests to a Service and counts exactly what becomes of each.
import { isIPv6 } from 'node:net'
import { parseArgs } from 'node:util'
import {
  durationOption,
  leaveTerminationMessage,
  listenOption,
  numberOption,
  refuseOption,
  say,
  withLongOptions,
} from '../process.ts'
import { dialer } from './dial.ts'
import { Load } from './load.ts'
import { Reports } from './reports.ts'
import { LARGEST_RATE, pathInContainer, RateFile, READ_RATE_MS } from './rate-file.ts'
import { serveLoadbot } from './serve.ts'
import { traceOne } from './trace.ts'

/** How long (ms) requests in flight may take once the loadbot was told to stop. */
const SETTLE_MS = 2000

const { values } = parseArgs({
  args: withLongOptions(process.argv.slice(2)),
  options: {
    host: { type: 'string', default: 'nginx' },
    resolve: { type: 'string' },
    port: { type: 'string' },
    path: { type: 'string', default: '/' },
    rate: { type: 'string', default: '0' },
    'rate-file': { type: 'string' },
    connections: { type: 'string', default: '4' },
    depth: { type: 'string', default: '16' },
    'connection-lifetime': { type: 'string', default: '1s' },
    timeout: { type: 'string', default: '10s' },
    address: { type: 'string' },
    'report-port': { type: 'string', default: '8080' },
    // The names these had in 2015.
    paths: { type: 'string' },
    workers: { type: 'string' },
    duration: { type: 'string', default: '1s' },
  },
})

/** A Service's name means what its environment variables say, as containers found services before there was DNS. */
function resolveService(name: string): { host: string; port: string } {
  const prefix = name.toUpperCase().replace(/-/g, '_')
  const host = process.env[`${prefix}_SERVICE_HOST`] ?? name
  return { host, port: process.env[`${prefix}_SERVICE_PORT`] ?? '80' }
}

const path = values.paths ?? values.path
if (values.paths?.includes(',')) refuseOption('paths', values.paths, 'a single path')
if (!/^\/[\x21-\x7e]*$/.test(path) || /[^\x21-\x7e]/.test(values.host)) {
  process.stderr.write('--path must start with / and, like --host, be plain ASCII without blanks\n')
  process.exit(2)
}
// A host of an Ingress has no variables: where it is served has to be said.
const service =
  values.resolve === undefined ? resolveService(values.host) : { host: values.resolve, port: '80' }
const port = numberOption('port', values.port ?? service.port, 1, 65_535)
const listen = listenOption(values.address)
const localAddress = values.address === undefined ? process.env.POD_IP : listen.host
const named = isIPv6(values.host) ? `[${values.host}]` : values.host
const rateFile =
  values['rate-file'] === undefined ? null : new RateFile(pathInContainer(values['rate-file']))

function firstRate(file: RateFile): number {
  try {
    return file.first()
  } catch (error) {
    process.stderr.write(`--rate-file: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(2)
  }
}

const load = new Load(
  {
    request: Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${named}\r\n\r\n`),
    rate: rateFile ? firstRate(rateFile) : numberOption('rate', values.rate, 0, LARGEST_RATE),
    connections: numberOption('connections', values.workers ?? values.connections, 1, 10_000),
    depth: numberOption('depth', values.depth, 1, 10_000),
    lifetimeMs: durationOption('connection-lifetime', values['connection-lifetime']),
    timeoutMs: durationOption('timeout', values.timeout),
  },
  dialer({ host: service.host, port, localAddress }),
  () => performance.now(),
)
const pod = process.env.POD_NAME ?? process.env.HOSTNAME ?? 'loadbot'
const uid = process.env.POD_UID ?? pod
const reports = new Reports(load.ledger, pod, uid, new Date(), performance.timeOrigin)

async function settle(): Promise<void> {
  const until = performance.now() + SETTLE_MS
  while (!load.settled && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

let leaving = false
async function leave(stop: () => Promise<void>): Promise<void> {
  if (leaving) return
  leaving = true
  load.stop()
  await settle()
  load.close()
  const count = reports.count(true)
  await stop()
  leaveTerminationMessage(JSON.stringify(count))
  say(`stopped ${JSON.stringify(count)}`)
  process.exit(0)
}

let complaint = ''
async function followRate(file: RateFile): Promise<void> {
  try {
    const rate = await file.next()
    if (rate !== null && !leaving) load.setRate(rate)
  } catch (error) {
    const now = error instanceof Error ? error.message : String(error)
    if (now !== complaint) say(`--rate-file: ${now}; the rate stays ${load.rate}`)
    complaint = now
  }
  setTimeout(() => void followRate(file), READ_RATE_MS)
}

function keepTicking(): void {
  load.tick()
  setTimeout(keepTicking, load.step)
}

try {
  const server = await serveLoadbot(
    load,
    reports,
    listen.host,
    listen.port ?? numberOption('report-port', values['report-port'], 0, 65_535),
    {
      metricsMs: durationOption('duration', values.duration),
      target: { host: values.host, address: service.host, port, path },
      trace: () => traceOne({ host: service.host, port, path, localAddress }, load.ledger),
    },
  )
  process.on('SIGTERM', () => void leave(server.finish))
  process.on('SIGINT', () => void leave(server.finish))
  say(
    `loadbot asks http://${service.host}:${port}${path}, reports on ${listen.host}:${server.port}`,
  )
} catch (error) {
  say(`loadbot cannot listen: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
}
keepTicking()
if (rateFile) void followRate(rateFile)
