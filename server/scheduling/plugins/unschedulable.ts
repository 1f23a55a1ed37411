import { tolerates } from '../../../shared/kubernetes/tolerations.ts'
import type { Plugin } from '../plugin.ts'

const REASON = ['node(s) were unschedulable']
const TAINT = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const

/** A cordoned node takes only pods that tolerate it. */
export const unschedulable: Plugin = {
  name: 'NodeUnschedulable',
  filter:
    ({ pod }) =>
    ({ node }) =>
      node?.spec?.unschedulable && !tolerates(pod.spec.tolerations, TAINT) ? REASON : undefined,
}
