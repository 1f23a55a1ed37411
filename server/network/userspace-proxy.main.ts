// The userspace service proxy: a process of its own, so that traffic and control plane do not slow each other.
// It takes its table from its parent and ends when its parent does.
import { systemClock } from '../machinery/clock.ts'
import { Forwarder } from './forwarder.ts'
import type { FromProxy, ToProxy } from './proxy-messages.ts'

const COUNTS_EVERY_MS = 1000
const QUIET_MS = 1500
const LISTEN_AT_MOST_MS = 6000
const LOOK_EVERY_MS = 1000
const END_AT_MOST_MS = 10_000
const LINGER_MS = 3000

const forwarder = new Forwarder(systemClock)
/** Counts what was asked for: a leave that is no longer the last thing is given up. */
let order = 0
let leaving = false

function tell(message: FromProxy): void {
  if (process.connected) process.send?.(message)
}

async function program({ version, changes, nodes }: ToProxy & { type: 'program' }): Promise<void> {
  for (const key of changes.remove) forwarder.remove(key)
  const failures = await Promise.all(changes.set.map((route) => forwarder.set(route, nodes)))
  tell({ type: 'programmed', version, failures: failures.flat() })
}

function stay({ changes }: ToProxy & { type: 'program' }): void {
  order++
  if (leaving) forwarder.keep(new Set(changes.set.map(({ key }) => key)))
  leaving = false
}

/** Listens until nobody comes any more, ends what is open in good order, exits. */
async function leave(): Promise<void> {
  const mine = ++order
  leaving = true
  const isOver = (): boolean => mine !== order
  await untilNobodyComes(isOver)
  if (isOver()) return
  forwarder.close()
  // Most connections end by themselves; those with traffic are given time to.
  await untilAllEnded(END_AT_MOST_MS, () => {
    if (!isOver()) forwarder.retire('quiet')
  })
  if (isOver()) return
  // Bounded, because a client may never close its side.
  forwarder.retire('all')
  await untilAllEnded(LINGER_MS, () => {})
  if (!isOver()) process.exit(0)
}

// Connections may still be on their way here when others have taken over: a first packet that was lost comes again after a
// second (RFC 6298).
async function untilNobodyComes(isOver: () => boolean): Promise<void> {
  for (let left = LISTEN_AT_MOST_MS; left > 0 && !isOver(); left -= QUIET_MS) {
    const { accepted } = forwarder.counts
    await pause(QUIET_MS)
    if (forwarder.counts.accepted === accepted) return
  }
}

async function untilAllEnded(atMostMs: number, meanwhile: () => void): Promise<void> {
  for (let left = atMostMs; left > 0 && forwarder.counts.open > 0; left -= LOOK_EVERY_MS) {
    await pause(LOOK_EVERY_MS)
    meanwhile()
  }
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => systemClock.after(ms, resolve))

// One table after the other: a listener that is being closed must be gone before it is opened again.
let programming = Promise.resolve()
process.on('message', (message: ToProxy) => {
  if (message.type === 'leave') void leave()
  else {
    stay(message)
    programming = programming.then(() => program(message))
  }
})
process.on('disconnect', () => process.exit(0))
// Ctrl-C reaches the whole group; the parent decides when the proxy ends.
process.on('SIGINT', () => {})
function tellCounts(): void {
  tell({ type: 'counts', counts: forwarder.counts })
  systemClock.after(COUNTS_EVERY_MS, tellCounts)
}
tellCounts()
