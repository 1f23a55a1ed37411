// Runs the probes of one running container by their schedule.
import type { Container, Probe } from '../../shared/kubernetes/pod.ts'
import type { Clock, Timer } from '../machinery/clock.ts'
import type { HandlerTarget } from './handler.ts'
import { runProbe } from './handler.ts'
import type { ProbeKind, ProbeState } from './probe-schedule.ts'
import { afterProbe, firstProbe } from './probe-schedule.ts'

export interface ProberEvents {
  /** The startup probe has passed; at once when there is none. */
  started: () => void
  ready: (ready: boolean) => void
  /** A liveness or startup probe reached its threshold of failures. */
  failed: (kind: ProbeKind, probe: Probe) => void
  /** A failure that counts, with its text: `Readiness probe failed: …`. */
  unhealthy: (message: string) => void
}

/** Probes a container until closed. */
export class Prober {
  readonly #target: HandlerTarget
  readonly #clock: Clock
  readonly #events: ProberEvents
  readonly #timers = new Map<ProbeKind, Timer>()
  #closed = false

  constructor(target: HandlerTarget, clock: Clock, events: ProberEvents) {
    this.#target = target
    this.#clock = clock
    this.#events = events
  }

  start(): void {
    const { startupProbe } = this.#container
    if (startupProbe) this.#begin('startup', startupProbe)
    else this.#afterStartup()
  }

  /** From now on only readiness matters: what is being stopped is not restarted. */
  stopRestarting(): void {
    this.#cancel('startup')
    this.#cancel('liveness')
  }

  close(): void {
    this.#closed = true
    for (const timer of this.#timers.values()) timer.cancel()
    this.#timers.clear()
  }

  get #container(): Container {
    return this.#target.container
  }

  #cancel(kind: ProbeKind): void {
    this.#timers.get(kind)?.cancel()
    this.#timers.delete(kind)
  }

  /** Liveness and readiness begin when the container has started. */
  #afterStartup(): void {
    this.#events.started()
    const { readinessProbe, livenessProbe } = this.#container
    if (readinessProbe) this.#begin('readiness', readinessProbe)
    else this.#events.ready(true)
    if (livenessProbe) this.#begin('liveness', livenessProbe)
  }

  #begin(kind: ProbeKind, probe: Probe): void {
    this.#arm(probe, firstProbe(kind, probe, this.#clock.now()))
  }

  #arm(probe: Probe, state: ProbeState): void {
    if (this.#closed) return
    const wait = Math.max(0, state.nextAt - this.#clock.now())
    this.#timers.set(
      state.kind,
      this.#clock.after(wait, () => void this.#run(probe, state)),
    )
  }

  async #run(probe: Probe, before: ProbeState): Promise<void> {
    const timer = this.#timers.get(before.kind)
    const outcome = await runProbe(probe, this.#target)
    // Closed, or no longer asked for, while it ran.
    if (this.#closed || this.#timers.get(before.kind) !== timer) return
    const { state, verdict, counted } = afterProbe(
      before,
      probe,
      outcome.success,
      this.#clock.now(),
    )
    if (!outcome.success && counted) {
      const name = state.kind[0]!.toUpperCase() + state.kind.slice(1)
      this.#events.unhealthy(`${name} probe failed: ${outcome.message}`)
    }
    if (verdict && this.#settle(state.kind, verdict, probe)) return
    this.#arm(probe, state)
  }

  /** Acts on a verdict; true when this probe is done for good. */
  #settle(kind: ProbeKind, verdict: 'success' | 'failure', probe: Probe): boolean {
    if (kind === 'readiness') {
      this.#events.ready(verdict === 'success')
      return false
    }
    if (verdict === 'failure') {
      this.#events.failed(kind, probe)
      return true
    }
    if (kind === 'startup') this.#afterStartup()
    return kind === 'startup'
  }
}
