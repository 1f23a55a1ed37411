// Texts that are edited: what one begins with, and what is sent of it.
import { stringify } from 'yaml'
import type { ObjectKey } from '../../../shared/client.ts'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import { apiVersionOf } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { ListedKind } from './kindList.ts'

/** How something new is written: as YAML, or by a form that writes the YAML. */
export type Way = 'yaml' | 'image'

/** What the editor is about: an object there is, or new ones. */
export interface EditorSubject {
  kind: ListedKind
  way: Way
  /** null: something new. */
  object: ObjectKey | null
  /** Where new objects go that do not say it; null: default. */
  namespace: string | null
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

const text = (value: unknown): string =>
  stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })

type Whole = KubeObject & { status?: unknown }

/** An object as a person edits it: without what only servers write. */
export function editableText(object: KubeObject): string {
  const { status: _, ...rest } = object as Whole
  const { managedFields: __, annotations, ...metadata } = object.metadata
  const { [LAST_APPLIED]: ___, ...others } = annotations ?? {}
  const shown = Object.keys(others).length > 0 ? { annotations: others } : {}
  return text({ ...rest, metadata: { ...metadata, ...shown } })
}

/** What was edited, with what was hidden from the person. */
export function withHidden(edited: KubeObject, original: KubeObject): KubeObject {
  const { status } = original as Whole
  const { managedFields, annotations } = original.metadata
  const applied = annotations?.[LAST_APPLIED]
  const kept = applied === undefined ? {} : { [LAST_APPLIED]: applied }
  const all = { ...edited.metadata?.annotations, ...kept }
  return {
    ...edited,
    metadata: {
      ...edited.metadata,
      ...(Object.keys(all).length > 0 && { annotations: all }),
      ...(managedFields && { managedFields }),
    },
    ...(status !== undefined && !('status' in edited) && { status }),
  }
}

const CONTAINERS = [{ name: 'web', image: 'podium/web:v1', ports: [{ containerPort: 80 }] }]
const LABELS = { app: 'example' }
const COUNTED = [{ name: 'count', image: 'busybox', command: ['sh', '-c', 'expr 6 "*" 7'] }]
const RUN_ONCE = { spec: { restartPolicy: 'Never', containers: COUNTED } }

/** What a kind's smallest useful object has besides its name. */
const BEGINNINGS: Record<string, object> = {
  ConfigMap: { data: { key: 'value' } },
  Secret: { stringData: { key: 'value' } },
  Pod: { spec: { containers: CONTAINERS } },
  Service: { spec: { selector: LABELS, ports: [{ port: 80 }] } },
  ...Object.fromEntries(
    ['Deployment', 'ReplicaSet'].map((kind) => [
      kind,
      {
        spec: {
          replicas: 2,
          selector: { matchLabels: LABELS },
          template: { metadata: { labels: LABELS }, spec: { containers: CONTAINERS } },
        },
      },
    ]),
  ),
  ReplicationController: {
    spec: {
      replicas: 2,
      selector: LABELS,
      template: { metadata: { labels: LABELS }, spec: { containers: CONTAINERS } },
    },
  },
  Job: { spec: { template: RUN_ONCE } },
  CronJob: { spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template: RUN_ONCE } } } },
  HorizontalPodAutoscaler: {
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'nginx' },
      minReplicas: 2,
      maxReplicas: 10,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } },
        },
      ],
    },
  },
  PodDisruptionBudget: { spec: { minAvailable: 1, selector: { matchLabels: LABELS } } },
  PriorityClass: { value: 1000 },
  ResourceQuota: { spec: { hard: { pods: '20' } } },
}

const WITHOUT_SPEC = new Set(['Namespace', 'ServiceAccount'])

/** What a new object of that kind begins with. */
export function beginningText(kind: Kind, namespace: string | null): string {
  const rest = BEGINNINGS[kind.kind] ?? (WITHOUT_SPEC.has(kind.kind) ? {} : { spec: {} })
  return text({
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    metadata: { name: 'example', ...(kind.namespaced && { namespace: namespace ?? 'default' }) },
    ...rest,
  })
}

/** The kind that an object says it is of; undefined: the cluster has none such. */
export function kindNamed(object: KubeObject, kinds: readonly ListedKind[]): Kind | undefined {
  const { apiVersion = '', kind: name } = object
  const slash = apiVersion.indexOf('/')
  const group = slash < 0 ? '' : apiVersion.slice(0, slash)
  const found = kinds.find(({ kind }) => kind.group === group && kind.kind === name)
  return found && { ...found.kind, version: apiVersion.slice(slash + 1) }
}
