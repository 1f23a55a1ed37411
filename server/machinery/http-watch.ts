// A watch over HTTP: one JSON event a line on a response that stays open.
import type { IncomingMessage } from 'node:http'
import type { Watching } from '../../shared/client.ts'
import type { Status } from '../../shared/status.ts'
import { unavailable } from '../../shared/status.ts'
import type { WatchEvent } from '../../shared/watch.ts'
import type { HttpConnection } from './http-connection.ts'
import { statusError } from './http-connection.ts'

/** Opens the watch at `path` and hands its events on until it ends. An ERROR event rejects `done` with its Status. */
export function watchOver(
  connection: HttpConnection,
  path: string,
  onEvent: (event: WatchEvent) => void,
): Watching {
  const ending = new AbortController()
  const run = async (): Promise<void> => {
    const response = await connection.open({ path, signal: ending.signal })
    if ((response.statusCode ?? 0) >= 400) throw await connection.errorOf(response)
    for await (const line of lines(response)) {
      if (ending.signal.aborted) return
      onEvent(eventOf(line))
    }
  }
  const done = run().catch((error: unknown) => {
    if (!ending.signal.aborted) throw error
  })
  // Whoever does not look at `done` must not bring the process down.
  done.catch(() => {})
  return { done, close: () => ending.abort() }
}

function eventOf(line: string): WatchEvent {
  let event: WatchEvent | { type: 'ERROR'; object: Partial<Status> }
  try {
    event = JSON.parse(line) as typeof event
  } catch {
    throw unavailable('a watch event is not JSON')
  }
  if (event.type === 'ERROR') throw statusError(event.object, event.object.code ?? 500, line)
  return event
}

async function* lines(response: IncomingMessage): AsyncGenerator<string> {
  let rest: Buffer[] = []
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      let start = 0
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
        const line = Buffer.concat([...rest, chunk.subarray(start, end)]).toString()
        rest = []
        start = end + 1
        if (line.trim() !== '') yield line
      }
      if (start < chunk.length) rest.push(chunk.subarray(start))
    }
  } catch (error) {
    // A connection that breaks off ends a watch like a server that closes it: the next one resumes.
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error
  }
}
