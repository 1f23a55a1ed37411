// Pods that ask for far less processor than they use, and a VerticalPodAutoscaler that recreates them with what they need.
import { pods } from '../../../shared/kubernetes/kinds.ts'
import { isBeingDeleted } from '../../../shared/kubernetes/meta.ts'
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import type { VerticalPodAutoscaler } from '../../../shared/kubernetes/vertical.ts'
import { verticalPodAutoscalers } from '../../../shared/kubernetes/vertical.ts'
import { deploymentOf } from './objects.ts'
import { create, until } from './script.ts'
import type { Play, Scene } from './script.ts'

const NAME = 'thumbnails'
const REPLICAS = 2
const ASKED = '10m'
/** Processors that each pod keeps busy. */
const BUSY = '0.1'
/** Its recommender looks once a minute, and its updater after that. */
const BOUND_MS = 300_000

export const vertical: Scene = {
  async play(play) {
    play.say(`Two pods ask for ${ASKED} of processor each, and use ten times that.`)
    await create(play, [
      deploymentOf(NAME, REPLICAS, {
        name: NAME,
        image: 'podium/hog:v1',
        args: ['--cpu', BUSY],
        resources: { requests: { cpu: ASKED, memory: '32Mi' } },
      }),
    ])
    await play.client.create(verticalPodAutoscalers, autoscaler(play.namespace))
    const target = await until(play, 'The recommendation', () => recommended(play), BOUND_MS)
    play.say(`${target} is recommended: pods below the lower bound are evicted, and come back.`)
    const all = await until(play, 'The new pods', () => followed(play), BOUND_MS)
    play.say(`All ${all} pods ask for what they use.`)
  },
}

function autoscaler(namespace: string): VerticalPodAutoscaler {
  const { group, version, kind } = verticalPodAutoscalers
  return {
    apiVersion: `${group}/${version}`,
    kind,
    metadata: { name: NAME, namespace },
    spec: {
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: NAME },
      updatePolicy: { updateMode: 'Recreate' },
      resourcePolicy: {
        containerPolicies: [{ containerName: '*', maxAllowed: { memory: '64Mi' } }],
      },
    },
  }
}

async function recommended({ client, namespace }: Play): Promise<string | undefined> {
  const { status } = await client.get(verticalPodAutoscalers, { namespace, name: NAME })
  return status?.recommendation?.containerRecommendations[0]?.target['cpu']
}

/** How many there are, once none asks for what it asked for at first. */
async function followed({ client, namespace }: Play): Promise<number | undefined> {
  const { items } = await client.list(pods, { namespace })
  const alive = items.filter((pod) => !isBeingDeleted(pod))
  const asks = ({ spec }: Pod): string | undefined =>
    spec.containers[0]?.resources?.requests?.['cpu']
  const isDone = alive.length === REPLICAS && alive.every((pod) => asks(pod) !== ASKED)
  return isDone ? REPLICAS : undefined
}
