import type { Taint } from '../../../shared/kubernetes/cluster.ts'
import { tolerates } from '../../../shared/kubernetes/tolerations.ts'
import type { Plugin, Verdict } from '../plugin.ts'

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
