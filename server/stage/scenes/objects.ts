// The objects that scenes are made of, as short as they can be written. Pure.
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Service } from '../../../shared/kubernetes/network.ts'
import type { Container, PodSpec } from '../../../shared/kubernetes/pod.ts'
import type { Deployment, ReplicationController } from '../../../shared/kubernetes/workloads.ts'

/** Any user may bind it, unlike 80. */
export const PORT = 8080
const SMALL = { requests: { cpu: '10m', memory: '32Mi' } }
const ready = { httpGet: { path: '/-/ready', port: PORT }, periodSeconds: 1 }

const podOf = (name: string, container: Container): { metadata: object; spec: PodSpec } => ({
  metadata: { labels: { app: name } },
  spec: { terminationGracePeriodSeconds: 3, containers: [container] },
})

/** So many web servers of that version, whose page also is at `path`. */
export function webServers(
  name: string,
  { version, path, replicas }: { version: string; path: string; replicas: number },
): Deployment & KubeObject {
  const container: Container = {
    name: 'web',
    image: `podium/web:${version}`,
    args: ['--port', String(PORT), '--path', path],
    ports: [{ containerPort: PORT }],
    resources: SMALL,
    readinessProbe: ready,
  }
  return deploymentOf(name, replicas, container)
}

export function deploymentOf(
  name: string,
  replicas: number,
  container: Container,
): Deployment & KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { replicas, selector: { matchLabels: { app: name } }, template: podOf(name, container) },
  }
}

export function serviceOf(name: string): Service & KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ port: PORT, targetPort: PORT, protocol: 'TCP' }] },
  }
}

/** A loadbot that asks `host` for `path`, `rate` times a second, whatever becomes of it; `address`: where that is served. */
export function loadbot(
  name: string,
  ask: { host: string; path: string; rate: number; address?: string },
): ReplicationController & KubeObject {
  const { host, path, rate, address } = ask
  const container: Container = {
    name: 'loadbot',
    image: 'podium/loadbot:v1',
    args: [
      ...(address ? ['--resolve', address] : []),
      ...`--host ${host} --path ${path} --rate ${rate} --depth 8`.split(' '),
    ],
    ports: [{ containerPort: 8080 }],
    resources: SMALL,
    readinessProbe: { httpGet: { path: '/-/ready', port: 8080 }, periodSeconds: 5 },
  }
  return {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name },
    spec: { replicas: 1, selector: { app: name }, template: podOf(name, container) },
  }
}
