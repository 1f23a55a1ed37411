// Every request is in exactly one place: answered, failed or in flight.
import { FAILURE_CAUSES, type FailureCause, type FailureCounts } from '../../../shared/load.ts'
import { Histogram } from '../../../shared/histogram.ts'
import { FailureLog } from './failure-log.ts'

/** Answers one server gave since the loadbot started. */
export interface ServerCount {
  pod: string
  version: string
  answered: number
}

/** The counts of one loadbot. In flight is what remains, so sent = answered + failed + inFlight always holds. */
export class Ledger {
  sent = 0
  answered = 0
  failedTotal = 0
  readonly failed: FailureCounts = Object.fromEntries(
    FAILURE_CAUSES.map((cause) => [cause, 0]),
  ) as FailureCounts
  retried = 0
  bytesIn = 0
  bytesOut = 0
  /** Microseconds from the moment a request was due to its answer. */
  readonly latencies = new Histogram()
  readonly servers = new Map<string, ServerCount>()
  /** The stories of the newest failures; `failed` has the exact counts of all. */
  readonly failures = new FailureLog()

  /** Requests sent whose outcome is open, those waiting to be resent among them. */
  get inFlight(): number {
    return this.sent - this.answered - this.failedTotal
  }

  fail(cause: FailureCause, count: number): void {
    this.failed[cause] += count
    this.failedTotal += count
  }

  /** The count of a server, by what it calls itself. */
  server(pod: string, version: string): ServerCount {
    const key = `${pod}\n${version}`
    let server = this.servers.get(key)
    if (server === undefined) {
      server = { pod, version, answered: 0 }
      this.servers.set(key, server)
    }
    return server
  }
}
