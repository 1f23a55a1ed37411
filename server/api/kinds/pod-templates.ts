import { podTemplates } from '../../../shared/kubernetes/kinds.ts'
import type { PodTemplate } from '../../../shared/kubernetes/pod.ts'
import { required } from './rules/causes.ts'
import { nameFollows } from './rules/fields.ts'
import { subdomain } from './rules/names.ts'
import { ageColumn, formatLabels, nameColumn, text } from './rules/print.ts'
import type { Strategy } from './strategy.ts'
import { defaultTemplate, podTemplateCauses } from './workloads.ts'

const containersOf = ({ template }: PodTemplate) => template?.spec?.containers ?? []

export const podTemplateStrategy: Strategy<PodTemplate> = {
  kind: podTemplates,
  subresources: [],
  createsOnUpdate: true,
  hasGeneration: true,
  columns: [
    nameColumn,
    text('Containers', (object) =>
      containersOf(object)
        .map(({ name }) => name)
        .join(','),
    ),
    text('Images', (object) =>
      containersOf(object)
        .map(({ image = '' }) => image)
        .join(','),
    ),
    text('Pod Labels', ({ template }) => formatLabels(template?.metadata?.labels)),
    ageColumn,
  ],
  default: ({ template }) => defaultTemplate(template),
  validate: (object) => [
    ...nameFollows(subdomain, object),
    ...(object.template
      ? podTemplateCauses(object.template, 'template')
      : [required('template.spec.containers')]),
  ],
}
