// Pods that take the real memory of one node until it runs short: limits that hold, a limit that kills, evictions by QoS.
import { nodeMetrics } from '../../../shared/kubernetes/measured-kinds.ts'
import type { Node } from '../../../shared/kubernetes/cluster.ts'
import { isFailedOnPurpose, isNodeReady, isSimulated } from '../../../shared/kubernetes/cluster.ts'
import type { KubeClient } from '../../../shared/client.ts'
import { nodes } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import { wholeUnits } from '../../../shared/quantity.ts'
import { cannot, create, pause } from './script.ts'
import type { Scene } from './script.ts'

/** Shares of what the node promises: what a hog takes, and what it asks for. A limit of 0 is none. */
interface Appetite {
  name: string
  takes: number
  request: number
  limit: number
}

const FIRST: readonly Appetite[] = [
  { name: 'ledger', takes: 0.11, request: 0.15, limit: 0.15 },
  { name: 'api', takes: 0.3, request: 0.1, limit: 0.5 },
  { name: 'cache', takes: 0.16, request: 0.04, limit: 0.08 },
  { name: 'report-1', takes: 0.12, request: 0, limit: 0 },
  { name: 'report-2', takes: 0.11, request: 0, limit: 0 },
  { name: 'report-3', takes: 0.1, request: 0, limit: 0 },
]
/** What does not fit any more. */
const LAST: Appetite = { name: 'search', takes: 0.42, request: 0.2, limit: 0.55 }
const GROWS_FIRST_MS = 7_000
/** Taken a hundredth of the node at a time, so that the hall can follow. */
const STEP = 0.01
const STEP_PAUSE_MS = 80
/** Of the machine's memory this much stays free. */
const RESERVE_BYTES = 700 * 2 ** 20

interface Place {
  name: string
  /** Bytes the node promises, and those in use. */
  allocatable: number
  used: number
}

export const memory: Scene = {
  async check({ client, spareMemory }) {
    const { name, allocatable, used } = await emptiestNode(client)
    const needed = allocatable - used
    if (needed + RESERVE_BYTES <= spareMemory) return
    throw cannot(
      `Filling ${name} takes ${gibibytes(needed)} of real memory, and this machine has ${gibibytes(spareMemory)} to spare. Start Podium with --node-memory 1Gi.`,
    )
  },
  async play(play) {
    const place = await emptiestNode(play.client)
    play.say(`Six pods share ${place.name}: their limits are more than it has.`)
    await create(
      play,
      FIRST.map((appetite) => hog(appetite, place)),
    )
    await pause(play, GROWS_FIRST_MS)
    await create(play, [hog(LAST, place)])
    play.say(`search grows too: when ${place.name} runs short, BestEffort pods go first.`)
  },
}

/** The node that has the most to give; one that is failed or simulated runs nothing. */
async function emptiestNode(client: KubeClient): Promise<Place> {
  const [{ items }, measured] = await Promise.all([client.list(nodes), client.list(nodeMetrics)])
  const usedBy = new Map(
    measured.items.map(({ metadata, usage }) => [metadata.name, wholeUnits(usage.memory)]),
  )
  const places = items.filter(isUsable).map(({ metadata, status }): Place => {
    const allocatable = wholeUnits(status?.allocatable?.['memory'])
    return { name: metadata.name ?? '', allocatable, used: usedBy.get(metadata.name) ?? 0 }
  })
  const share = ({ used, allocatable }: Place): number => used / allocatable
  const [best] = places.toSorted((a, b) => share(a) - share(b))
  if (!best) throw cannot('No node that runs processes is Ready.')
  return best
}

function isUsable(node: Node): boolean {
  const isOpen = !node.spec?.unschedulable && (node.spec?.taints ?? []).length === 0
  return isNodeReady(node) && isOpen && !isSimulated(node) && !isFailedOnPurpose(node)
}

function hog({ name, takes, request, limit }: Appetite, place: Place): Pod & KubeObject {
  const bytes = (share: number): string => String(Math.round(share * place.allocatable))
  const amount = (share: number): Record<string, string> => ({
    ...(share > 0 && { cpu: '50m', memory: bytes(share) }),
  })
  const appetiteOf = (share: number): string[] =>
    `--memory ${bytes(share)} --mem-alloc-size ${bytes(STEP)} --mem-alloc-sleep ${STEP_PAUSE_MS}ms`.split(
      ' ',
    )
  const isGuaranteed = request > 0 && request === limit
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: {
      nodeSelector: { 'kubernetes.io/hostname': place.name },
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'hog',
          image: 'podium/hog:v1',
          args: appetiteOf(takes),
          resources: {
            ...(request > 0 && { requests: amount(request) }),
            ...(limit > 0 && {
              limits: { memory: bytes(limit), ...(isGuaranteed && { cpu: '50m' }) },
            }),
          },
        },
      ],
    },
  }
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`
}
