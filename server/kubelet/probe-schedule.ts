// When a probe runs and what its outcomes add up to (kubelet: prober/worker.go). Pure.
import type { Probe } from '../../shared/kubernetes/pod.ts'

export type ProbeKind = 'startup' | 'readiness' | 'liveness'

/** Until its first success a readiness or startup probe is retried this often, so that a fast start is seen fast. */
const EAGER_EVERY_MS = 100
/** … for this long; then less often, and never less often than its period. */
const EAGER_FOR_MS = 5_000
const PATIENT_EVERY_MS = 500
const PATIENT_FOR_MS = 30_000

/** Where a probe stands. Times are ms since the epoch. */
export interface ProbeState {
  readonly kind: ProbeKind
  /** When the container began to be probed. */
  readonly since: number
  /** The last outcome that was counted, or the end of the initial delay. */
  readonly countedAt: number
  readonly succeededOnce: boolean
  readonly last: 'success' | 'failure' | undefined
  /** Counted outcomes in a row equal to `last`. */
  readonly run: number
  readonly nextAt: number
}

export interface ProbeStep {
  state: ProbeState
  /** Set when a threshold is reached; repeated while the outcome stays. */
  verdict: 'success' | 'failure' | undefined
  /** This outcome counts and is worth an event when it is a failure. */
  counted: boolean
}

/** The state before the first run of a probe at `now`. */
export function firstProbe(kind: ProbeKind, probe: Probe, now: number): ProbeState {
  const begin = now + (probe.initialDelaySeconds ?? 0) * 1000
  return {
    kind,
    since: begin,
    countedAt: begin,
    succeededOnce: false,
    last: undefined,
    run: 0,
    // A liveness probe that finds nothing yet would only say so: it first runs one period later.
    nextAt: kind === 'liveness' ? begin + periodMs(probe) : begin,
  }
}

/** Takes one outcome at `now`. */
export function afterProbe(
  state: ProbeState,
  probe: Probe,
  success: boolean,
  now: number,
): ProbeStep {
  const outcome = success ? 'success' : 'failure'
  const eager = state.kind !== 'liveness' && !state.succeededOnce
  // Eager retries do not bring a threshold of failures nearer: only one failure a period counts.
  if (eager && !success && now - state.countedAt < periodMs(probe)) {
    return {
      state: { ...state, nextAt: now + eagerPause(state, probe, now) },
      verdict: undefined,
      counted: false,
    }
  }
  const run = state.last === outcome ? state.run + 1 : 1
  const threshold = success ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3)
  const succeededOnce = state.succeededOnce || success
  const pause = eager && !success ? eagerPause(state, probe, now) : periodMs(probe)
  return {
    state: { ...state, countedAt: now, last: outcome, run, succeededOnce, nextAt: now + pause },
    verdict: run >= threshold ? outcome : undefined,
    counted: true,
  }
}

function eagerPause(state: ProbeState, probe: Probe, now: number): number {
  const waited = now - state.since
  if (waited < EAGER_FOR_MS) return Math.min(EAGER_EVERY_MS, periodMs(probe))
  if (waited < PATIENT_FOR_MS) return Math.min(PATIENT_EVERY_MS, periodMs(probe))
  return periodMs(probe)
}

function periodMs(probe: Probe): number {
  return Math.max(1, probe.periodSeconds ?? 10) * 1000
}
