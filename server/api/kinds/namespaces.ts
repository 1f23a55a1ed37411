import { namespaces } from '../../../shared/kubernetes/kinds.ts'
import type { Namespace } from '../../../shared/kubernetes/cluster.ts'
import { nameFollows } from './rules/fields.ts'
import { label } from './rules/names.ts'
import { ageColumn, nameColumn, text } from './rules/print.ts'
import type { Strategy } from './strategy.ts'

/** Held by every namespace until the namespace controller has emptied it. */
const FINALIZER = 'kubernetes'
/** Lets selectors choose namespaces by name (defaulted by core/v1 SetDefaults_Namespace). */
const NAME_LABEL = 'kubernetes.io/metadata.name'

export const namespaceStrategy: Strategy<Namespace> = {
  kind: namespaces,
  subresources: ['status', 'finalize'],
  hasGeneration: false,
  fields: { 'status.phase': (namespace) => namespace.status?.phase ?? '' },
  columns: [nameColumn, text('Status', (namespace) => namespace.status?.phase ?? ''), ageColumn],
  default({ metadata }) {
    if (metadata.name) (metadata.labels ??= {})[NAME_LABEL] ??= metadata.name
  },
  prepareForCreate(namespace) {
    namespace.status = { phase: 'Active' }
    const finalizers = namespace.spec?.finalizers ?? []
    if (!finalizers.includes(FINALIZER)) {
      namespace.spec = { ...namespace.spec, finalizers: [...finalizers, FINALIZER] }
    }
  },
  prepareForUpdate(namespace, old) {
    const { finalizers } = old.spec ?? {}
    namespace.spec = { ...namespace.spec, ...(finalizers && { finalizers }) }
    if (!finalizers) delete namespace.spec.finalizers
  },
  validate: (namespace) => nameFollows(label, namespace),
}
