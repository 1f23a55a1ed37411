import { expect, test } from 'vitest'
import type { Probe } from '../../shared/kubernetes/pod.ts'
import type { ProbeKind } from './probe-schedule.ts'
import { afterProbe, firstProbe } from './probe-schedule.ts'

/** Runs a probe whose outcome depends on the time since its start; answers verdicts with the time they came. */
function run(
  kind: ProbeKind,
  probe: Probe,
  outcome: (ms: number) => boolean,
  untilMs: number,
): [number, string][] {
  let state = firstProbe(kind, probe, 0)
  const verdicts: [number, string][] = []
  while (state.nextAt <= untilMs) {
    const now = state.nextAt
    const step = afterProbe(state, probe, outcome(now), now)
    state = step.state
    if (step.verdict && verdicts.at(-1)?.[1] !== step.verdict) verdicts.push([now, step.verdict])
  }
  return verdicts
}

test('a pod that starts in 50 ms is seen ready at the next eager retry', () => {
  expect(run('readiness', { periodSeconds: 10 }, (ms) => ms >= 50, 1000)).toEqual([
    [100, 'success'],
  ])
})

test('eager retries do not use up the failures of a startup probe', () => {
  const probe = { periodSeconds: 1, failureThreshold: 3 }
  expect(run('startup', probe, () => false, 10_000)[0]).toEqual([3000, 'failure'])
  expect(run('startup', probe, (ms) => ms >= 2950, 10_000)[0]).toEqual([3000, 'success'])
})

test('readiness is lost after failureThreshold periods and regained after successThreshold', () => {
  const probe = { periodSeconds: 2, failureThreshold: 3, successThreshold: 2 }
  const verdicts = run('readiness', probe, (ms) => ms < 10_000 || ms >= 20_000, 40_000)
  expect(verdicts).toEqual([
    [2000, 'success'],
    [14_000, 'failure'],
    [22_000, 'success'],
  ])
})

test('liveness waits for its delay, then fails after failureThreshold periods', () => {
  const probe = { initialDelaySeconds: 5, periodSeconds: 1, failureThreshold: 2 }
  expect(run('liveness', probe, () => false, 20_000)[0]).toEqual([7000, 'failure'])
})

test('one success between failures starts the count again', () => {
  const probe = { periodSeconds: 1, failureThreshold: 2 }
  expect(run('liveness', probe, (ms) => (ms / 1000) % 2 === 0, 20_000)).toEqual([[2000, 'success']])
})
