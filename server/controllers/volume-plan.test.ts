import { describe, expect, it } from 'vitest'
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
} from '../../shared/kubernetes/storage.ts'
import { makePod } from './testing/objects.ts'
import { planClaim, planVolume } from './volume-plan.ts'

type Claim = Partial<PersistentVolumeClaim['spec']>

const claim = (spec: Claim = {}, deleting = false): PersistentVolumeClaim => ({
  metadata: {
    name: 'data',
    namespace: 'default',
    uid: 'uid-data',
    ...(deleting && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
  },
  spec: {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '5Gi' } },
    storageClassName: 'manual',
    ...spec,
  },
  status: { phase: 'Pending' },
})

const volume = (
  name: string,
  storage: string,
  spec: Partial<PersistentVolume['spec']> = {},
  phase: NonNullable<PersistentVolume['status']>['phase'] = 'Available',
): PersistentVolume => ({
  metadata: { name, uid: `uid-${name}` },
  spec: {
    capacity: { storage },
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'manual',
    ...spec,
  },
  status: { phase },
})

const storageClass = (mode: StorageClass['volumeBindingMode']): StorageClass => ({
  metadata: { name: 'manual' },
  provisioner: 'podium.dev/directory',
  volumeBindingMode: mode!,
})

const plan = (
  of: PersistentVolumeClaim,
  volumes: PersistentVolume[] = [],
  classes: StorageClass[] = [],
  users = [] as ReturnType<typeof makePod>[],
) =>
  planClaim(of, {
    volumes,
    volume: (name) => volumes.find(({ metadata }) => metadata.name === name),
    storageClass: (name) => classes.find(({ metadata }) => metadata.name === name),
    users,
  })

describe('a claim', () => {
  it('gets the smallest volume that is enough', () => {
    const volumes = [volume('a', '1Gi'), volume('b', '20Gi'), volume('c', '10Gi')]
    expect(plan(claim(), volumes)).toMatchObject({ do: 'bind', volume: volumes[2] })
  })

  it.each<[string, PersistentVolume]>([
    ['of another class', volume('a', '10Gi', { storageClassName: 'fast' })],
    ['with other modes', volume('a', '10Gi', { accessModes: ['ReadOnlyMany'] })],
    ['that somebody has', volume('a', '10Gi', {}, 'Bound')],
    ['kept for another', volume('a', '10Gi', { claimRef: { name: 'x', namespace: 'default' } })],
  ])('gets no volume %s', (_, wrong) => {
    expect(plan(claim(), [wrong]).do).toBe('wait')
  })

  it('gets the volume kept for it, whatever its size', () => {
    const kept = volume('a', '1Gi', { claimRef: { name: 'data', namespace: 'default' } })
    expect(plan(claim(), [volume('b', '5Gi'), kept])).toMatchObject({ do: 'bind', volume: kept })
  })

  it('gets a volume made for it, at once or when a pod that uses it has a node', () => {
    expect(plan(claim(), [], [storageClass('Immediate')]).do).toBe('provision')
    const lazy = [storageClass('WaitForFirstConsumer')]
    expect(plan(claim(), [], lazy)).toMatchObject({ reason: 'WaitForFirstConsumer' })
    expect(plan(claim(), [], lazy, [makePod({ node: '' })]).do).toBe('wait')
    expect(plan(claim(), [], lazy, [makePod({})]).do).toBe('provision')
  })

  it('is held while a pod that has not ended uses it', () => {
    expect(plan(claim({}, true), [], [], [makePod({})]).do).toBe('nothing')
    expect(plan(claim({}, true), [], [], [makePod({ phase: 'Succeeded' })]).do).toBe('let go')
  })

  it('is lost when its volume is', () => {
    const bound = { ...claim({ volumeName: 'gone' }), status: { phase: 'Bound' as const } }
    expect(plan(bound).do).toBe('lose')
  })
})

describe('a volume', () => {
  const claimRef = { name: 'data', namespace: 'default', uid: 'uid-data' }

  it('is available, bound, released, and then kept or not', () => {
    expect(planVolume(volume('a', '1Gi', {}, 'Pending'), undefined)).toEqual({
      do: 'say',
      phase: 'Available',
    })
    const used = volume('a', '1Gi', { claimRef, persistentVolumeReclaimPolicy: 'Delete' }, 'Bound')
    expect(planVolume(used, claim()).do).toBe('nothing')
    expect(planVolume(used, undefined)).toEqual({ do: 'say', phase: 'Released' })
    const released = { ...used, status: { phase: 'Released' as const } }
    expect(planVolume(released, undefined).do).toBe('reclaim')
    const spec = { ...released.spec, persistentVolumeReclaimPolicy: 'Retain' as const }
    expect(planVolume({ ...released, spec }, undefined).do).toBe('nothing')
  })
})
