// Views for tests, with defaults for what a test does not care about.
import type { NodeView, PodView, ServiceView } from '../../shared/stage.ts'

let made = 0

/** A server pod, ready on node-1. */
export function podView(part: Partial<PodView> = {}): PodView {
  made += 1
  const name = part.name ?? `nginx-${made}`
  return {
    kind: 'pod',
    key: `default/${name}`,
    uid: name,
    name,
    role: 'server',
    node: 'node-1',
    slot: 0,
    index: made,
    version: 'v1',
    state: 'ready',
    progress: 1,
    restarts: 0,
    ip: null,
    reason: null,
    since: 0,
    stopsBy: null,
    ...part,
  }
}

/** A node that is ready. */
export function nodeView(name: string, part: Partial<NodeView> = {}): NodeView {
  return {
    kind: 'node',
    key: name,
    name,
    ready: true,
    simulated: false,
    unschedulable: false,
    failed: false,
    ...part,
  }
}

/** The Service of the servers. */
export function serviceView(part: Partial<ServiceView> = {}): ServiceView {
  return {
    kind: 'service',
    key: 'default/nginx',
    name: 'nginx',
    address: '127.96.0.42:80',
    endpoints: 1,
    proxyMode: 'iptables',
    ...part,
  }
}
