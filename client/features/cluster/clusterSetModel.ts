// What the view says of other clusters: who they are, how they are seen from here, and what goes from one to the other. Pure.
import type { Lease } from '../../../shared/kubernetes/cluster.ts'
import { conditionOf } from '../../../shared/kubernetes/meta.ts'
import type { ServiceExport, ServiceImport } from '../../../shared/kubernetes/multicluster.ts'
import {
  PEER_LABEL,
  PEER_MESSAGE_ANNOTATION,
  PEER_STATE_ANNOTATION,
} from '../../../shared/kubernetes/multicluster.ts'

export interface PeerRow {
  name: string
  tone: 'good' | 'unknown' | 'bad'
  /** `connected`, `lost, tried again until it answers` … */
  state: string
  /** Why, in the words of who tried; for a look closer. */
  why: string
  /** Names of services that come from it. */
  from: string[]
}

export interface ClusterSet {
  peers: PeerRow[]
  /** Names of the Services that this cluster exports. */
  exported: string[]
}

const STATES: Record<string, Pick<PeerRow, 'tone' | 'state'>> = {
  connected: { tone: 'good', state: 'connected' },
  lost: { tone: 'bad', state: 'lost, tried again until it answers' },
  refused: { tone: 'bad', state: 'refuses this cluster' },
}
const CONNECTING = { tone: 'unknown', state: 'connecting' } as const

/** Members in order of name. `leases` are those of members. */
export function clusterSetOf(
  leases: readonly Lease[],
  exports: readonly ServiceExport[],
  imports: readonly ServiceImport[],
): ClusterSet {
  const peers = leases.map(({ metadata }): PeerRow => {
    const name = metadata.labels?.[PEER_LABEL] ?? ''
    const coming = imports.filter(({ status }) =>
      status?.clusters?.some(({ cluster }) => cluster === name),
    )
    return {
      name,
      ...(STATES[metadata.annotations?.[PEER_STATE_ANNOTATION] ?? ''] ?? CONNECTING),
      why: metadata.annotations?.[PEER_MESSAGE_ANNOTATION] ?? '',
      from: coming.map((one) => one.metadata.name ?? ''),
    }
  })
  const valid = exports.filter(
    ({ status }) => conditionOf(status?.conditions, 'Valid')?.status === 'True',
  )
  return {
    peers: peers.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    exported: valid.map(({ metadata }) => metadata.name ?? ''),
  }
}
