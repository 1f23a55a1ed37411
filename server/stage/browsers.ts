// The browsers: each is brought up to the feed's position once a frame, as long as it keeps up. One that does not is
// left alone until its buffer is empty, and then gets what it missed or a reset: nothing is queued without bound.
import type { Server as HttpServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { Server } from 'socket.io'
import type { Socket } from 'socket.io'
import type {
  ClientToServerEvents,
  LoadUpdate,
  LoadView,
  ServerToClientEvents,
  StageInfo,
} from '../../shared/stage.ts'
import type { Clock } from '../machinery/clock.ts'
import type { Running } from '../machinery/room.ts'
import type { Feed } from './feed.ts'

/** Changes are gathered for one browser frame. */
const FRAME_MS = 16
/** More than this waiting for the network, or more messages waiting for the socket, and a browser does not keep up. */
const MAX_BUFFERED_BYTES = 1_000_000
const MAX_WAITING_MESSAGES = 8
/** A dead connection is noticed within this and the timeout; the ping is also the stage's pulse. */
const PING_INTERVAL_MS = 1_000
const PING_TIMEOUT_MS = 6_000
/** What a browser sends is a position: no message of it is longer. */
const MAX_MESSAGE_BYTES = 4_096

type StageServer = Server<ClientToServerEvents, ServerToClientEvents>
type StageSocket = Socket<ClientToServerEvents, ServerToClientEvents>

export interface BrowserDeps {
  feed: Feed
  clock: Clock
  info: StageInfo
  history: () => LoadView[]
  /** May this handshake come in? */
  admits: (request: IncomingMessage) => boolean
}

export interface Browsers extends Running {
  /** Tells the load to all that keep up; it is never queued, for the next one replaces it. */
  tellLoad(load: LoadUpdate): void
}

interface Browser {
  socket: StageSocket
  /** Up to where it has been told; undefined: nothing yet, it needs a reset. */
  position: number | undefined
}

/** Answers browsers on `http`. */
export function startBrowsers(http: HttpServer, deps: BrowserDeps): Browsers {
  const server = listen(http, deps)
  const subscribed = new Map<string, Browser>()
  const frames = runFrames(deps, () => [...subscribed.values()].filter(isBehind))
  const isBehind = ({ position }: Browser): boolean => position !== deps.feed.position

  server.on('connection', (socket) => {
    socket.emit('info', deps.info)
    socket.emit('history', deps.history())
    socket.on('subscribe', (from: unknown) => {
      subscribed.set(socket.id, { socket, position: resumable(deps.feed, from) })
      frames.request()
    })
    socket.on('disconnect', () => subscribed.delete(socket.id))
  })
  deps.feed.onNews(frames.request)
  return {
    tellLoad(load) {
      for (const { socket, position } of subscribed.values()) {
        // Before its first reset a browser knows no pods to give the rates to.
        if (position !== undefined && keepsUp(socket)) {
          socket.emit('load', load)
        }
      }
    },
    async close() {
      frames.stop()
      await server.close()
    },
  }
}

function listen(http: HttpServer, deps: BrowserDeps): StageServer {
  return new Server(http, {
    serveClient: false,
    // Upgrades that are not the feed's may be the door's.
    destroyUpgrade: false,
    transports: ['websocket'],
    pingInterval: PING_INTERVAL_MS,
    pingTimeout: PING_TIMEOUT_MS,
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    allowRequest: (request, answer) => answer(null, deps.admits(request)),
  })
}

/** Runs `behind` once a frame while there is news or somebody lags. */
function runFrames(
  { feed, clock }: BrowserDeps,
  behind: () => Browser[],
): { request: () => void; stop: () => void } {
  let due = false
  let stopped = false
  const schedule = (): void => {
    if (due || stopped) return
    due = true
    clock.after(FRAME_MS, () => {
      due = false
      if (!stopped && !tellAll(feed, behind(), clock.now())) schedule()
    })
  }
  return { request: schedule, stop: () => void (stopped = true) }
}

/** Brings each of them up to date; answers whether all could be. Most are at the same position: one batch serves them. */
function tellAll(feed: Feed, browsers: Browser[], now: number): boolean {
  const batches = new Map<number, ReturnType<Feed['since']>>()
  let all = true
  for (const browser of browsers) {
    if (!keepsUp(browser.socket)) {
      all = false
      continue
    }
    const { position } = browser
    if (position !== undefined && !batches.has(position)) {
      batches.set(position, feed.since(position, now))
    }
    const batch = position === undefined ? undefined : batches.get(position)
    if (batch) browser.socket.emit('batch', batch)
    else browser.socket.emit('reset', feed.reset(now))
    browser.position = feed.position
  }
  return all
}

/** The position a browser may go on from; anything else it sends, well-formed or not, means a fresh start. */
function resumable(feed: Feed, from: unknown): number | undefined {
  if (typeof from !== 'object' || from === null) return undefined
  const { run, position } = from as { run?: unknown; position?: unknown }
  if (typeof run !== 'string' || !feed.isOfThisRun(run)) return undefined
  const isPosition = typeof position === 'number' && Number.isSafeInteger(position) && position >= 0
  return isPosition && position <= feed.position ? position : undefined
}

/** Engine.io hands a message to its transport once the one before is written; the rest waits in `writeBuffer`. */
function keepsUp(socket: StageSocket): boolean {
  const { writeBuffer, transport } = socket.conn as unknown as {
    writeBuffer?: unknown[]
    transport?: { socket?: { bufferedAmount?: number } }
  }
  const waiting = writeBuffer?.length ?? 0
  const bytes = transport?.socket?.bufferedAmount ?? 0
  return waiting <= MAX_WAITING_MESSAGES && bytes < MAX_BUFFERED_BYTES
}
