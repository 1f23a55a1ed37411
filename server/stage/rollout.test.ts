import { expect, test } from 'vitest'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import type { Deployment } from '../../shared/kubernetes/workloads.ts'
import type { RolloutView } from '../../shared/stage.ts'
import { rolloutView } from './rollout.ts'
import { previousSet } from './rolloutSets.ts'
import type { SetWithPods } from './rolloutSets.ts'
import { crashed, deployment, pod, replicaSet } from './testing/objects.ts'

const now = Date.parse('2025-01-01T00:10:00Z')

/** `count` pods of a version, the first `ready` of them ready. */
function many(version: string, count: number, ready = count): Pod[] {
  return Array.from({ length: count }, (_, index) =>
    pod({ name: `${version}-${index}`, version, ready: index < ready }),
  )
}

/** The sets of a demo that went v1, v2, v3. */
function sets(podsBy: Record<string, Pod[]>): SetWithPods[] {
  return Object.entries(podsBy).map(([version, pods]) => ({
    set: replicaSet(version, Number(version.slice(1))),
    pods,
  }))
}

const view = (
  wanted: Deployment,
  podsBy: Record<string, Pod[]>,
  previous?: RolloutView,
  at = now,
): RolloutView => rolloutView(wanted, sets(podsBy), previous, at)

test('all pods of the present template ready: steady, nothing to say', () => {
  expect(view(deployment('v2', 3), { v1: [], v2: many('v2', 3) })).toMatchObject({
    phase: 'steady',
    message: null,
    updated: 3,
    ready: 3,
    available: 3,
    old: 0,
    toVersion: 'v2',
    fromVersion: null,
    previousVersion: 'v1',
    startedAt: null,
    lowestReady: null,
    secondsLeft: null,
    maxSurge: '25%',
    maxUnavailable: '0',
  })
})

test('an update: counts, its beginning, the lowest readiness and the time left', () => {
  const before = view(deployment('v1', 4), { v1: many('v1', 4) })
  const wanted = deployment('v2', 4)
  const begun = view(wanted, { v1: many('v1', 4) }, before)
  expect(begun).toMatchObject({ phase: 'updating', startedAt: now, updated: 0, old: 4 })
  expect(begun).toMatchObject({ fromVersion: 'v1', toVersion: 'v2', lowestReady: 4 })
  const low = view(wanted, { v1: many('v1', 3), v2: many('v2', 1, 0) }, begun, now + 2_000)
  expect(low).toMatchObject({ startedAt: now, lowestReady: 3, secondsLeft: null })
  const half = view(wanted, { v1: many('v1', 2), v2: many('v2', 2) }, low, now + 4_000)
  expect(half).toMatchObject({ lowestReady: 3, secondsLeft: 4, message: '2 of 4 pods run v2.' })
  // The last old pod is gone but a new one is not ready: the update still runs.
  const last = view(wanted, { v1: [], v2: many('v2', 4, 3) }, half, now + 6_000)
  expect(last).toMatchObject({ phase: 'updating', fromVersion: 'v1', startedAt: now, old: 0 })
  const done = view(wanted, { v1: [], v2: many('v2', 4) }, last, now + 8_000)
  expect(done).toMatchObject({ phase: 'steady', startedAt: null, fromVersion: null })
})

test('rolled back half-way the update begins anew, towards the old version', () => {
  const there = view(deployment('v2', 4), { v1: many('v1', 2), v2: many('v2', 2) })
  const back = view(
    deployment('v1', 4),
    { v1: many('v1', 2), v2: many('v2', 2) },
    there,
    now + 5_000,
  )
  expect(back).toMatchObject({
    phase: 'updating',
    fromVersion: 'v2',
    toVersion: 'v1',
    startedAt: now + 5_000,
  })
})

test('other numbers of the same version are scaling, not an update', () => {
  const up = view(deployment('v1', 6), { v1: many('v1', 6, 4) })
  expect(up).toMatchObject({ phase: 'scaling', message: '4 of 6 pods are ready.', startedAt: null })
  const down = view(deployment('v1', 2), { v1: many('v1', 6) })
  expect(down).toMatchObject({ phase: 'scaling', message: 'Going down from 6 to 2 pods.' })
  const none = view(deployment('v1', 0), { v1: [] })
  expect(none.phase).toBe('steady')
})

test('a bad version is said with what still serves', () => {
  const bad = Array.from({ length: 6 }, (_, index) =>
    pod({ name: `v3-${index}`, version: 'v3', ready: false, status: crashed(1) }),
  )
  expect(view(deployment('v3', 60), { v2: many('v2', 60), v3: bad })).toMatchObject({
    phase: 'stuck',
    message: '6 of 6 v3 pods are crash-looping (exit 1). All 60 v2 pods still serve.',
  })
  // Between two crashes the program runs for a moment: that is no progress.
  const again = pod({
    name: 'v3-0',
    version: 'v3',
    ready: false,
    status: { restartCount: 3, lastState: { terminated: { exitCode: 1 } } },
  })
  const mixed = view(deployment('v3', 4), { v2: many('v2', 4, 3), v3: [again] })
  expect(mixed.message).toBe('1 of 1 v3 pods is crash-looping (exit 1). 3 v2 pods still serve.')
  // One crash alone is not a loop yet.
  const once = pod({
    name: 'v3-0',
    version: 'v3',
    ready: false,
    status: { restartCount: 1, lastState: { terminated: { exitCode: 1 } } },
  })
  expect(view(deployment('v3', 4), { v2: many('v2', 4), v3: [once] }).phase).toBe('updating')
})

test('pods that fit nowhere, and pods that never become ready', () => {
  const unplaced = pod({ name: 'x', node: null, ready: false })
  unplaced.status!.conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }]
  expect(view(deployment('v1', 3), { v1: [...many('v1', 2), unplaced] }).message).toBe(
    '1 of 3 v1 pods fits on no node. 2 v1 pods still serve.',
  )
  const late = deployment('v2', 2)
  late.status = {
    observedGeneration: 1,
    conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
  }
  expect(view(late, { v1: many('v1', 2), v2: many('v2', 1, 0) })).toMatchObject({
    phase: 'stuck',
    message: '1 of 1 v2 pods is not becoming ready. All 2 v1 pods still serve.',
  })
})

test('paused is said with what runs', () => {
  const wanted = deployment('v2', 4)
  wanted.spec.paused = true
  expect(view(wanted, { v1: many('v1', 3), v2: many('v2', 1) })).toMatchObject({
    phase: 'paused',
    paused: true,
    message: 'Paused: 1 pod runs v2, 3 pods run v1.',
    secondsLeft: null,
  })
})

test('the template is recognised whatever the order of its keys; stopping pods do not count', () => {
  const wanted = deployment('v1', 1)
  const { metadata, spec } = wanted.spec.template
  wanted.spec.template = { spec: { ...spec }, ...(metadata && { metadata }) }
  const stopping = pod({ name: 'old', deletedAt: '2025-01-01T00:10:05Z' })
  expect(view(wanted, { v1: [...many('v1', 1), stopping] })).toMatchObject({
    updated: 1,
    ready: 1,
    phase: 'steady',
  })
})

test('undo goes to the newest revision of another template', () => {
  const all = sets({ v1: [], v2: [], v3: [] })
  expect(previousSet(deployment('v3', 1), all)?.set.metadata.name).toBe('nginx-v2')
  expect(previousSet(deployment('v1', 1), all)?.set.metadata.name).toBe('nginx-v3')
  expect(previousSet(deployment('v1', 1), sets({ v1: [] }))).toBeUndefined()
})
