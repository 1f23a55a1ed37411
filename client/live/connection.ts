// The one place where the feed enters: a socket whose words go into the stores, and which heals by itself.
import { io } from 'socket.io-client'
import type { Socket } from 'socket.io-client'
import { VIEW_KINDS } from '../../shared/feed.ts'
import type { ClientToServerEvents, ServerToClientEvents, View } from '../../shared/stage.ts'
import { namedLoad } from './load.ts'
import type { Reel } from './reel.ts'
import type { LiveStores } from './stores.ts'
import { withMeasurement } from './stores.ts'

type StageSocket = Socket<ServerToClientEvents, ClientToServerEvents>

export interface ConnectOptions {
  /** Origin of the stage; '' is the page's own. */
  url: string
  /** Keeps what is heard, for looking back. */
  reel?: Reel
  /** Sent with the handshake by programs that have no cookie. */
  token?: string
}

/** The stage speaks at least once a second (its pulse); older than this counts as stale. */
const STALE_AFTER_MS = 1_500
const STALE_CHECK_MS = 500

export interface LiveConnection {
  /** Nobody looks: hears nothing until woken, and what it missed then comes at once. */
  sleep(): void
  wake(): void
  /** Ends it for good. */
  close(): void
}

/** Connects the stores to the stage. */
export function connectLive(stores: LiveStores, options: ConnectOptions): LiveConnection {
  const headers = options.token ? { Authorization: `Bearer ${options.token}` } : undefined
  const socket: StageSocket = io(options.url, {
    transports: ['websocket'],
    reconnectionDelay: 200,
    reconnectionDelayMax: 2_000,
    timeout: 5_000,
    ...(headers && { extraHeaders: headers }),
  })
  const rest = { isAsleep: false }
  const pulse = watchPulse(stores, rest)
  feedInto(socket, stores, pulse.heard, options.reel)
  followStatus(socket, stores, { ...options, headers }, rest)
  return {
    sleep() {
      rest.isAsleep = true
      socket.disconnect()
    },
    wake() {
      if (!rest.isAsleep) return
      rest.isAsleep = false
      // What is on the screen was right when the tab went out of sight; the next word is a moment away.
      pulse.heard()
      socket.connect()
    },
    close() {
      pulse.stop()
      socket.disconnect()
    },
  }
}

function feedInto(
  socket: StageSocket,
  stores: LiveStores,
  heard: (at?: number) => void,
  reel: Reel | undefined,
): void {
  const { feed, load, history, info } = stores
  const picture = () => ({
    run: feed.resumePoint()?.run ?? '',
    views: VIEW_KINDS.flatMap((kind): View[] => [...feed.list(kind)]),
  })
  const subscribe = (): void => void socket.emit('subscribe', feed.resumePoint())
  let awaitingReset = false
  socket.on('connect', () => {
    awaitingReset = false
    subscribe()
  })
  socket.on('info', (said) => {
    heard()
    info.setState({ info: said })
  })
  socket.on('reset', (reset) => {
    heard(reset.at)
    awaitingReset = false
    feed.reset(reset)
    reel?.reset(reset)
  })
  socket.on('batch', (batch) => {
    heard(batch.at)
    // Once is enough: the answer to it is a reset or the missing batches.
    const outcome = feed.apply(batch)
    if (outcome === 'applied') reel?.batch(batch, picture)
    const isGap = outcome === 'gap'
    if (isGap && !awaitingReset) subscribe()
    awaitingReset = isGap
  })
  socket.on('history', (said) => {
    reel?.history(said)
    history.setState({ history: said })
  })
  socket.on('load', (update) => {
    heard(update.at)
    reel?.load(update)
    const named = namedLoad(update, feed.getAll('pod').values())
    load.setState({ load: named })
    history.setState(({ history }) => ({ history: withMeasurement(history, named) }))
  })
  socket.io.on('ping', () => heard())
}

/** Whether nobody looks at the page. */
interface Rest {
  isAsleep: boolean
}

/** Keeps `staleMs` and the clock offset: the offset is the largest seen, for the least delayed message is nearest. */
function watchPulse(
  { connection }: LiveStores,
  rest: Rest,
): {
  heard: (at?: number) => void
  stop: () => void
} {
  let lastHeard = Date.now()
  let offset = Number.NEGATIVE_INFINITY
  const heard = (at?: number): void => {
    lastHeard = Date.now()
    if (connection.getState().staleMs !== 0) connection.setState({ staleMs: 0 })
    if (at === undefined || at - lastHeard <= offset) return
    offset = at - lastHeard
    connection.setState({ clockOffsetMs: offset })
  }
  const timer = setInterval(() => {
    const age = Date.now() - lastHeard
    if (age > STALE_AFTER_MS && !rest.isAsleep) connection.setState({ staleMs: age })
  }, STALE_CHECK_MS)
  return { heard, stop: () => clearInterval(timer) }
}

function followStatus(
  socket: StageSocket,
  { connection }: LiveStores,
  { url, headers }: ConnectOptions & { headers: Record<string, string> | undefined },
  rest: Rest,
): void {
  let wasLive = false
  const lost = (): void => {
    if (rest.isAsleep || connection.getState().status === 'refused') return
    connection.setState({ status: wasLive ? 'reconnecting' : 'connecting' })
  }
  socket.on('connect', () => {
    wasLive = true
    connection.setState({ status: 'live', reason: null, staleMs: 0 })
  })
  socket.on('disconnect', (cause) => {
    lost()
    // After the server's own goodbye socket.io waits to be asked; the stage may be restarting.
    if (cause === 'io server disconnect') socket.connect()
  })
  socket.on('connect_error', () => {
    lost()
    // A refused handshake looks like any other failure to a WebSocket, so ask in plain HTTP.
    void fetch(`${url}/api/info`, headers ? { headers } : undefined).then(
      (response) => {
        if (response.status === 401 || response.status === 403) {
          const reason = 'This browser has no valid access token. Open the link the terminal shows.'
          connection.setState({ status: 'refused', reason })
        } else if (connection.getState().status === 'refused') {
          connection.setState({ status: 'reconnecting', reason: null })
        }
      },
      () => undefined,
    )
  })
}
