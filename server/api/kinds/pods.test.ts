import { describe, expect, it } from 'vitest'
import { serviceAccounts } from '../../../shared/kubernetes/kinds.ts'
import type { Container, Pod, PodSpec } from '../../../shared/kubernetes/pod.ts'
import { podStrategy, qosClass } from './pods.ts'
import { createWith, updateWith } from './testing/messages.ts'
import { contextOver } from './testing/samples.ts'

function pod(spec: Partial<PodSpec> = {}, container: Partial<Container> = {}): Pod {
  const containers = [{ name: 'web', image: 'nginx:v1', ...container }]
  return { metadata: { name: 'a', namespace: 'default' }, spec: { containers, ...spec } }
}

function created(spec?: Partial<PodSpec>, container?: Partial<Container>): Pod {
  const object = pod(spec, container)
  expect(createWith(podStrategy, object)).toEqual([])
  return object
}

describe('a new pod', () => {
  it('tolerates lost nodes for five minutes, unless it says otherwise', () => {
    expect(created().spec.tolerations).toEqual([
      {
        key: 'node.kubernetes.io/not-ready',
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      },
      {
        key: 'node.kubernetes.io/unreachable',
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      },
    ])
    const everything = [{ operator: 'Exists' as const }]
    expect(created({ tolerations: everything }).spec.tolerations).toEqual(everything)
  })

  it('gets the default account and its token', () => {
    const { spec } = created()
    const [volume] = spec.volumes ?? []
    expect(spec.serviceAccountName).toBe('default')
    expect(volume?.name).toMatch(/^kube-api-access-[a-z0-9]{5}$/)
    expect(spec.containers[0]?.volumeMounts).toEqual([
      {
        name: volume?.name,
        readOnly: true,
        mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
      },
    ])
    expect(created({ automountServiceAccountToken: false }).spec.volumes).toBeUndefined()
  })

  it('needs the account it names, and does as that account says', () => {
    expect(() => createWith(podStrategy, pod({ serviceAccountName: 'robot' }))).toThrow(
      'pods "a" is forbidden: error looking up service account default/robot: serviceaccount "robot" not found',
    )
    const metadata = { name: 'robot', namespace: 'default' }
    const object = { metadata, automountServiceAccountToken: false }
    const quiet = pod({ serviceAccountName: 'robot' })
    createWith(podStrategy, quiet, contextOver([{ kind: serviceAccounts, object }]))
    expect(quiet.spec.volumes).toBeUndefined()
  })

  it('has a priority of its class', () => {
    expect(created().spec).toMatchObject({ priority: 0, preemptionPolicy: 'PreemptLowerPriority' })
    const critical = created({ priorityClassName: 'system-node-critical' })
    expect(critical.spec.priority).toBe(2_000_001_000)
    expect(() => createWith(podStrategy, pod({ priorityClassName: '__proto__' }))).toThrow(
      'no PriorityClass with name __proto__ was found',
    )
  })

  it('requests what it is limited to, in canonical form', () => {
    const { spec } = created({}, { resources: { limits: { cpu: '0.5', memory: '1024Mi' } } })
    expect(spec.containers[0]?.resources).toEqual({
      limits: { cpu: '500m', memory: '1Gi' },
      requests: { cpu: '500m', memory: '1Gi' },
    })
  })

  it('pulls always what may have changed', () => {
    const policy = (image: string) => created({}, { image }).spec.containers[0]?.imagePullPolicy
    expect(policy('nginx')).toBe('Always')
    expect(policy('localhost:5000/nginx:latest')).toBe('Always')
    expect(policy('nginx:v1')).toBe('IfNotPresent')
    expect(policy(`nginx@sha256:${'0'.repeat(64)}`)).toBe('IfNotPresent')
  })

  it('says what is not enforced', () => {
    const warnings: string[] = []
    const context = contextOver([], warnings)
    createWith(
      podStrategy,
      pod(
        {},
        {
          securityContext: {
            runAsUser: 1000,
            privileged: false,
            seccompProfile: { type: 'RuntimeDefault' },
          },
        },
      ),
      context,
    )
    expect(warnings).toEqual([
      'spec.containers[0].securityContext.runAsUser: not enforced by Podium: every process runs as the user who started Podium',
      'spec.containers[0].securityContext.seccompProfile: not enforced by Podium',
    ])
  })
})

it('probes get their defaults', () => {
  const { spec } = created({}, { readinessProbe: { httpGet: { port: 80 } } })
  expect(spec.containers[0]?.readinessProbe).toEqual({
    httpGet: { port: 80, path: '/', scheme: 'HTTP' },
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  })
})

it.each<[Partial<Container>, string[]]>([
  [{}, ['BestEffort']],
  [{ resources: { requests: { cpu: '1' } } }, ['Burstable']],
  [{ resources: { limits: { cpu: '1', memory: '1Gi' } } }, ['Guaranteed']],
  [
    { resources: { requests: { memory: '1Gi' }, limits: { cpu: '1', memory: '2Gi' } } },
    ['Burstable'],
  ],
])('%j is %j', (container, [expected]) => {
  expect(qosClass(created({}, container))).toBe(expected)
})

describe('refuses', () => {
  it.each<[string, Pod, string[]]>([
    ['no containers', pod({ containers: [] }), ['spec.containers: Required value']],
    [
      'an image that is missing',
      pod({}, { image: '' }),
      ['spec.containers[0].image: Required value'],
    ],
    [
      'containers of the same name',
      pod({ initContainers: [{ name: 'web', image: 'busybox' }] }),
      ['spec.initContainers[0].name: Duplicate value: "web"'],
    ],
    [
      'a mount of nothing',
      pod(
        { automountServiceAccountToken: false },
        { volumeMounts: [{ name: 'x', mountPath: '/x' }] },
      ),
      ['spec.containers[0].volumeMounts[0].name: Not found: "x"'],
    ],
    [
      'requests above limits',
      pod({}, { resources: { requests: { cpu: '200m' }, limits: { cpu: '100m' } } }),
      [
        'spec.containers[0].resources.requests: Invalid value: "200m": must be less than or equal to cpu limit of 100m',
      ],
    ],
    [
      'a probe that does nothing',
      pod({}, { livenessProbe: {} }),
      ['spec.containers[0].livenessProbe: Required value: must specify a handler type'],
    ],
    [
      'a preference without weight',
      pod({
        affinity: {
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { podAffinityTerm: { topologyKey: 'zone', namespaceSelector: {} } },
            ],
          },
        },
      }),
      [
        'spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be in the range 1-100',
        'spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.namespaceSelector: Forbidden: not implemented by Podium',
      ],
    ],
    [
      'an operator the scheduler could not read',
      pod({
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'Near' }] }],
            },
          },
        },
      }),
      [
        'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].operator: Invalid value: "Near": not a valid selector operator',
      ],
    ],
    [
      'a volume of a kind the kubelet lacks',
      pod({
        volumes: [{ name: 'v', nfs: { server: 's', path: '/' } }],
      } as unknown as Partial<PodSpec>),
      ['spec.volumes[0].nfs: Forbidden: not implemented by Podium'],
    ],
    [
      'fields Podium does not do',
      pod({ hostPID: true, runtimeClassName: 'x', setHostnameAsFQDN: true } as Partial<PodSpec>),
      [
        'spec.runtimeClassName: Forbidden: not implemented by Podium',
        'spec.setHostnameAsFQDN: Forbidden: not implemented by Podium',
      ],
    ],
    [
      'an unknown restart policy',
      pod({ restartPolicy: 'Sometimes' as never }),
      [
        'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
      ],
    ],
    [
      'a path out of its volume',
      pod({
        volumes: [{ name: 'v', secret: { secretName: 's', items: [{ key: 'k', path: '../k' }] } }],
      }),
      [
        'spec.volumes[0].secret.items[0].path: Invalid value: "../k": must not contain \'..\'',
        'spec.volumes[0].secret.items[0].path: Invalid value: "../k": must not start with \'..\'',
      ],
    ],
    [
      'a field that env cannot name',
      pod({}, { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.containers' } } }] }),
      [
        'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "spec.containers": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"',
      ],
    ],
  ])('%s', (_, object, expected) => {
    expect(createWith(podStrategy, object)).toEqual(expected)
  })
})

describe('updates', () => {
  it('may change images and add tolerations', () => {
    const messages = updateWith(podStrategy, created(), ({ spec }) => {
      spec.containers[0]!.image = 'nginx:v2'
      spec.tolerations = [...(spec.tolerations ?? []), { key: 'a', operator: 'Exists' }]
      spec.activeDeadlineSeconds = 5
    })
    expect(messages).toEqual([])
  })

  it('may change nothing else', () => {
    const [message, ...more] = updateWith(podStrategy, created(), ({ spec }) => {
      spec.containers[0]!.command = ['sh']
    })
    expect(more).toEqual([])
    expect(message).toMatch(/^spec: Forbidden: pod updates may not change fields other than/)
  })

  it('may not take tolerations away, or add containers', () => {
    const old = created()
    expect(updateWith(podStrategy, old, ({ spec }) => (spec.tolerations = []))).toEqual([
      'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
    ])
    expect(
      updateWith(podStrategy, old, ({ spec }) => spec.containers.push({ name: 'b', image: 'c' })),
    ).toEqual(['spec.containers: Forbidden: pod updates may not add or remove containers'])
  })
})

describe('deletion', () => {
  const running = (spec: Partial<PodSpec> = {}) => created({ nodeName: 'node-1', ...spec })
  it('waits for the node that runs the pod, and only then', () => {
    expect(podStrategy.deletion?.(running(), undefined)).toEqual({ seconds: 30 })
    expect(podStrategy.deletion?.(running(), 5)).toEqual({ seconds: 5 })
    expect(podStrategy.deletion?.(running(), 0)).toBe('now')
    expect(podStrategy.deletion?.(created(), undefined)).toBe('now')
    const finished: Pod = { ...running(), status: { phase: 'Succeeded' } }
    expect(podStrategy.deletion?.(finished, undefined)).toBe('now')
  })
})
