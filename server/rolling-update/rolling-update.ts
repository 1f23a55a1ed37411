// The rolling update of ReplicationControllers as it was in 2015, done from the client's side: one controller shrinks
// while another grows. All it knows is written on the two, so that whoever comes after a crash can go on.
import type { KubeClient } from '../../shared/client.ts'
import { configMaps, replicationControllers } from '../../shared/kubernetes/kinds.ts'
import type { ReplicationController } from '../../shared/kubernetes/workloads.ts'
import { isAlreadyExists, isNotFound } from '../../shared/status.ts'
import type { Clock } from '../machinery/clock.ts'
import type { Place } from './controllers.ts'
import {
  addDeploymentKey,
  annotate,
  DESIRED_ANNOTATION,
  find,
  findSuccessor,
  ignoreGone,
  likeNew,
  NEXT_ANNOTATION,
  numberOf,
  ORIGINAL_ANNOTATION,
  RollingUpdateError,
  SOURCE_ANNOTATION,
  withImage,
} from './controllers.ts'
import type { Step } from './plan.ts'
import { planStep } from './plan.ts'

export { RollingUpdateError } from './controllers.ts'

export interface RollingUpdateOptions {
  namespace: string
  oldName: string
  /** What replaces it: a manifest, another image, or (rolling back) a controller that is there already. */
  next: { manifest: ReplicationController } | { image: string; container?: string } | 'rollback'
  /** Absent: with an image, the new controller takes the old name in the end. */
  newName?: string
  /** The label that keeps old and new pods apart; default `deployment`. */
  deploymentKey?: string
  /** Rest after each step up, ms. */
  updatePeriodMs: number
  /** Between two looks while waiting, ms. */
  pollIntervalMs: number
  /** How long nothing may move, ms. */
  timeoutMs: number
}

export interface RollingUpdateDeps {
  client: KubeClient
  clock: Clock
  say: (line: string) => void
  /** Stops between two steps; the same update can be begun again later. */
  signal?: AbortSignal
}

/**
 * Replaces one controller by another, pod by pod; resolves when it is done.
 * @throws RollingUpdateError for what makes no sense and for a standstill; ApiError for what the cluster refuses
 */
export async function rollingUpdate(
  options: RollingUpdateOptions,
  deps: RollingUpdateDeps,
): Promise<void> {
  const place: Place = { client: deps.client, namespace: options.namespace }
  const pair = await choosePair(options, place, deps)
  if (pair === 'renamed') return
  await replace(pair, options, place, deps)
  const { oldName, newName, next } = options
  deps.say(`Update succeeded. Deleting ${pair.old}`)
  await remove(place, pair.old, deps)
  const keepsName = next !== 'rollback' && 'image' in next && newName === undefined
  if (keepsName) await rename(place, pair.new, oldName, deps)
  else await annotate(place, pair.new, NO_TRACES)
}

const NO_TRACES = {
  [SOURCE_ANNOTATION]: null,
  [DESIRED_ANNOTATION]: null,
  [ORIGINAL_ANNOTATION]: null,
  [NEXT_ANNOTATION]: null,
}

interface Pair {
  old: string
  new: string
}

async function choosePair(
  options: RollingUpdateOptions,
  place: Place,
  deps: RollingUpdateDeps,
): Promise<Pair | 'renamed'> {
  const { oldName, next, newName } = options
  const { say } = deps
  const old = await find(place, oldName)
  if (!old) return finishRename(oldName, place, deps)
  if (await wasRenamed(place, oldName)) return 'renamed'
  if (next === 'rollback') return swapped(place, old, newName, say)
  const made = 'manifest' in next ? checked(next.manifest, old) : imaged(options, old, next)
  const wanted = newName ?? old.metadata.annotations?.[NEXT_ANNOTATION] ?? made.metadata.name ?? ''
  const going = await find(place, wanted)
  if (going && isReplacing(going, old)) {
    say(`Found existing update in progress (${wanted}), resuming.`)
    say(`Continuing update with existing controller ${wanted}.`)
    return pairUp(place, old, going)
  }
  if ('image' in next) await addDeploymentKey(place, old, options.deploymentKey ?? 'deployment')
  const desired = 'manifest' in next ? (made.spec.replicas ?? 1) : (old.spec.replicas ?? 1)
  return pairUp(place, old, await createNext(place, old, made, desired, say))
}

function isReplacing(going: ReplicationController, old: ReplicationController): boolean {
  const source = going.metadata.annotations?.[SOURCE_ANNOTATION]
  return source === `${old.metadata.name}:${old.metadata.uid}`
}

function imaged(
  { newName, deploymentKey = 'deployment' }: RollingUpdateOptions,
  old: ReplicationController,
  { image, container }: { image: string; container?: string },
): ReplicationController {
  return withImage(old, { image, container, deploymentKey, newName })
}

/** What kubectl asked of a manifest (cmd/rollingupdate.go). */
function checked(
  manifest: ReplicationController,
  old: ReplicationController,
): ReplicationController {
  const { name } = manifest.metadata
  const selector = manifest.spec.selector ?? manifest.spec.template?.metadata?.labels ?? {}
  if (name === old.metadata.name) {
    throw new RollingUpdateError(
      `${name} cannot have the same name as the existing ReplicationController ${name}`,
    )
  }
  const differs = Object.entries(selector).some(([key, value]) => {
    const held = old.spec.selector?.[key]
    return held !== undefined && held !== value
  })
  if (differs) return manifest
  throw new RollingUpdateError(
    `${name} must specify a matching key with non-equal value in Selector for ${old.metadata.name}`,
  )
}

async function createNext(
  { client, namespace }: Place,
  old: ReplicationController,
  made: ReplicationController,
  desired: number,
  say: (line: string) => void,
): Promise<ReplicationController> {
  const annotations = {
    ...made.metadata.annotations,
    [SOURCE_ANNOTATION]: `${old.metadata.name}:${old.metadata.uid}`,
    [DESIRED_ANNOTATION]: String(desired),
  }
  const metadata = { ...made.metadata, namespace, annotations }
  const created = await client.create(replicationControllers, {
    ...made,
    metadata,
    spec: { ...made.spec, replicas: 0 },
  })
  say(`Created ${created.metadata.name}`)
  return created
}

async function pairUp(
  place: Place,
  old: ReplicationController,
  next: ReplicationController,
): Promise<Pair> {
  const names = { old: old.metadata.name ?? '', new: next.metadata.name ?? '' }
  const original = numberOf(old, ORIGINAL_ANNOTATION) ?? old.spec.replicas ?? 1
  await annotate(place, names.old, {
    [NEXT_ANNOTATION]: names.new,
    [ORIGINAL_ANNOTATION]: String(original),
  })
  return names
}

/** Rolling back: the one that shrank grows to what it had (AbortRollingUpdate). */
async function swapped(
  place: Place,
  old: ReplicationController,
  newName: string | undefined,
  say: (line: string) => void,
): Promise<Pair> {
  const { name = '', uid = '', annotations } = old.metadata
  const failing = newName ?? annotations?.[NEXT_ANNOTATION]
  const going = failing === undefined ? undefined : await find(place, failing)
  if (!going) throw new RollingUpdateError(`Could not find ${failing ?? 'an update'} to rollback.`)
  const original = numberOf(old, ORIGINAL_ANNOTATION)
  if (original === undefined) {
    throw new RollingUpdateError(`couldn't find original replica count of "${name}"`)
  }
  say(`Setting "${name}" replicas to ${original}`)
  const failed = going.metadata.name ?? ''
  await annotate(place, name, {
    [SOURCE_ANNOTATION]: `${failed}:${going.metadata.uid ?? uid}`,
    [DESIRED_ANNOTATION]: String(original),
  })
  const had = numberOf(going, DESIRED_ANNOTATION) ?? going.spec.replicas ?? 1
  await annotate(place, failed, { [ORIGINAL_ANNOTATION]: String(had) })
  return { old: failed, new: name }
}

async function replace(
  pair: Pair,
  { updatePeriodMs, pollIntervalMs, timeoutMs }: RollingUpdateOptions,
  place: Place,
  deps: RollingUpdateDeps,
): Promise<void> {
  const { clock, signal } = deps
  const sleep = (ms: number): Promise<void> =>
    new Promise<void>((resolve) => void clock.after(ms, resolve))
  let standstillAt = clock.now() + timeoutMs
  let before = ''
  for (;;) {
    if (signal?.aborted) throw new RollingUpdateError('The update was interrupted.')
    const { step, seen } = await nextStep(place, pair)
    if (step.do === 'finish') return
    if (seen !== before) standstillAt = clock.now() + timeoutMs
    before = seen
    if (clock.now() >= standstillAt) {
      throw new RollingUpdateError('timed out waiting for any update progress to be made')
    }
    if (step.do !== 'wait') await scale(place, pair, step, deps.say)
    await sleep(step.do === 'scale new' ? updatePeriodMs : pollIntervalMs)
  }
}

/** Looks, and decides. `seen` differs whenever something moved. */
async function nextStep(place: Place, pair: Pair): Promise<{ step: Step; seen: string }> {
  const [old, next] = await Promise.all([find(place, pair.old), find(place, pair.new)])
  if (!next) throw new RollingUpdateError(`${pair.new} was deleted during its update`)
  const desired = numberOf(next, DESIRED_ANNOTATION) ?? next.spec.replicas ?? 1
  const sizes = {
    oldSize: old ? (old.spec.replicas ?? 1) : 0,
    newSize: next.spec.replicas ?? 1,
    newReady: next.status?.readyReplicas ?? 0,
    original: (old && numberOf(old, ORIGINAL_ANNOTATION)) ?? desired,
    desired,
  }
  return { step: planStep(sizes), seen: JSON.stringify(sizes) }
}

async function scale(
  { client, namespace }: Place,
  pair: Pair,
  step: Exclude<Step, { do: 'wait' | 'finish' }>,
  say: (line: string) => void,
): Promise<void> {
  const name = step.do === 'scale new' ? pair.new : pair.old
  say(`Scaling ${name} ${step.to > step.from ? 'up' : 'down'} to ${step.to}`)
  const patch = { spec: { replicas: step.to } }
  await client.patch(replicationControllers, { namespace, name }, patch, { type: 'merge' })
}

/** Deletes a controller, leaving pods it may have to its successor, and waits until it is gone. */
async function remove(place: Place, name: string, { clock }: RollingUpdateDeps): Promise<void> {
  const { client, namespace } = place
  await client
    .delete(replicationControllers, { namespace, name }, { propagationPolicy: 'Orphan' })
    .catch(ignoreGone)
  while (await find(place, name)) {
    await new Promise<void>((resolve) => void clock.after(50, resolve))
  }
}

/** Between the two halves of a rename only this knows the controller. */
const halfway = (oldName: string): string => `rolling-update-${oldName}`
const MANIFEST = 'replicationcontroller.json'

async function rename(
  place: Place,
  from: string,
  to: string,
  deps: RollingUpdateDeps,
): Promise<void> {
  const { client, namespace } = place
  deps.say(`Renaming ${from} to ${to}`)
  const going = await find(place, from)
  if (!going) throw new RollingUpdateError(`${from} was deleted during its update`)
  const metadata = { name: halfway(to), namespace }
  const data = { [MANIFEST]: JSON.stringify(likeNew(going, to)) }
  await client
    .create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data })
    .catch(ignoreThere)
  await remove(place, from, deps)
  await createRenamed(place, to)
}

async function createRenamed({ client, namespace }: Place, name: string): Promise<void> {
  const key = { namespace, name: halfway(name) }
  const { data } = await client.get(configMaps, key)
  const manifest = JSON.parse(data?.[MANIFEST] ?? '') as ReplicationController
  await client.create(replicationControllers, manifest).catch(ignoreThere)
  await client.delete(configMaps, key).catch(ignoreGone)
}

function ignoreThere(error: unknown): void {
  if (!isAlreadyExists(error)) throw error
}

/** An earlier run ended right after the rename: what is left of it is taken away. */
async function wasRenamed({ client, namespace }: Place, name: string): Promise<boolean> {
  try {
    await client.delete(configMaps, { namespace, name: halfway(name) })
    return true
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}

/** The old one is gone: an earlier run got as far as the rename. */
async function finishRename(
  oldName: string,
  place: Place,
  deps: RollingUpdateDeps,
): Promise<'renamed'> {
  const successor = await findSuccessor(place, oldName)
  if (successor) {
    await rename(place, successor.metadata.name ?? '', oldName, deps)
    return 'renamed'
  }
  try {
    await createRenamed(place, oldName)
    return 'renamed'
  } catch (error) {
    if (!isNotFound(error)) throw error
    throw new RollingUpdateError(`replicationcontrollers "${oldName}" not found`)
  }
}
