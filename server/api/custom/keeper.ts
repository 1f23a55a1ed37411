// Keeps what is served in step with the definitions that stand in the store, in the same turn in which they are written, and
// clears away the objects of a definition that is being deleted (apiextensions-apiserver/pkg/controller/finalizer).
import type { CustomResourceDefinition } from '../../../shared/kubernetes/custom.ts'
import { customResourceDefinitions } from '../../../shared/kubernetes/kinds.ts'
import { isBeingDeleted, type KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Caller } from '../../../shared/operation.ts'
import { ADMINISTRATORS } from '../access/authorize.ts'
import type { Core } from '../core.ts'
import { prefixOf } from '../keys.ts'
import { CLEANUP } from '../kinds/custom-resource-definitions.ts'
import { change } from '../verbs/change.ts'
import { deleteCollection } from '../verbs/deletecollection.ts'
import { customKind } from './strategy.ts'

const CLEANER: Caller = {
  user: 'system:apiserver',
  groups: [ADMINISTRATORS],
  userAgent: 'kube-apiserver',
}

/** Objects whose finalizers hold them are looked at again so often. */
const AGAIN_MS = 200

/** Begins at once with the definitions that are there. */
export function keepCustomKinds(core: Core): void {
  const prefix = prefixOf(customResourceDefinitions)
  const clearing = new Set<string>()
  const definitions = (): CustomResourceDefinition[] =>
    core.store.list(prefix).entries.map(({ value }) => value as CustomResourceDefinition)
  const serve = (): void => {
    const kinds = definitions()
      .filter(isEstablished)
      .flatMap((crd) => customKind(crd, core.schemas) ?? [])
    core.schemas.setCustom(new Map(kinds.flatMap(({ schemas }) => schemas)))
    core.registry.setCustom(kinds.map(({ strategy }) => strategy))
  }
  const clear = (name: string): void => {
    if (clearing.has(name)) return
    clearing.add(name)
    clearAway(core, name)
      .catch(() => false)
      .then((isDone) => {
        clearing.delete(name)
        if (!isDone) core.clock.after(AGAIN_MS, () => clear(name))
      })
      .catch(() => undefined)
  }
  serve()
  for (const { metadata } of definitions().filter(isBeingDeleted)) clear(metadata.name ?? '')
  core.store.watch(prefix, core.store.revision, ({ type, value }) => {
    serve()
    const crd = value as KubeObject
    if (type === 'put' && isBeingDeleted(crd)) clear(crd.metadata.name ?? '')
  })
}

function isEstablished({ status }: CustomResourceDefinition): boolean {
  const { conditions = [] } = status ?? {}
  return conditions.some(
    (condition) => condition.type === 'Established' && condition.status === 'True',
  )
}

/** Deletes a definition's objects; true when none is left and the definition may go. */
async function clearAway(core: Core, name: string): Promise<boolean> {
  const definition = core.registry.of(customResourceDefinitions)
  const entry = core.store.get(prefixOf(customResourceDefinitions) + name)
  if (!entry) return true
  const { spec } = entry.value as CustomResourceDefinition
  const strategy = core.registry.all.find(
    ({ kind }) => kind.group === spec.group && kind.plural === spec.names.plural,
  )
  if (strategy) {
    await deleteCollection(core, CLEANER, strategy.kind, {}, {})
    if (core.store.list(prefixOf(strategy.kind)).entries.length > 0) return false
  }
  await change(core, definition, { name }, false, (old) => {
    const finalizers = (old.metadata.finalizers ?? []).filter((held) => held !== CLEANUP)
    return { ...old, metadata: { ...old.metadata, finalizers } }
  })
  return true
}
