// How a container is stopped: out of traffic → preStop → stop signal → grace → SIGKILL.
import type { Clock } from '../machinery/clock.ts'
import type { PodScope, Run } from './container-run.ts'
import { targetOf } from './container-run.ts'
import type { Outcome } from './outcome.ts'
import { runHandler } from './handler.ts'

export interface StopOrder {
  /** When SIGKILL falls due, in ms since the epoch. */
  killAt: number
  /** Resolves when the pod is out of traffic, or when nobody waits for that any longer. */
  outOfTraffic: Promise<unknown>
  hookFailed: (message: string) => void
}

/** After a preStop hook used up the grace period the process still gets this long (kuberuntime_container.go). */
const LEAST_AFTER_HOOK_MS = 2_000

/** Stops a run and resolves when it has ended. */
export async function stopRun(scope: PodScope, run: Run, order: StopOrder): Promise<void> {
  const { runtime, deps } = scope.context
  const kill = killTimer(deps.clock, order.killAt, () => runtime.signal(run.id, 'kill'))
  run.hurry = (killAt) => kill.bringForward(killAt)
  try {
    const preStop = run.spec.lifecycle?.preStop
    await Promise.race([order.outOfTraffic, run.ended])
    if (preStop) {
      kill.hold()
      const outcome = await Promise.race([
        runHook(preStop, scope, run, kill.left()),
        run.ended.then((): Outcome => ({ success: true, message: '' })),
      ])
      if (!outcome.success) order.hookFailed(outcome.message)
      kill.release(LEAST_AFTER_HOOK_MS)
    }
    runtime.signal(run.id, 'stop')
    await run.ended
  } finally {
    kill.cancel()
    run.hurry = undefined
  }
}

/** A hook: what probes can do too, or sleeping. Never rejects. */
export async function runHook(
  hook: NonNullable<NonNullable<Run['spec']['lifecycle']>['preStop']>,
  scope: PodScope,
  run: Run,
  timeoutMs: number,
): Promise<Outcome> {
  if (!hook.sleep) return runHandler(hook, targetOf(scope, run), timeoutMs)
  const { clock } = scope.context.deps
  const asked = hook.sleep.seconds * 1000
  await new Promise<void>((resolve) => {
    clock.after(Math.min(asked, timeoutMs), resolve)
  })
  return { success: true, message: '' }
}

interface KillTimer {
  left(): number
  bringForward(killAt: number): void
  /** While a hook runs the deadline is the hook's; it moves only forward. */
  hold(): void
  release(atLeastMs: number): void
  cancel(): void
}

function killTimer(clock: Clock, firstKillAt: number, kill: () => void): KillTimer {
  let killAt = firstKillAt
  let timer = clock.after(Math.max(0, killAt - clock.now()), kill)
  const set = (at: number): void => {
    killAt = at
    timer.cancel()
    timer = clock.after(Math.max(0, at - clock.now()), kill)
  }
  return {
    left: () => Math.max(0, killAt - clock.now()),
    bringForward: (at) => {
      if (at < killAt) set(at)
    },
    hold: () => timer.cancel(),
    release: (atLeastMs) => set(Math.max(killAt, clock.now() + atLeastMs)),
    cancel: () => timer.cancel(),
  }
}
