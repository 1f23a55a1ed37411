// The kinds of the Multi-Cluster Services API: upstream, too, they are custom resources that an implementation brings with it.
import type { CustomResourceDefinition, JsonSchema } from '../../shared/kubernetes/custom.ts'
import type { Kind } from '../../shared/kubernetes/kinds.ts'
import {
  clusterProperties,
  serviceExports,
  serviceImports,
} from '../../shared/kubernetes/multicluster.ts'
import type { ClusterRole } from '../../shared/kubernetes/rbac.ts'
import { RBAC_GROUP } from '../../shared/kubernetes/rbac.ts'
import { list, object, text } from '../../shared/kubernetes/schema-words.ts'

const texts = (description: string): JsonSchema => ({
  type: 'object',
  description,
  additionalProperties: { type: 'string' },
})
const byKey = (schema: JsonSchema, key: string): JsonSchema => ({
  ...schema,
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': [key],
})

/** metav1.Condition. */
const conditions = byKey(
  list(
    'What holds of it.',
    object(
      'One condition.',
      {
        type: { ...text('What it is about.'), maxLength: 316 },
        status: { ...text('Whether it holds.'), enum: ['True', 'False', 'Unknown'] },
        observedGeneration: { type: 'integer', format: 'int64', minimum: 0 },
        lastTransitionTime: { type: 'string', format: 'date-time' },
        reason: { ...text('Why, in one word.'), minLength: 1, maxLength: 1024 },
        message: { ...text('Why, for people.'), maxLength: 32768 },
      },
      ['type', 'status', 'lastTransitionTime', 'reason', 'message'],
    ),
  ),
  'type',
)

const exportSchema = object('A Service that all clusters of the set may use.', {
  spec: object('What goes with the Service.', {
    exportedLabels: texts('Labels that the imports carry.'),
    exportedAnnotations: texts('Annotations that the imports carry.'),
  }),
  status: object('What became of it.', { conditions }),
})

const port = object(
  'A port of the service.',
  {
    name: text('Its name within the service.'),
    protocol: text('TCP, UDP or SCTP.'),
    appProtocol: text('What is spoken there.'),
    port: { type: 'integer', format: 'int32', minimum: 1, maximum: 65535 },
  },
  ['port'],
)

const importSchema = object('A service of the set, as this cluster sees it.', {
  spec: object(
    'How the service is used; written by the controller of the set.',
    {
      type: {
        ...text('Whether it has an address or stands for its endpoints.'),
        enum: ['ClusterSetIP', 'Headless'],
      },
      ips: {
        ...list('Its addresses in this cluster.', { type: 'string' }),
        maxItems: 2,
      },
      ports: { ...list('Its ports.', port), 'x-kubernetes-list-type': 'atomic' },
      sessionAffinity: text('ClientIP or None.'),
      sessionAffinityConfig: object('How long clients stay with an endpoint.', {
        clientIP: object('For ClientIP.', {
          timeoutSeconds: { type: 'integer', format: 'int32' },
        }),
      }),
      internalTrafficPolicy: text('Cluster or Local.'),
    },
    ['ports', 'type'],
  ),
  status: object('Where it comes from.', {
    clusters: byKey(
      list(
        'The clusters that export it.',
        object('One of them.', { cluster: text('Its name.') }, ['cluster']),
      ),
      'cluster',
    ),
    conditions,
  }),
})

const propertySchema = object(
  'Something that is to be known of this cluster.',
  { spec: object('What.', { value: { ...text('Its value.'), minLength: 1 } }, ['value']) },
  ['spec'],
)

const column = (name: string, type: string, jsonPath: string) => ({ name, type, jsonPath })
const AGE = column('Age', 'date', '.metadata.creationTimestamp')
const conditionColumn = (type: string) =>
  column(type, 'string', `.status.conditions[?(@.type=='${type}')].status`)

function definition(
  kind: Kind,
  schema: JsonSchema,
  columns: ReturnType<typeof column>[],
  agreedAt: string,
): CustomResourceDefinition {
  const { group, version, plural, singular, shortNames } = kind
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      // Groups of *.k8s.io say where they were agreed on.
      annotations: { 'api-approved.kubernetes.io': agreedAt },
    },
    spec: {
      group,
      scope: kind.namespaced ? 'Namespaced' : 'Cluster',
      names: {
        plural,
        singular,
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        shortNames: [...shortNames],
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          ...(kind.namespaced && { subresources: { status: {} } }),
          schema: { openAPIV3Schema: schema },
          additionalPrinterColumns: columns,
        },
      ],
    },
  }
}

const KEP = 'https://github.com/kubernetes/enhancements/issues'

export const DEFINITIONS: readonly CustomResourceDefinition[] = [
  definition(
    serviceExports,
    exportSchema,
    [conditionColumn('Valid'), conditionColumn('Conflict'), AGE],
    `${KEP}/1645`,
  ),
  definition(
    serviceImports,
    importSchema,
    [column('Type', 'string', '.spec.type'), column('IP', 'string', '.spec.ips'), AGE],
    `${KEP}/1645`,
  ),
  definition(
    clusterProperties,
    propertySchema,
    [column('Value', 'string', '.spec.value'), AGE],
    `${KEP}/2149`,
  ),
]

const aggregated = (
  name: string,
  to: string,
  verbs: string[],
  resources: string[],
): ClusterRole => ({
  apiVersion: `${RBAC_GROUP}/v1`,
  kind: 'ClusterRole',
  metadata: { name, labels: { [`rbac.authorization.k8s.io/aggregate-to-${to}`]: 'true' } },
  rules: [{ apiGroups: [serviceExports.group], resources, verbs }],
})

const [EXPORTS, IMPORTS] = [serviceExports.plural, serviceImports.plural]

/** Who may view a namespace sees both kinds; who may edit it may export. Imports are the controller's alone (KEP-1645). */
export const AGGREGATED_ROLES: readonly ClusterRole[] = [
  aggregated(
    'clusterset-view',
    'view',
    ['get', 'list', 'watch'],
    [EXPORTS, `${EXPORTS}/status`, IMPORTS, `${IMPORTS}/status`],
  ),
  aggregated(
    'clusterset-edit',
    'edit',
    ['create', 'delete', 'deletecollection', 'patch', 'update'],
    [EXPORTS],
  ),
]
