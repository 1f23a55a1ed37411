import type { Taint } from '../../../shared/kubernetes/cluster.ts'
import type { Toleration } from '../../../shared/kubernetes/pod.ts'
import type { Plugin, Verdict } from '../plugin.ts'

/** Whether the toleration covers the taint (core/v1 Toleration.ToleratesTaint). */
function covers(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false
  if (toleration.key && toleration.key !== taint.key) return false
  if (toleration.operator === 'Exists') return true
  return toleration.key !== undefined && (toleration.value ?? '') === (taint.value ?? '')
}

export function tolerates(tolerations: readonly Toleration[] | undefined, taint: Taint): boolean {
  return tolerations?.some((toleration) => covers(toleration, taint)) ?? false
}

const describe = ({ key, value }: Taint): string =>
  `node(s) had untolerated taint {${key}: ${value ?? ''}}`

/** Nodes keep pods away with taints; pods may tolerate them. */
export const taints: Plugin = {
  name: 'TaintToleration',
  weight: 3,
  filter:
    ({ pod }) =>
    ({ node }): Verdict => {
      const all = node?.spec?.taints
      if (!all?.length) return undefined
      const hard = all.find(
        (taint) => taint.effect !== 'PreferNoSchedule' && !tolerates(pod.spec.tolerations, taint),
      )
      return hard && [describe(hard)]
    },
  score: ({ pod }, _, nodes) => {
    const isSoft = (taint: Taint): boolean => taint.effect === 'PreferNoSchedule'
    if (!nodes.some(({ node }) => node?.spec?.taints?.some(isSoft))) return undefined
    const disliked = (taint: Taint): boolean =>
      isSoft(taint) && !tolerates(pod.spec.tolerations, taint)
    return {
      score: ({ node }) => node?.spec?.taints?.filter(disliked).length ?? 0,
      scale: 'inverse-to-largest',
    }
  },
}
