import { afterEach, expect, it } from 'vitest'
import type {
  CertificateRequestCondition,
  CertificateSigningRequest,
} from '../../shared/kubernetes/certificates.ts'
import { certificateSigningRequests } from '../../shared/kubernetes/kinds.ts'
import { timeText } from '../machinery/clock.ts'
import { createManualClock } from '../machinery/manual-clock.ts'
import { removalOf } from './certificate-plan.ts'
import { startCertificates } from './certificates.ts'
import { startTestCluster, type TestCluster } from './testing/cluster.ts'

const T0 = Date.UTC(2026, 0, 1)
const HOUR = 3_600_000

const decided = (type: string, at: number): CertificateRequestCondition => ({
  type,
  status: 'True',
  lastUpdateTime: timeText(at),
})

function request(
  name: string,
  conditions: CertificateRequestCondition[],
  signerName = 'kubernetes.io/kube-apiserver-client',
): CertificateSigningRequest {
  return {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name, uid: `uid-${name}`, creationTimestamp: timeText(T0) },
    spec: { request: '', signerName },
    status: { conditions },
  }
}

it.each([
  ['pending', request('a', []), 24],
  ['approved', request('a', [decided('Approved', T0 + 2 * HOUR)]), 3],
  ['denied', request('a', [decided('Denied', T0)]), 1],
  ['failed since', request('a', [decided('Approved', T0 + HOUR), decided('Failed', T0)]), 1],
])('a request that is %s is removed in time', (_, object, hours) => {
  expect(removalOf(object)).toBe(T0 + hours * HOUR)
})

let cluster: TestCluster | undefined
afterEach(() => cluster?.close())

it('signs what was approved, says why it does not, and removes what is old', async () => {
  const clock = createManualClock(T0)
  const asked: string[] = []
  cluster = startTestCluster(
    (deps) =>
      startCertificates(deps, async ({ signerName }) => {
        asked.push(signerName)
        if (signerName.startsWith('kubernetes.io/')) return { certificate: 'PEM' }
        return signerName === 'example.com/strict' ? { refused: 'not like this' } : undefined
      }),
    [
      request('waits', []),
      request('yes', [decided('Approved', T0)]),
      request('no', [decided('Approved', T0)], 'example.com/strict'),
      request('others', [decided('Approved', T0)], 'example.com/theirs'),
      request('denied', [decided('Denied', T0)]),
      request('old', [decided('Denied', T0 - HOUR)]),
    ].map((object) => [certificateSigningRequests, object]),
    clock,
  )
  const { client } = cluster
  const until: TestCluster['until'] = (holds) => cluster!.until(holds)
  const read = (name: string) => client.get(certificateSigningRequests, { name })
  await until(async () => {
    const { status } = await read('yes')
    return status?.certificate === btoa('PEM')
  })
  await until(async () => {
    const { status } = await read('no')
    const failed = status?.conditions?.find(({ type }) => type === 'Failed')
    return failed?.reason === 'SignerValidationFailure' && failed.message === 'not like this'
  })
  const names = async () => {
    const { items } = await client.list(certificateSigningRequests)
    return items.map(({ metadata }) => metadata.name ?? '').sort((a, b) => (a < b ? -1 : 1))
  }
  await until(async () => !(await names()).includes('old'))
  expect(asked.sort()).toEqual([
    'example.com/strict',
    'example.com/theirs',
    'kubernetes.io/kube-apiserver-client',
  ])
  await clock.advance(HOUR)
  await until(async () => (await names()).join() === 'waits')
})
