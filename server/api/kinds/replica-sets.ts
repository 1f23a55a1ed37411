import { replicaSets } from '../../../shared/kubernetes/kinds.ts'
import type { ReplicaSet } from '../../../shared/kubernetes/workloads.ts'
import { selectorText } from '../../../shared/selectors.ts'
import { nameFollows } from './rules/fields.ts'
import { subdomain } from './rules/names.ts'
import { ageColumn, count, nameColumn, NONE, workloadColumns } from './rules/print.ts'
import type { Strategy } from './strategy.ts'
import {
  defaultTemplate,
  fixedSelector,
  replicaCauses,
  scaleBy,
  selectorCauses,
  templateCauses,
} from './workloads.ts'

export const replicaSetStrategy: Strategy<ReplicaSet> = {
  kind: replicaSets,
  categories: ['all'],
  subresources: ['status', 'scale'],
  hasGeneration: true,
  fields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },
  columns: [
    nameColumn,
    count('Desired', ({ spec }) => spec.replicas ?? 0),
    count('Current', ({ status }) => status?.replicas ?? 0),
    count('Ready', ({ status }) => status?.readyReplicas ?? 0),
    ageColumn,
    ...workloadColumns<ReplicaSet>(({ spec }) => selectorText(spec.selector) || NONE),
  ],
  default(set) {
    set.spec ??= {} as ReplicaSet['spec']
    defaultTemplate(set.spec.template)
    set.spec.replicas ??= 1
  },
  prepareForCreate(set) {
    set.status = { replicas: 0 }
  },
  validate: (set) => [
    ...nameFollows(subdomain, set),
    ...replicaCauses(set.spec),
    ...selectorCauses(set.spec.selector, set.spec.template, 'replicaset'),
    ...templateCauses(set.spec.template),
  ],
  validateUpdate: fixedSelector,
  scale: scaleBy(({ spec }) => selectorText(spec.selector)),
}
