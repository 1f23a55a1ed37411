// pods/binding: the scheduler's word on where a pod runs (pkg/registry/core/pod/storage: BindingREST.assignPod).
import type { Binding } from '../../../shared/kubernetes/cluster.ts'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import { isBeingDeleted, type KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import { badRequest, conflict, invalid } from '../../../shared/status.ts'
import { timestamp } from '../core.ts'
import { change } from './change.ts'
import { success, type CreateBelow } from './below.ts'
import { decode } from './decode.ts'

const bindings: Kind<Binding> = {
  group: '',
  version: 'v1',
  kind: 'Binding',
  plural: 'bindings',
  singular: 'binding',
  shortNames: [],
  namespaced: true,
}

export const bind: CreateBelow = async (core, strategy, key, object, options) => {
  const { target, metadata } = decode(core, bindings, object, options, []) as Binding
  checkTarget(key.name, target)
  await change(core, strategy, key, options.dryRun, (old) =>
    assigned(old as Pod, target.name ?? '', metadata, timestamp(core.clock.now())),
  )
  return success()
}

function checkTarget(name: string, target: Binding['target'] | undefined): void {
  if (target?.kind && target.kind !== 'Node') {
    throw invalid({ kind: 'Binding' }, name, [
      {
        reason: 'FieldValueNotSupported',
        message: `Unsupported value: ${JSON.stringify(target.kind)}: supported values: "Node", "<empty>"`,
        field: 'target.kind',
      },
    ])
  }
  if (!target?.name) {
    const cause = { reason: 'FieldValueRequired', message: 'Required value', field: 'target.name' }
    throw invalid({ kind: 'Binding' }, name, [cause])
  }
}

/** The pod, assigned; annotations of the binding become the pod's. */
function assigned(old: Pod, node: string, binding: KubeObject['metadata'], now: string): Pod {
  const { name = '', uid } = old.metadata
  const refuse = (why: string) => conflict({ plural: 'pods/binding' }, name, why)
  if (binding.uid && binding.uid !== uid) {
    throw refuse(
      `Precondition failed: UID in precondition: ${binding.uid}, UID in object meta: ${uid}`,
    )
  }
  if (isBeingDeleted(old))
    throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`)
  if (old.spec.nodeName) {
    throw refuse(`pod ${name} is already assigned to node "${old.spec.nodeName}"`)
  }
  if (/[/%]/.test(node)) throw badRequest(`invalid node name "${node}"`)
  const { metadata, spec, status, ...rest } = old
  const annotations = { ...metadata.annotations, ...binding.annotations }
  const others = (status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled')
  const scheduled = { type: 'PodScheduled', status: 'True' as const, lastTransitionTime: now }
  return {
    ...rest,
    metadata: Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata,
    spec: { ...spec, nodeName: node },
    status: { ...status, conditions: [...others, scheduled] },
  }
}
