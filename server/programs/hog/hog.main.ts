// The hog: takes real memory and processor time on command, to see what happens to those who take too much.
import http from 'node:http'
import { Worker } from 'node:worker_threads'
import { say } from '../process.ts'
import type { Appetite } from './arguments.ts'
import { bytesOf, readAppetite } from './arguments.ts'

/** A busy worker works for its share of each such period, in milliseconds. */
const PERIOD_MS = 100
const BUSY = `
const { workerData } = require('node:worker_threads')
const work = () => {
  const until = performance.now() + workerData.busyMs
  while (performance.now() < until);
  setTimeout(work, workerData.idleMs)
}
work()`

let appetite: Appetite
try {
  appetite = readAppetite(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`hog: ${(error as Error).message}\n`)
  process.exit(2)
}

const held: Buffer[] = []
let heldBytes = 0
let wantedBytes = 0
let taking = false
let workers: Worker[] = []

/** Goes towards what is wanted step by step: a page counts when it has been written to. */
function take(): void {
  taking = true
  while (heldBytes > wantedBytes) heldBytes -= held.pop()?.length ?? heldBytes
  const step = Math.min(appetite.stepBytes, wantedBytes - heldBytes)
  if (step <= 0) {
    taking = false
    return say(`holding ${heldBytes} bytes`)
  }
  held.push(Buffer.alloc(step, 1))
  heldBytes += step
  setTimeout(take, appetite.stepPauseMs)
}

function hold(bytes: number): void {
  wantedBytes = bytes
  say(`taking ${bytes} bytes of memory`)
  if (!taking) take()
}

function work(cpus: number): void {
  for (const worker of workers) void worker.terminate()
  say(`keeping ${cpus} processors busy`)
  workers = []
  for (let left = cpus; left > 0; left -= 1) {
    const busyMs = Math.min(1, left) * PERIOD_MS
    const workerData = { busyMs, idleMs: PERIOD_MS - busyMs }
    workers.push(new Worker(BUSY, { eval: true, workerData }))
  }
}

/** `POST /memory/250M`, `POST /cpu/0.5`: orders while it runs. */
function listen(port: number): void {
  const server = http.createServer((request, response) => {
    const [, what, amount = ''] = (request.url ?? '').split('/')
    try {
      if (what === 'memory' && request.method === 'POST') hold(bytesOf(amount))
      else if (what === 'cpu' && request.method === 'POST')
        work(readAppetite(['--cpu', amount]).cpus)
      response.end(`${JSON.stringify({ heldBytes, wantedBytes, workers: workers.length })}\n`)
    } catch (error) {
      response.statusCode = 400
      response.end(`${(error as Error).message}\n`)
    }
  })
  server.on('error', (error) => {
    say(`cannot listen: ${error.message}`)
    process.exit(1)
  })
  server.listen(port, process.env.POD_IP ?? '127.0.0.1')
}

process.on('SIGTERM', () => process.exit(0))
process.on('SIGINT', () => process.exit(0))
if (appetite.port > 0) listen(appetite.port)
if (appetite.timeoutMs > 0) setTimeout(() => process.exit(0), appetite.timeoutMs)
setInterval(() => undefined, 2 ** 30)
if (appetite.cpus > 0) work(appetite.cpus)
hold(appetite.memoryBytes)
