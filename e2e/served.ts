// What the web pods themselves say they answered: living ones when asked, ended ones in their termination message.
import { KubeConfig, Watch } from '@kubernetes/client-node'
import type { Pod } from '../shared/kubernetes/pod.ts'
import { eventually } from './podium.ts'
import type { Product } from './podium.ts'

export interface ServedCount {
  /** Answers of all nginx pods that ever ran since counting began; asks the living ones. */
  total(): Promise<number>
  /** What both sides count once they agree; what they count after a while where they do not. `before`: the stage's, to begin with. */
  bothSides(before: number): Promise<{ stage: number; pods: number }>
  /** Pods that ended with a last word. */
  ended(): number
  stop(): void
}

/** Starts counting; call it before the first pod ends. */
export async function countServed(product: Product): Promise<ServedCount> {
  const lastWords = new Map<string, number>()
  const living = new Map<string, string>()
  const note = (type: string, pod: Pod): void => {
    const uid = pod.metadata.uid ?? ''
    const message = pod.status?.containerStatuses?.[0]?.state?.terminated?.message
    if (message) lastWords.set(uid, (JSON.parse(message) as { answered: number }).answered)
    if (type === 'DELETED' || message) living.delete(uid)
    else living.set(uid, pod.metadata.name ?? '')
  }
  const config = new KubeConfig()
  config.loadFromFile(product.kubeconfig)
  const path = '/api/v1/namespaces/default/pods'
  const watching = await new Watch(config).watch(
    path,
    { labelSelector: 'run=nginx' },
    note,
    () => undefined,
  )

  const ask = async (name: string): Promise<number> => {
    const raw = await product.kubectlOk('get', '--raw', `${path}/${name}/proxy/-/stats`)
    return (JSON.parse(raw) as { answered: number }).answered
  }
  const total = async (): Promise<number> => {
    const counts = [...lastWords.values(), ...(await Promise.all([...living.values()].map(ask)))]
    return counts.reduce((sum, count) => sum + count, 0)
  }
  return {
    total,
    async bothSides(before) {
      const now = async (): Promise<{ stage: number; pods: number }> => ({
        stage: (await product.summary()).served - before,
        pods: await total(),
      })
      // The last pods' last words arrive a moment after they have gone.
      const agreed = await eventually('last words are in', async () => {
        const counts = await now()
        return counts.stage === counts.pods && counts
      }).catch(() => undefined)
      return agreed ?? now()
    },
    ended: () => lastWords.size,
    stop: () => watching.abort(),
  }
}
