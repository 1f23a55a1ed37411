// The userspace service proxy: a process of its own, so that traffic and control plane do not slow each other.
// It takes its table from its parent and ends when its parent does.
import { systemClock } from '../machinery/clock.ts'
import { Forwarder } from './forwarder.ts'
import type { FromProxy, ToProxy } from './proxy-messages.ts'

const COUNTS_EVERY_MS = 1000
const QUIET_MS = 1500
const LEAVE_AT_MOST_MS = 6000
const LINGER_MS = 3000

const forwarder = new Forwarder(systemClock)

function tell(message: FromProxy): void {
  if (process.connected) process.send?.(message)
}

async function program({ version, changes, nodes }: ToProxy & { type: 'program' }): Promise<void> {
  for (const key of changes.remove) forwarder.remove(key)
  const failures = await Promise.all(changes.set.map((route) => forwarder.set(route, nodes)))
  tell({ type: 'programmed', version, failures: failures.flat() })
}

// Connections may still be on their way here when others have taken over: a first packet that was lost comes again after a
// second (RFC 6298). So it goes on listening until none has come for longer than that.
function leave(leftMs = LEAVE_AT_MOST_MS): void {
  const { accepted } = forwarder.counts
  systemClock.after(QUIET_MS, () => {
    const more = forwarder.counts.accepted > accepted
    if (more && leftMs > QUIET_MS) leave(leftMs - QUIET_MS)
    else endConnections()
  })
}

function endConnections(): void {
  forwarder.close()
  void forwarder.retire().then(() => process.exit(0))
  // Bounded, because a client may never close its side.
  systemClock.after(LINGER_MS, () => process.exit(0))
}

// One table after the other: a listener that is being closed must be gone before it is opened again.
let programming = Promise.resolve()
process.on('message', (message: ToProxy) => {
  if (message.type === 'leave') leave()
  else programming = programming.then(() => program(message))
})
process.on('disconnect', () => process.exit(0))
// Ctrl-C reaches the whole group; the parent decides when the proxy ends.
process.on('SIGINT', () => {})
function tellCounts(): void {
  tell({ type: 'counts', counts: forwarder.counts })
  systemClock.after(COUNTS_EVERY_MS, tellCounts)
}
tellCounts()
