// pods/eviction (policy/v1): a delete that a disruption budget may refuse (pkg/registry/core/pod/storage/eviction.go).
import type { DeleteOptions } from '../../../shared/client.ts'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import { podDisruptionBudgets } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { isBeingDeleted } from '../../../shared/kubernetes/meta.ts'
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import { isPodReady, isPodTerminal } from '../../../shared/kubernetes/pod.ts'
import type { PodDisruptionBudget } from '../../../shared/kubernetes/policy.ts'
import { matcherOf } from '../../../shared/selectors.ts'
import { ApiError, internal } from '../../../shared/status.ts'
import { ConflictError, type Entry } from '../../store/store.ts'
import { timestamp, type Core } from '../core.ts'
import { prefixOf } from '../keys.ts'
import { success, type CreateBelow } from './below.ts'
import { decode } from './decode.ts'
import { remove } from './delete.ts'
import { entryOf } from './get.ts'
import { stored } from './metadata.ts'

const evictions: Kind = {
  group: 'policy',
  version: 'v1',
  kind: 'Eviction',
  plural: 'evictions',
  singular: 'eviction',
  shortNames: [],
  namespaced: true,
}
const ATTEMPTS = 16

export const evict: CreateBelow = async (core, strategy, key, object, options, caller) => {
  const eviction = decode(core, evictions, object, options, []) as KubeObject & {
    deleteOptions?: DeleteOptions & { dryRun?: unknown }
  }
  const { dryRun, ...rest } = eviction.deleteOptions ?? {}
  const isDry = options.dryRun === true || Array.isArray(dryRun)
  const pod = entryOf(core, strategy, key).value as Pod
  await allow(core, pod, isDry)
  await remove(core, caller, strategy.kind, key, { ...rest, dryRun: isDry })
  return success()
}

/** Takes the eviction off the pod's budget. @throws ApiError 429 when there is nothing to take it off */
async function allow(core: Core, pod: Pod, isDry: boolean): Promise<void> {
  if (isPodTerminal(pod) || pod.status?.phase === 'Pending' || isBeingDeleted(pod)) return
  for (let attempt = 1; ; attempt += 1) {
    const [entry, another] = budgetsOf(core, pod)
    if (!entry) return
    if (another) {
      throw internal(
        'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
      )
    }
    const budget = entry.value as PodDisruptionBudget
    if (mayGoUnhealthy(pod, budget)) return
    const next = spend(core, pod, budget)
    if (isDry) return
    try {
      const { key, revision: expected } = entry
      await core.store.write({ key, expected, value: (revision) => stored(next, revision) })
      return
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error
    }
  }
}

function budgetsOf(core: Core, { metadata }: Pod): Entry[] {
  const { entries } = core.store.list(prefixOf(podDisruptionBudgets, metadata.namespace))
  return entries.filter(({ value }) => {
    const { spec } = value as PodDisruptionBudget
    return spec?.selector !== undefined && matcherOf(spec.selector)(metadata.labels)
  })
}

/** A pod that does not serve disrupts nothing, as long as the others are enough. */
function mayGoUnhealthy(pod: Pod, { spec, status }: PodDisruptionBudget): boolean {
  if (isPodReady(pod)) return false
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {}
  return desiredHealthy > 0 && currentHealthy >= desiredHealthy
}

function spend(core: Core, pod: Pod, budget: PodDisruptionBudget): PodDisruptionBudget {
  const { name = '', generation = 0 } = budget.metadata
  const { status } = budget
  if (!status || (status.observedGeneration ?? 0) < generation) {
    const why = `The disruption budget ${name} is still being processed by the server.`
    throw tooMany(why, why, 10)
  }
  if (status.disruptionsAllowed <= 0) {
    throw tooMany(
      "Cannot evict pod as it would violate the pod's disruption budget.",
      `The disruption budget ${name} needs ${status.desiredHealthy} healthy pods and has ${status.currentHealthy} currently`,
    )
  }
  const disruptedPods = {
    ...status.disruptedPods,
    [pod.metadata.name ?? '']: timestamp(core.clock.now()),
  }
  const disruptionsAllowed = status.disruptionsAllowed - 1
  return { ...budget, status: { ...status, disruptionsAllowed, disruptedPods } }
}

function tooMany(message: string, cause: string, retryAfterSeconds?: number): ApiError {
  return new ApiError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    reason: 'TooManyRequests',
    message,
    details: {
      causes: [{ reason: 'DisruptionBudget', message: cause }],
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    },
    code: 429,
  })
}
