// What may change in a pod after it was created (core/validation ValidatePodUpdate).
import type { Container, Pod, PodSpec, Toleration } from '../../../shared/kubernetes/pod.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { forbidden, invalid } from './rules/causes.ts'
import { same } from './rules/fields.ts'

const CHANGEABLE =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

function deadlineCauses(seconds: number | undefined, before: number | undefined): StatusCause[] {
  const field = 'spec.activeDeadlineSeconds'
  if (before === undefined || seconds === before) return []
  if (seconds === undefined) {
    return [invalid(field, before, 'must not update from a positive integer to nil value')]
  }
  if (seconds < before) return []
  return [invalid(field, seconds, 'must be less than or equal to previous value')]
}

function withoutSeconds(toleration: Toleration): Toleration {
  const { tolerationSeconds: _, ...rest } = toleration
  return rest
}

function tolerationCauses(now: Toleration[], before: Toleration[]): StatusCause[] {
  const kept = before.every((old) =>
    now.some((toleration) => same(withoutSeconds(toleration), withoutSeconds(old))),
  )
  if (kept) return []
  const why = 'existing toleration can not be modified except its tolerationSeconds'
  return [forbidden('spec.tolerations', why)]
}

function withImagesOf(containers: Container[] = [], old: Container[] = []): Container[] {
  return containers.map((container, i) => ({ ...container, image: old[i]?.image ?? '' }))
}

/** The spec with everything that may change put back to what it was. */
function withOldValues(spec: PodSpec, old: PodSpec): PodSpec {
  const { activeDeadlineSeconds: deadline, tolerations } = old
  const { activeDeadlineSeconds: _, tolerations: __, ...rest } = spec
  return {
    ...rest,
    ...(deadline !== undefined && { activeDeadlineSeconds: deadline }),
    ...(tolerations && { tolerations }),
    containers: withImagesOf(spec.containers, old.containers),
    ...(spec.initContainers && {
      initContainers: withImagesOf(spec.initContainers, old.initContainers),
    }),
  }
}

export function podUpdateCauses({ spec }: Pod, { spec: old }: Pod): StatusCause[] {
  if (spec.containers.length !== old.containers.length) {
    return [forbidden('spec.containers', 'pod updates may not add or remove containers')]
  }
  if ((spec.initContainers ?? []).length !== (old.initContainers ?? []).length) {
    return [forbidden('spec.initContainers', 'pod updates may not add or remove containers')]
  }
  const restored = withOldValues(spec, old)
  const changed = Object.keys({ ...restored, ...old }).filter(
    (field) => !same(restored[field as keyof PodSpec], old[field as keyof PodSpec]),
  )
  return [
    ...deadlineCauses(spec.activeDeadlineSeconds, old.activeDeadlineSeconds),
    ...tolerationCauses(spec.tolerations ?? [], old.tolerations ?? []),
    ...(changed.length > 0
      ? [
          forbidden(
            'spec',
            `${CHANGEABLE}\nchanged: ${changed.map((field) => `spec.${field}`).join(', ')}`,
          ),
        ]
      : []),
  ]
}
