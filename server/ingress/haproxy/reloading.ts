// When HAProxy is told to read its configuration again. A signal that comes while it is starting or reading is lost, so what
// counts is which configuration it says it goes by. Pure.

/** Longer than reading a configuration takes: what was signalled longer ago was not heard. */
const UNHEARD_MS = 1_000

/** A signal that was sent. */
export interface Signalled {
  /** Milliseconds of any clock. */
  at: number
  /** The worker that answered before. */
  pid: string
}

export interface ReloadState {
  /** Fingerprint of the newest configuration. */
  wanted: string | undefined
  /** What answers; undefined while nothing does. */
  running: { pid: string; fingerprint: string | undefined } | undefined
  signalled: Signalled | undefined
  now: number
}

/** Whether to signal it now. */
export function mustSignal({ wanted, running, signalled, now }: ReloadState): boolean {
  if (wanted === undefined || !running || running.fingerprint === wanted) return false
  const isReading =
    signalled !== undefined && signalled.pid === running.pid && now - signalled.at < UNHEARD_MS
  return !isReading
}
