// One host, two paths, two Services: the fan-out of Kubernetes' Ingress documentation, with load, and one rule too many.
import type { Ingress } from '../../../shared/kubernetes/ingress.ts'
import { ingresses } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { create, until } from './script.ts'
import type { Play, Scene } from './script.ts'
import { loadbot, PORT, serviceOf, webServers } from './objects.ts'

const HOST = 'api.example.com'
/** Requests per second by path, through the built-in controller; HAProxy gets half of each. */
const RATES = { foo: 600, bar: 380 }
const HAPROXY_BOUND_MS = 15_000

export const fanOut: Scene = {
  async play(play) {
    play.say('Two Services, and an Ingress for both controllers.')
    await create(play, [
      webServers('foo', { version: 'v2', path: '/foo', replicas: 4 }),
      webServers('bar', { version: 'v1', path: '/bar', replicas: 3 }),
      serviceOf('foo'),
      serviceOf('bar'),
      ingress('api', 'podium', ['foo', 'bar', 'old']),
      ingress('api-haproxy', 'haproxy', ['foo', 'bar']),
    ])
    await send(play, 'api', 'loadbot', 1)
    play.say('/foo and /bar share one address; the Service of /old is missing.')
    // Where HAProxy is not installed no address comes, and an event says why.
    await send(play, 'api-haproxy', 'loadbot-haproxy', 2, HAPROXY_BOUND_MS).catch(() => undefined)
  },
}

function ingress(name: string, ingressClassName: string, services: string[]): Ingress & KubeObject {
  const paths = services.map((service) => ({
    path: `/${service}`,
    pathType: 'Prefix' as const,
    backend: { service: { name: service, port: { number: PORT } } },
  }))
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name },
    spec: { ingressClassName, rules: [{ host: HOST, http: { paths } }] },
  }
}

/** Load for both paths, as soon as the Ingress has an address. */
async function send(
  play: Play,
  name: string,
  prefix: string,
  divisor: number,
  boundMs?: number,
): Promise<void> {
  const address = await until(
    play,
    `The address of Ingress ${name}`,
    async () => {
      const held = await play.client.get(ingresses, { namespace: play.namespace, name })
      return held.status?.loadBalancer?.ingress?.[0]?.ip
    },
    boundMs,
  )
  const bots = Object.entries(RATES).map(([service, rate]) =>
    loadbot(`${prefix}-${service}`, {
      host: HOST,
      path: `/${service}`,
      rate: rate / divisor,
      address,
    }),
  )
  await create(play, bots)
}
