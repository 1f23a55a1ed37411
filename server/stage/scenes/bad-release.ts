// The demo's servers get a release that fails. The rollout pauses by itself, and going back loses nothing.
import type { KubeClient } from '../../../shared/client.ts'
import { withTag } from '../../../shared/images.ts'
import { deployments } from '../../../shared/kubernetes/kinds.ts'
import type { Deployment } from '../../../shared/kubernetes/workloads.ts'
import { CAST } from '../demo/keynote.ts'
import { cannot, until } from './script.ts'
import type { Scene } from './script.ts'

const IMAGE_BEFORE = 'podium.dev/image-before'
const BAD_VERSION = 'v3'
/** Longer than the demo's deadline for pods to be ready. */
const PAUSE_BOUND_MS = 90_000
const KEY = { namespace: CAST.namespace, name: CAST.deployment }

const imageOf = ({ spec }: Deployment): string => spec.template.spec.containers[0]?.image ?? ''

export const badRelease: Scene = {
  endsItself: true,
  async check({ client }) {
    const { spec, status } = await client.get(deployments, KEY)
    if (spec.paused || (status?.updatedReplicas ?? 0) < (spec.replicas ?? 1)) {
      throw cannot(`Another update of ${KEY.name} is under way.`)
    }
  },
  async before(client) {
    return { [IMAGE_BEFORE]: imageOf(await client.get(deployments, KEY)) }
  },
  async play(play) {
    const { client, say } = play
    const image = imageOf(await client.get(deployments, KEY))
    await ship(client, withTag(image, BAD_VERSION))
    say(`${BAD_VERSION} is on its way, and will crash.`)
    const isPaused = async (): Promise<true | undefined> =>
      (await client.get(deployments, KEY)).spec.paused ? true : undefined
    await until(play, 'The pause', isPaused, PAUSE_BOUND_MS)
    say('Paused by itself. Roll back, or end the scene.')
    const isBack = async (): Promise<true | undefined> => {
      const held = await client.get(deployments, KEY)
      return imageOf(held) === image && !held.spec.paused ? true : undefined
    }
    await until(play, 'Going back', isBack, Infinity)
  },
  async restore({ client }, { [IMAGE_BEFORE]: image }) {
    if (!image) return
    const held = await client.get(deployments, KEY)
    if (imageOf(held) !== image || held.spec.paused) await ship(client, image)
  },
}

/** The servers' image becomes this one; a rollout that is paused goes on with it. */
async function ship(client: KubeClient, image: string): Promise<void> {
  const { spec } = await client.get(deployments, KEY)
  const name = spec.template.spec.containers[0]?.name
  const template = { spec: { containers: [{ name, image }] } }
  await client.patch(deployments, KEY, { spec: { paused: null, template } }, { type: 'strategic' })
}
