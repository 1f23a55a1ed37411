// What failed, by whom and when: the newest records, for as long as somebody may want to hear of them.
import type { FailureCause, FailureRecord } from '../../../shared/load.ts'

/** A record as the loadbot keeps it, by its own clock; whose it is and when that was is added when it is told. */
export type Failure = Omit<FailureRecord, 'run' | 'bot'>

/** Older ones are forgotten: the counts stay exact, only their stories end. */
const MAX_KEPT = 256
/** Failures of one cause and server that follow each other this closely (ms) are one record. */
const TOGETHER_MS = 50

/** Where a request was when it failed: on a connection that was made then, and answered last by this server. */
export interface Place {
  pod: string
  version: string
  connectedAt: number | null
}

const NOWHERE: Place = { pod: '', version: '', connectedAt: null }

/** The newest failures, oldest first. Times are milliseconds of one clock. */
export class FailureLog {
  private readonly kept: Failure[] = []
  private seq = 0
  /** Up to here records have been told, and do not change any more. */
  private toldSeq = 0

  add(cause: FailureCause, count: number, at: number, place: Place = NOWHERE): void {
    if (count === 0) return
    const last = this.kept.at(-1)
    const isSame =
      last?.cause === cause &&
      last.pod === place.pod &&
      last.connectedAt === place.connectedAt &&
      at - last.at < TOGETHER_MS
    if (isSame && last.seq > this.toldSeq) {
      last.count += count
      return
    }
    this.seq += 1
    const { pod, version, connectedAt } = place
    this.kept.push({ seq: this.seq, at, cause, count, pod, version, connectedAt })
    if (this.kept.length > MAX_KEPT) this.kept.shift()
  }

  /** Those after `seq`. */
  after(seq: number): Failure[] {
    this.toldSeq = this.seq
    return this.kept.filter((failure) => failure.seq > seq)
  }
}
