import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  deployments,
  events,
  leases,
  nodes,
  pods,
  secrets,
  services,
} from '../../../shared/kubernetes/kinds.ts'
import type { Kind } from '../../../shared/kubernetes/kinds.ts'
import { schemasOf } from './schemas.ts'
import { testDefinitions } from './testing.ts'

const schemas = schemasOf(testDefinitions)

describe('check', () => {
  it('names unknown fields, and takes them out', () => {
    const pod = {
      metadata: { name: 'a', colour: 'blue' },
      spec: { containers: [{ name: 'a', ports: [{ containerPort: 80, hostname: 'x' }] }] },
      extra: 1,
    }
    expect(schemas.check(pods, pod).unknown).toEqual([
      'metadata.colour',
      'spec.containers[0].ports[0].hostname',
      'extra',
    ])
    expect(pod).toEqual({
      metadata: { name: 'a' },
      spec: { containers: [{ name: 'a', ports: [{ containerPort: 80 }] }] },
    })
  })

  it.each<[Kind, unknown, string]>([
    [
      deployments,
      { spec: { replicas: 'three' } },
      'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      deployments,
      { spec: { replicas: 1.5 } },
      'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      deployments,
      { spec: { replicas: 3_000_000_000 } },
      'json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      pods,
      { spec: { containers: [{ ports: [{ containerPort: '80' }] }] } },
      'json: cannot unmarshal string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32',
    ],
    [
      pods,
      { spec: { containers: {} } },
      'json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container',
    ],
    [
      pods,
      { metadata: { labels: { a: 1 } } },
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string',
    ],
    [
      pods,
      { spec: [] },
      'json: cannot unmarshal array into Go struct field Pod.spec of type v1.PodSpec',
    ],
    [pods, [], 'json: cannot unmarshal array into Go value of type v1.Pod'],
    [
      pods,
      { spec: { hostPID: 'yes' } },
      'json: cannot unmarshal string into Go struct field PodSpec.spec.hostPID of type bool',
    ],
    [
      pods,
      { metadata: { creationTimestamp: 'yesterday' } },
      'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"',
    ],
    [nodes, { status: { capacity: { cpu: '2 cores' } } }, "unable to parse quantity's suffix"],
    [
      nodes,
      { status: { capacity: { cpu: 'two' } } },
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      services,
      { spec: { ports: [{ targetPort: {} }] } },
      'json: cannot unmarshal object into Go value of type int32',
    ],
    [secrets, { data: { a: '!' } }, 'illegal base64 data'],
  ])('%# is of a wrong type', (kind, object, message) => {
    expect(schemas.check(kind, object).wrong).toEqual([message])
  })

  it('takes nulls as absent, as Go does', () => {
    const event = {
      eventTime: null,
      involvedObject: { name: null },
      metadata: { labels: { a: null } },
    }
    expect(schemas.check(events, event)).toEqual({ unknown: [], wrong: [] })
    expect(event).toEqual({ involvedObject: {}, metadata: { labels: { a: '' } } })
    const pod = { spec: { containers: [null], volumes: null } }
    schemas.check(pods, pod)
    expect(pod).toEqual({ spec: { containers: [{}] } })
  })

  it('takes either of two types where Kubernetes does', () => {
    const targets = [80, 'http', '25%']
    const ports = targets.map((targetPort) => ({ port: 80, targetPort }))
    expect(schemas.check(services, { spec: { ports } }).wrong).toEqual([])
    const capacity = { cpu: 2, memory: '1Gi', pods: '1e2' }
    expect(schemas.check(nodes, { status: { capacity } }).wrong).toEqual([])
    const spec = { renewTime: '2030-01-01T00:00:00.123456Z' }
    expect(schemas.check(leases, { spec }).wrong).toEqual([])
  })

  it('never throws, whatever JSON it is given, and finds nothing unknown the second time', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.string(), (value, key) => {
        const object = { metadata: value, spec: value, status: value, [key]: value }
        schemas.check(deployments, object)
        expect(schemas.check(deployments, object).unknown).toEqual([])
      }),
    )
  })

  it('lets kinds pass that it does not know', () => {
    const kind = { group: 'example.com', version: 'v1', kind: 'Thing' }
    expect(schemas.check(kind, { anything: 1 })).toEqual({ unknown: [], wrong: [] })
  })
})

describe('mergeStrategy', () => {
  it.each([
    ['spec', 'map', undefined],
    ['spec.template.spec.containers', 'list', 'name'],
    ['spec.template.spec.containers.ports', 'list', 'containerPort'],
    ['spec.template.spec.containers.env', 'list', 'name'],
    ['spec.template.spec.containers.volumeMounts', 'list', 'mountPath'],
    ['spec.template.spec.containers.command', 'atomic', undefined],
    ['spec.template.spec.containers.resources.limits', 'map', undefined],
    ['spec.template.spec.tolerations', 'atomic', undefined],
    ['spec.template.spec.nodeSelector', 'map', undefined],
    ['spec.selector', 'map', undefined],
    ['spec.replicas', 'atomic', undefined],
    ['metadata.labels', 'map', undefined],
    ['metadata.labels.app', 'atomic', undefined],
    ['metadata.finalizers', 'set', undefined],
    ['metadata.ownerReferences', 'list', 'uid'],
    ['status.conditions', 'list', 'type'],
    ['spec.nonsense.deeper', 'atomic', undefined],
  ])('%s of a Deployment is %s by %s', (path, type, mergeKey) => {
    const strategy = schemas.mergeStrategy(deployments, ...path.split('.'))
    expect(strategy.type).toBe(type)
    expect(strategy.mergeKey).toBe(mergeKey)
  })

  it('knows where keys are retained', () => {
    expect(schemas.mergeStrategy(deployments, 'spec', 'strategy')).toEqual({
      type: 'map',
      retainKeys: true,
    })
    expect(schemas.mergeStrategy(pods, 'spec', 'volumes')).toEqual({
      type: 'list',
      mergeKey: 'name',
      retainKeys: true,
    })
  })

  it('merges service ports by number and node addresses by type', () => {
    expect(schemas.mergeStrategy(services, 'spec', 'ports').mergeKey).toBe('port')
    expect(schemas.mergeStrategy(nodes, 'status', 'addresses').mergeKey).toBe('type')
  })
})
