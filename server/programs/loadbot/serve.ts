// What a loadbot serves: vegeta's metrics as its forebear did, its counts, and the stream the aggregator reads.
import type http from 'node:http'
import type { LoadTarget, TracedRequest } from '../../../shared/load.ts'
import { readJson, sendJson, serveRoutes } from '../json-server.ts'
import { REPORT_MS } from '../stream.ts'
import type { Load } from './load.ts'
import { LARGEST_RATE } from './rate-file.ts'
import type { Reports } from './reports.ts'

const MAX_BODY = 1024
/** A reader that takes nothing for this long (ms) does not get the last report. */
const LAST_REPORT_MS = 1000

interface Reader {
  response: http.ServerResponse
  next: (final: boolean) => unknown
}

export interface LoadbotServer {
  port: number
  /** Sends the last report to everyone who reads, and resolves when they have it. */
  finish: () => Promise<void>
}

function write({ response, next }: Reader, final: boolean): void {
  // A slow reader misses reports, not counts: what it has not been told is in the next one.
  if (response.writableNeedDrain && !final) return
  response.write(`${JSON.stringify(next(final))}\n`)
}

async function finishReader(reader: Reader): Promise<void> {
  const { response } = reader
  if (response.destroyed) return
  await new Promise<void>((resolve) => {
    setTimeout(resolve, LAST_REPORT_MS).unref()
    response.on('close', resolve)
    write(reader, true)
    response.end(resolve)
  })
}

async function changeRate(
  load: Load,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const body = await readJson(request, MAX_BODY).catch(() => null)
  const rate = typeof body === 'object' && body !== null && 'rate' in body ? body.rate : null
  if (typeof rate !== 'number' || !(rate >= 0 && rate <= LARGEST_RATE)) {
    sendJson(response, { error: `rate must be a number from 0 to ${LARGEST_RATE}` }, 400)
    return
  }
  load.setRate(rate)
  sendJson(response, { rate })
}

/** Serves `load` on `address`; vegeta's metrics are those of the last `metricsMs`. Rejects when it cannot listen. */
export async function serveLoadbot(
  load: Load,
  reports: Reports,
  address: string,
  port: number,
  {
    metricsMs = 1000,
    target,
    trace,
  }: { metricsMs?: number; target?: LoadTarget; trace: () => Promise<TracedRequest> },
): Promise<LoadbotServer> {
  const readers = new Set<Reader>()
  let secondAt = performance.now()

  const seconds = setInterval(() => {
    const now = performance.now()
    reports.tick(new Date(), (now - secondAt) / 1000)
    secondAt = now
  }, metricsMs)
  const streams = setInterval(() => {
    for (const reader of readers) write(reader, false)
  }, REPORT_MS)

  const server = await serveRoutes(
    {
      'GET /': (_request, response) => sendJson(response, reports.vegeta()),
      'GET /report': (_request, response) =>
        sendJson(response, {
          ...reports.count(false),
          target,
          rate: load.rate,
          slipped: load.slipped,
          connections: load.openConnections,
          servers: [...load.ledger.servers.values()],
        }),
      'GET /-/ready': (_request, response) => sendJson(response, { ready: true }),
      'POST /trace': async (_request, response) => sendJson(response, await trace()),
      'POST /rate': (request, response) => changeRate(load, request, response),
      'GET /stream': (_request, response, url) => {
        const reader = { response, ...reports.reader(url.searchParams.get('epoch') ?? '') }
        response.writeHead(200, { 'Content-Type': 'application/x-ndjson' })
        readers.add(reader)
        response.on('close', () => readers.delete(reader))
        write(reader, false)
      },
    },
    address,
    port,
  )
  return {
    port: server.port,
    finish: async () => {
      clearInterval(seconds)
      clearInterval(streams)
      await Promise.all([...readers].map(finishReader))
      server.close()
    },
  }
}
