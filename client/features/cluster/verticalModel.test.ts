import { expect, test } from 'vitest'
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import type { UpdateMode, VerticalPodAutoscaler } from '../../../shared/kubernetes/vertical.ts'
import type { ContainerRecommendation } from '../../../shared/kubernetes/vertical-amounts.ts'
import { barOf, formulaOf, podsOf, verticalModel } from './verticalModel.ts'

const advice = (containerName: string, cpu: string): ContainerRecommendation => ({
  containerName,
  target: { cpu, memory: '256Mi' },
  lowerBound: { cpu: '25m', memory: '250Mi' },
  upperBound: { cpu: '100G', memory: '300Mi' },
})

const vpa = (
  updateMode: UpdateMode,
  ...containerRecommendations: ContainerRecommendation[]
): VerticalPodAutoscaler => ({
  metadata: { name: 'v', namespace: 'shop' },
  spec: { targetRef: { kind: 'Deployment', name: 'web' }, updatePolicy: { updateMode } },
  status: { recommendation: { containerRecommendations } },
})

const pod = (cpu: string, owner = 'web-77', kind = 'ReplicaSet'): Pod => ({
  metadata: {
    name: 'p',
    namespace: 'shop',
    labels: { 'pod-template-hash': '77' },
    ownerReferences: [{ apiVersion: 'apps/v1', kind, name: owner, uid: 'u', controller: true }],
  },
  spec: {
    containers: ['main', 'side'].map((name) => ({
      name,
      image: 'web',
      resources: { requests: { cpu, memory: '260Mi' } },
    })),
  },
})

test('a Deployment has the pods of its ReplicaSets, and no others of a name that begins like it', () => {
  const own = pod('10m')
  expect(podsOf(vpa('Off'), [own, pod('10m', 'web-2-77'), pod('10m', 'web', 'Job')])).toEqual([own])
})

test('the container that is furthest from its advice is shown, with the least that is asked for', () => {
  const model = verticalModel(vpa('Off', advice('main', '50m'), advice('side', '1500m')), [
    pod('40m'),
    pod('45m'),
  ])
  expect(model).toMatchObject({ container: 'side', containers: 2 })
  const texts = model.rows.map(({ words, request, target, lower, upper }) =>
    [request ?? 0, target, lower, upper].map(words).join(' '),
  )
  expect(texts).toEqual(['40m 1.5 25m ∞', '260 MiB 256 MiB 250 MiB 300 MiB'])
})

test.each<[UpdateMode, string, string]>([
  ['Off', '10m', 'Advice only: pods stay as they are.'],
  ['Initial', '10m', 'Pods ask for it when they are created, and not before.'],
  ['Recreate', '30m', 'All pods ask for an amount within its bounds.'],
  ['Auto', '10m', '1 of 1 pods ask for an amount outside of its bounds, and are recreated.'],
])('%s, asking for %s', (mode, cpu, words) => {
  expect(verticalModel(vpa(mode, advice('main', '50m')), [pod(cpu)]).explanation).toBe(words)
})

test('the sum says what bounds it', () => {
  const capped = { ...advice('main', '50m'), uncappedTarget: { cpu: '587m' } }
  const texts = [advice('main', '50m'), capped].map((each) => {
    const [row] = verticalModel(vpa('Off', each), [pod('10m')]).rows
    return formulaOf(row!)
  })
  expect(texts).toEqual(['max(p90 × 1.15, 13m) = 50m', 'max(p90 × 1.15, 13m) = 587m, at most 50m'])
})

test('before there is advice there is a reason, or patience', () => {
  const none = { ...vpa('Off'), status: {} }
  expect(verticalModel(none, [])).toMatchObject({ container: null, rows: [] })
  const message = 'No pods match this VPA object'
  const conditions = [{ type: 'NoPodsMatched', status: 'True' as const, message }]
  expect(verticalModel({ ...none, status: { conditions } }, []).explanation).toBe(message)
})

test('a bound that lies far away is off the scale, on which the rest can be told apart', () => {
  const [first] = verticalModel(vpa('Off', advice('main', '3')), [pod('1')]).rows
  const row = { ...first!, lower: 2 }
  const far = barOf(row)
  expect(far.upper).toBeNull()
  const near = barOf({ ...row, upper: 4 })
  expect([near.request, near.lower, near.target, near.upper].map((at) => at!.toFixed(2))).toEqual([
    '0.23',
    '0.45',
    '0.68',
    '0.91',
  ])
})
