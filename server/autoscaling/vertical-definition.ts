// The definition of VerticalPodAutoscaler: upstream, too, it is a custom resource that the autoscaler brings with it.
import type { CustomResourceDefinition, JsonSchema } from '../../shared/kubernetes/custom.ts'
import type { ClusterRole } from '../../shared/kubernetes/rbac.ts'
import { RBAC_GROUP } from '../../shared/kubernetes/rbac.ts'
import { list, object, text } from '../../shared/kubernetes/schema-words.ts'
import { verticalPodAutoscalers } from '../../shared/kubernetes/vertical.ts'

const oneOf = (description: string, ...values: string[]): JsonSchema => ({
  type: 'string',
  description,
  enum: values,
})
const amounts = (description: string): JsonSchema => ({
  type: 'object',
  description,
  additionalProperties: { 'x-kubernetes-int-or-string': true },
})

const containerPolicy = object('How the resources of one container are decided.', {
  containerName: text('Name of the container, or * for all that have no policy of their own.'),
  mode: oneOf('Whether the container is autoscaled.', 'Auto', 'Off'),
  minAllowed: amounts('The least that is recommended.'),
  maxAllowed: amounts('The most that is recommended.'),
  controlledResources: list('What is recommended: cpu and memory unless said otherwise.', {
    type: 'string',
    enum: ['cpu', 'memory'],
  }),
  controlledValues: oneOf('Whether limits follow requests.', 'RequestsAndLimits', 'RequestsOnly'),
})

const spec = object(
  'What is autoscaled, and how.',
  {
    targetRef: object(
      'The controller whose pods are autoscaled.',
      {
        apiVersion: text('Group and version of the controller.'),
        kind: text('Kind of the controller.'),
        name: text('Name of the controller.'),
      },
      ['kind', 'name'],
    ),
    updatePolicy: object('What becomes of recommendations.', {
      updateMode: {
        ...oneOf(
          'Off: advice only. Initial: at the creation of pods. Recreate, Auto: pods are evicted too.',
          'Off',
          'Initial',
          'Recreate',
          'Auto',
        ),
      },
      minReplicas: {
        type: 'integer',
        format: 'int32',
        minimum: 1,
        description: 'How many pods must be alive for one to be evicted; 2 unless said otherwise.',
      },
    }),
    resourcePolicy: object('How resources are decided.', {
      containerPolicies: list('One policy a container.', containerPolicy),
    }),
  },
  ['targetRef'],
)

const status = object('What is recommended.', {
  recommendation: object('The newest recommendation.', {
    containerRecommendations: list(
      'One recommendation a container.',
      object(
        'What a container should ask for.',
        {
          containerName: text('Name of the container.'),
          target: amounts('What is recommended.'),
          lowerBound: amounts('Less than this is too little.'),
          upperBound: amounts('More than this is wasted.'),
          uncappedTarget: amounts('What would be recommended without a policy.'),
        },
        ['target'],
      ),
    ),
  }),
  conditions: {
    ...list(
      'What holds of the autoscaler.',
      object(
        'One condition.',
        {
          type: text('What it is about.'),
          status: text('True, False or Unknown.'),
          lastTransitionTime: { type: 'string', format: 'date-time' },
          reason: text('Why, in one word.'),
          message: text('Why, for people.'),
        },
        ['type', 'status'],
      ),
    ),
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
  },
})

const column = (name: string, type: string, jsonPath: string) => ({ name, type, jsonPath })
const TARGET = '.status.recommendation.containerRecommendations[0].target'

const { group, plural, singular, kind, shortNames } = verticalPodAutoscalers

export const VERTICAL_DEFINITION: CustomResourceDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: `${plural}.${group}`,
    // Groups of *.k8s.io say where they were agreed on.
    annotations: {
      'api-approved.kubernetes.io': 'https://github.com/kubernetes/kubernetes/pull/63797',
    },
  },
  spec: {
    group,
    scope: 'Namespaced',
    names: { plural, singular, kind, listKind: `${kind}List`, shortNames: [...shortNames] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: object(
            'VerticalPodAutoscaler decides how much the containers of a controller ask for.',
            { spec, status },
            ['spec'],
          ),
        },
        additionalPrinterColumns: [
          column('Mode', 'string', '.spec.updatePolicy.updateMode'),
          column('CPU', 'string', `${TARGET}.cpu`),
          column('Mem', 'string', `${TARGET}.memory`),
          column(
            'Provided',
            'string',
            ".status.conditions[?(@.type=='RecommendationProvided')].status",
          ),
          column('Age', 'date', '.metadata.creationTimestamp'),
        ],
      },
    ],
  },
}

const aggregated = (
  name: string,
  to: string,
  verbs: string[],
  resources: string[],
): ClusterRole => ({
  apiVersion: `${RBAC_GROUP}/v1`,
  kind: 'ClusterRole',
  metadata: { name, labels: { [`rbac.authorization.k8s.io/aggregate-to-${to}`]: 'true' } },
  rules: [{ apiGroups: [group], resources, verbs }],
})

/** Who may view or edit what is in a namespace may do so with these, too ("Using RBAC Authorization", aggregated roles). */
export const VERTICAL_ROLES: readonly ClusterRole[] = [
  aggregated('vpa-view', 'view', ['get', 'list', 'watch'], [plural, `${plural}/status`]),
  aggregated(
    'vpa-edit',
    'edit',
    ['create', 'delete', 'deletecollection', 'patch', 'update'],
    [plural],
  ),
]
