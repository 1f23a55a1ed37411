// What the aggregator serves: frames to whoever reads along, and everything else on request.
import http from 'node:http'
import { sendJson, serveRoutes } from '../json-server.ts'
import { REPORT_MS } from '../stream.ts'
import type { LoadFrame } from '../../../shared/load.ts'
import type { BotAddress } from './bot-reader.ts'
import type { Bots } from './bots.ts'
import { prometheusText } from './prometheus.ts'
import type { Tally } from './tally.ts'

const SCRAPE_MS = 1000
const MAX_SCRAPE = 1024 * 1024

/** What a loadbot answers at `/`; null when it does not. */
async function scrape({ host, port }: BotAddress): Promise<unknown> {
  return new Promise((resolve) => {
    const request = http.get({ host, port, path: '/', agent: false, timeout: SCRAPE_MS })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(null))
    request.on('close', () => resolve(null))
    request.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text += part
        if (text.length > MAX_SCRAPE) response.destroy()
      })
      response.on('error', () => resolve(null))
      response.on('end', () => {
        try {
          resolve(JSON.parse(text))
        } catch {
          resolve(null)
        }
      })
    })
  })
}

/** Serves frames of `tally`, ten a second; rejects when it cannot listen. */
export async function serveAggregator(
  tally: Tally,
  bots: Bots,
  address: string,
  port: number,
): Promise<{ port: number; close: () => void }> {
  const readers = new Set<http.ServerResponse>()
  let last: LoadFrame = tally.frame(Date.now(), [])
  const timer = setInterval(() => {
    last = tally.frame(Date.now(), bots.unreachable())
    if (readers.size === 0) return
    const line = Buffer.from(`${JSON.stringify(last)}\n`)
    // A slow reader skips frames: each says everything, so it misses moments, not counts.
    for (const reader of readers) if (!reader.writableNeedDrain) reader.write(line)
  }, REPORT_MS)

  const server = await serveRoutes(
    {
      'GET /': async (_request, response) => {
        const metrics = await Promise.all(bots.addresses().map(scrape))
        sendJson(
          response,
          metrics.filter((one) => one !== null),
        )
      },
      'GET /report': (_request, response) => sendJson(response, last),
      'GET /-/ready': (_request, response) => sendJson(response, { ready: true }),
      'GET /metrics': (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' })
        response.end(prometheusText(last))
      },
      'GET /frames': (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'application/x-ndjson' })
        response.write(`${JSON.stringify(last)}\n`)
        readers.add(response)
        response.on('close', () => readers.delete(response))
      },
    },
    address,
    port,
  )
  return {
    port: server.port,
    close: () => {
      clearInterval(timer)
      for (const reader of readers) reader.end()
      server.close()
    },
  }
}
