// Namespaces on their way out: everything in them goes first (pkg/controller/namespace).
import type { Namespace } from '../../shared/kubernetes/cluster.ts'
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import { customResourceDefinitions, namespaces, pods } from '../../shared/kubernetes/kinds.ts'
import type { Condition, KubeObject } from '../../shared/kubernetes/meta.ts'
import { conditionOf, isBeingDeleted } from '../../shared/kubernetes/meta.ts'
import { isNotFound } from '../../shared/status.ts'
import type { ReconcileResult } from '../machinery/controller.ts'
import { startController } from '../machinery/controller.ts'
import type { RoomDeps, Running } from '../machinery/room.ts'
import { allAtOnce } from './batches.ts'
import { namespacedKindOf } from './custom-kinds.ts'
import { EVERY_KIND } from './every-kind.ts'
import { ignoreNotFound, sameJson } from './objects.ts'
import { timeText } from '../machinery/clock.ts'
import { source } from './owned.ts'

const FINALIZER = 'kubernetes'
/** Content that waits for finalizers is looked at again so often, milliseconds. */
const RECHECK_MS = 1000

/** What is left in a namespace: objects by resource, and how many wait for which finalizer. */
export interface Remains {
  /** `pods.` or `deployments.apps` to a number, in order of the kinds. */
  resources: Map<string, number>
  finalizers: Map<string, number>
}

export function remainsOf(
  content: readonly { kind: Kind; items: readonly KubeObject[] }[],
): Remains {
  const remains: Remains = { resources: new Map(), finalizers: new Map() }
  for (const { kind, items } of content) {
    if (items.length > 0) remains.resources.set(`${kind.plural}.${kind.group}`, items.length)
    for (const finalizer of items.flatMap(({ metadata }) => metadata.finalizers ?? [])) {
      remains.finalizers.set(finalizer, (remains.finalizers.get(finalizer) ?? 0) + 1)
    }
  }
  return remains
}

/** The conditions of a namespace that is being emptied (status_condition_utils.go). */
export function namespaceConditions(
  held: readonly Condition[],
  { resources, finalizers }: Remains,
  now: number,
): Condition[] {
  const list = (
    counts: Map<string, number>,
    say: (name: string, count: number) => string,
  ): string => [...counts].map(([name, count]) => say(name, count)).join(', ')
  const some = list(resources, (name, count) => `${name} has ${count} resource instances`)
  const holding = list(finalizers, (name, count) => `${name} in ${count} resource instances`)
  const wanted: [string, boolean, string, string][] = [
    [
      'NamespaceDeletionDiscoveryFailure',
      false,
      'ResourcesDiscovered',
      'All resources successfully discovered',
    ],
    [
      'NamespaceDeletionGroupVersionParsingFailure',
      false,
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ],
    [
      'NamespaceDeletionContentFailure',
      false,
      'ContentDeleted',
      'All content successfully deleted, may be waiting on finalization',
    ],
    some
      ? [
          'NamespaceContentRemaining',
          true,
          'SomeResourcesRemain',
          `Some resources are remaining: ${some}`,
        ]
      : ['NamespaceContentRemaining', false, 'ContentRemoved', 'All content successfully removed'],
    holding
      ? [
          'NamespaceFinalizersRemaining',
          true,
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${holding}`,
        ]
      : [
          'NamespaceFinalizersRemaining',
          false,
          'ContentHasNoFinalizers',
          'All content-preserving finalizers finished',
        ],
  ]
  return wanted.map(([type, isTrue, reason, message]): Condition => {
    const status = isTrue ? 'True' : 'False'
    const before = conditionOf([...held], type)
    const since = before?.status === status ? before.lastTransitionTime : undefined
    return { type, status, lastTransitionTime: since ?? timeText(now), reason, message }
  })
}

/** Starts the namespace controller. */
export function startNamespaces(deps: RoomDeps): Running {
  const { client, clock } = deps
  const informer = deps.informers.of(namespaces)
  const definitions = deps.informers.of(customResourceDefinitions)
  const kinds = EVERY_KIND.filter(({ namespaced }) => namespaced)

  const listOf = async (kind: Kind, namespace: string): Promise<readonly KubeObject[]> => {
    try {
      return (await client.list<KubeObject>(kind, { namespace })).items
    } catch (error) {
      // A kind that users added goes with its objects.
      if (isNotFound(error)) return []
      throw error
    }
  }
  const contentOf = (namespace: string) => {
    const added = [...definitions.all()].flatMap((each) => namespacedKindOf(each) ?? [])
    return Promise.all(
      [...kinds, ...added].map(async (kind) => ({ kind, items: await listOf(kind, namespace) })),
    )
  }

  const remove = async (kind: Kind, { metadata }: KubeObject): Promise<void> => {
    const { namespace, name = '' } = metadata
    const options = { propagationPolicy: 'Background' } as const
    await client.delete(kind, { namespace, name }, options).catch(ignoreNotFound)
  }

  const reconcile = async (name: string): Promise<ReconcileResult> => {
    const namespace = informer.get(name)
    if (!namespace || !isBeingDeleted(namespace)) return
    if (!namespace.spec?.finalizers?.includes(FINALIZER)) return
    await definitions.synced
    for (const { kind, items } of await contentOf(name)) {
      const living = items.filter((item) => !isBeingDeleted(item))
      await allAtOnce(living, (item) => remove(kind, item))
    }
    const remains = remainsOf(await contentOf(name))
    const current = await writeConditions(deps, namespace, remains, clock.now())
    if (!current) return
    if (remains.resources.size > 0) return { againInMs: RECHECK_MS }
    const finalizers = (current.spec?.finalizers ?? []).filter((one) => one !== FINALIZER)
    const finalized = { ...current, spec: { ...current.spec, finalizers } }
    await client.update(namespaces, finalized, { subresource: 'finalize' }).catch(ignoreNotFound)
  }

  return startController(deps, {
    name: 'namespace-controller',
    for: namespaces,
    // The last pods to go are what a namespace mostly waits for.
    watches: [
      source(pods, ({ metadata }) => {
        const namespace = informer.get(metadata.namespace ?? '')
        return namespace && isBeingDeleted(namespace) ? [metadata.namespace ?? ''] : []
      }),
    ],
    reconcile,
  })
}

/** Writes what remains into the namespace's status; undefined when the namespace is gone. */
async function writeConditions(
  { client }: RoomDeps,
  namespace: Namespace,
  remains: Remains,
  now: number,
): Promise<Namespace | undefined> {
  const held = namespace.status?.conditions ?? []
  const conditions = namespaceConditions(held, remains, now)
  if (sameJson(held, conditions)) return namespace
  const status = { ...namespace.status, conditions }
  try {
    return await client.update(namespaces, { ...namespace, status }, { subresource: 'status' })
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
