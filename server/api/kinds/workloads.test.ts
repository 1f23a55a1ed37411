import { describe, expect, it } from 'vitest'
import type { Deployment, ReplicationController } from '../../../shared/kubernetes/workloads.ts'
import { deploymentStrategy } from './deployments.ts'
import { replicaSetStrategy } from './replica-sets.ts'
import { replicationControllerStrategy } from './replication-controllers.ts'
import { createWith, updateWith } from './testing/messages.ts'
import { sampleOf } from './testing/samples.ts'

const deployment = () => sampleOf(deploymentStrategy.kind) as unknown as Deployment
const controller = () =>
  sampleOf(replicationControllerStrategy.kind) as unknown as ReplicationController

describe('Deployment', () => {
  it('gets the defaults of apps/v1', () => {
    const object = deployment()
    createWith(deploymentStrategy, object)
    const { replicas, strategy, revisionHistoryLimit, progressDeadlineSeconds } = object.spec
    expect({ replicas, strategy, revisionHistoryLimit, progressDeadlineSeconds }).toEqual({
      replicas: 1,
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' },
      },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    })
    expect(object.spec.template.spec).toMatchObject({
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      schedulerName: 'default-scheduler',
      securityContext: {},
      containers: [
        {
          imagePullPolicy: 'IfNotPresent',
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          resources: {},
          ports: [{ containerPort: 80, protocol: 'TCP' }],
        },
      ],
    })
  })

  it.each<[string, (object: Deployment) => void, string[]]>([
    [
      'a selector that misses its template',
      ({ spec }) => (spec.selector = { matchLabels: { app: 'web' } }),
      [
        'spec.template.metadata.labels: Invalid value: {"run":"nginx"}: `selector` does not match template `labels`',
      ],
    ],
    [
      'an empty selector',
      ({ spec }) => (spec.selector = {}),
      ['spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
    ],
    [
      'negative replicas',
      ({ spec }) => (spec.replicas = -1),
      ['spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
    ],
    [
      'a roll-out that could not move',
      ({ spec }) => (spec.strategy = { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } }),
      [
        'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0',
      ],
    ],
    [
      'a percentage above all',
      ({ spec }) => (spec.strategy = { rollingUpdate: { maxUnavailable: '101%' } }),
      [
        'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
      ],
    ],
    [
      'a percentage that is none',
      ({ spec }) => (spec.strategy = { rollingUpdate: { maxSurge: 'half' } }),
      [
        "spec.strategy.rollingUpdate.maxSurge: Invalid value: \"half\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
      ],
    ],
    [
      'Recreate with parameters of the other strategy',
      ({ spec }) => (spec.strategy = { type: 'Recreate', rollingUpdate: {} }),
      [
        "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
      ],
    ],
    [
      'a deadline before the first pod can count',
      ({ spec }) => (spec.minReadySeconds = 600),
      ['spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds'],
    ],
    [
      'pods that end',
      ({ spec }) => (spec.template.spec.restartPolicy = 'Never'),
      ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
    ],
  ])('refuses %s', (_, spoil, expected) => {
    const object = deployment()
    spoil(object)
    expect(createWith(deploymentStrategy, object)).toEqual(expected)
  })

  it('keeps its selector', () => {
    const object = deployment()
    createWith(deploymentStrategy, object)
    const messages = updateWith(deploymentStrategy, object, ({ spec }) => {
      spec.selector = { matchLabels: { app: 'web' } }
      spec.template.metadata = { labels: { app: 'web' } }
    })
    expect(messages).toEqual([
      'spec.selector: Invalid value: {"matchLabels":{"app":"web"}}: field is immutable',
    ])
  })

  it('shows itself as kubectl prints it', () => {
    const object = deployment()
    createWith(deploymentStrategy, object)
    object.metadata.creationTimestamp = '2029-12-31T23:55:00Z'
    object.status = { replicas: 1, readyReplicas: 1, updatedReplicas: 1, availableReplicas: 1 }
    const now = Date.parse('2030-01-01T00:00:00Z')
    expect(deploymentStrategy.columns.map(({ name, cell }) => [name, cell(object, now)])).toEqual([
      ['Name', 'sample'],
      ['Ready', '1/1'],
      ['Up-to-date', 1],
      ['Available', 1],
      ['Age', '5m'],
      ['Containers', 'nginx'],
      ['Images', 'nginx:v1'],
      ['Selector', 'run=nginx'],
    ])
  })
})

describe('ReplicationController', () => {
  it('selects and is labelled by what its template says', () => {
    const object = controller()
    expect(createWith(replicationControllerStrategy, object)).toEqual([])
    expect(object.spec.selector).toEqual({ run: 'nginx' })
    expect(object.metadata.labels).toEqual({ run: 'nginx' })
    expect(object.spec.replicas).toBe(1)
  })

  it('needs a selector and a template', () => {
    const object = controller()
    object.spec = {}
    expect(createWith(replicationControllerStrategy, object)).toEqual([
      'spec.selector: Required value',
      'spec.template: Required value',
    ])
  })
})

it('a ReplicaSet needs labels that its selector finds', () => {
  const object = sampleOf(replicaSetStrategy.kind) as never
  ;(object as Deployment).spec.template.metadata = {}
  expect(createWith(replicaSetStrategy, object)).toEqual([
    'spec.template.metadata.labels: Invalid value: {}: `selector` does not match template `labels`',
  ])
})
