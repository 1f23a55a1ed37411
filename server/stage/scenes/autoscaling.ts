// A step of load on a Service whose every answer costs processor time, and an autoscaler that follows it up and down.
import type { HorizontalPodAutoscaler } from '../../../shared/kubernetes/autoscaling.ts'
import { deployments, replicationControllers } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { create, pause, until } from './script.ts'
import type { Play, Scene } from './script.ts'
import { deploymentOf, loadbot, PORT, serviceOf } from './objects.ts'

const NAME = 'shop'
const CUSTOMERS = 'customers'
const REQUESTS_PER_SECOND = 30
const LOAD_LASTS_MS = 60_000
const READY = { tcpSocket: { port: PORT }, periodSeconds: 1 }

export const autoscaling: Scene = {
  async play(play) {
    const { client, namespace } = play
    play.say('One pod, no load yet.')
    await create(play, [
      serviceOf(NAME),
      deploymentOf(NAME, 1, {
        name: NAME,
        image: 'registry.k8s.io/hpa-example:v1',
        env: [{ name: 'PORT', value: String(PORT) }],
        ports: [{ containerPort: PORT }],
        resources: { requests: { cpu: '50m', memory: '32Mi' } },
        readinessProbe: READY,
      }),
      autoscaler(),
    ])
    await untilServing(play)
    const load = loadbot(CUSTOMERS, { host: NAME, path: '/', rate: REQUESTS_PER_SECOND })
    await create(play, [load])
    play.say(`${REQUESTS_PER_SECOND} requests a second; each costs processor time.`)
    await pause(play, LOAD_LASTS_MS)
    const key = { namespace, name: CUSTOMERS }
    const none = { spec: { replicas: 0 } }
    await client.patch(replicationControllers, key, none, { type: 'merge' })
    play.say('The load is gone; the autoscaler waits half a minute before it takes pods away.')
  },
}

function autoscaler(): HorizontalPodAutoscaler & KubeObject {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: NAME },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: NAME },
      minReplicas: 1,
      maxReplicas: 8,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } },
        },
      ],
      behavior: { scaleDown: { stabilizationWindowSeconds: 30 } },
    },
  }
}

function untilServing(play: Play): Promise<true> {
  const key = { namespace: play.namespace, name: NAME }
  return until(play, 'The first pod', async () => {
    const { status } = await play.client.get(deployments, key)
    return (status?.readyReplicas ?? 0) > 0 ? true : undefined
  })
}
