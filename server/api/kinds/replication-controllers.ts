import { replicationControllers } from '../../../shared/kubernetes/kinds.ts'
import type { ReplicationController } from '../../../shared/kubernetes/workloads.ts'
import { selectorText } from '../../../shared/selectors.ts'
import type { StatusCause } from '../../../shared/status.ts'
import { required } from './rules/causes.ts'
import { labelsFollow, nameFollows, selectsTemplate } from './rules/fields.ts'
import { subdomain } from './rules/names.ts'
import { ageColumn, count, formatLabels, nameColumn, workloadColumns } from './rules/print.ts'
import type { Strategy } from './strategy.ts'
import { defaultTemplate, replicaCauses, scaleBy, templateCauses } from './workloads.ts'

function selectorCauses({ spec }: ReplicationController): StatusCause[] {
  const { selector, template } = spec
  if (!selector || Object.keys(selector).length === 0) return [required('spec.selector')]
  const causes = labelsFollow('spec.selector', selector)
  if (causes.length > 0 || !template) return causes
  return selectsTemplate({ matchLabels: selector }, template.metadata?.labels)
}

export const replicationControllerStrategy: Strategy<ReplicationController> = {
  kind: replicationControllers,
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
    ...workloadColumns<ReplicationController>(({ spec }) => formatLabels(spec.selector)),
  ],
  default(controller) {
    controller.spec ??= {}
    const { spec, metadata } = controller
    defaultTemplate(spec.template)
    const labels = spec.template?.metadata?.labels
    if (labels && Object.keys(labels).length > 0) {
      if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels }
      if (Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels }
    }
    spec.replicas ??= 1
  },
  prepareForCreate(controller) {
    controller.status = { replicas: 0 }
  },
  validate: (controller) => [
    ...nameFollows(subdomain, controller),
    ...replicaCauses(controller.spec),
    ...selectorCauses(controller),
    ...templateCauses(controller.spec.template),
  ],
  scale: scaleBy(({ spec }) => selectorText({ matchLabels: spec.selector ?? {} })),
}
