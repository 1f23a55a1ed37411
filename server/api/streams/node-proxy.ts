// nodes/proxy: what a kubelet serves over HTTP, of what Podium's serve: their health, their pods, and what these use
// (kubelet/pkg/apis/stats/v1alpha1, pkg/kubelet/server).
import { Readable } from 'node:stream'
import type { StreamResponse } from '../../../shared/client.ts'
import { nodes, pods } from '../../../shared/kubernetes/kinds.ts'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import { methodNotSupported, notFound, unavailable } from '../../../shared/status.ts'
import type { ContainerUse, PodUse } from '../../../shared/usage.ts'
import { timestamp, type Core } from '../core.ts'
import { prefixOf, storeKey } from '../keys.ts'
import { parseProxyName } from './targets.ts'

/** @throws ApiError 404 for a node that is not there, 503 for one whose kubelet does not run, 405 for writes */
export function nodeProxy(
  core: Core,
  nodeName: string,
  path: string,
  method = 'GET',
): StreamResponse {
  const { name } = parseProxyName(nodeName)
  if (!core.store.get(storeKey(nodes, { name }))) throw notFound(nodes, name)
  if (method !== 'GET' && method !== 'HEAD') {
    throw methodNotSupported({ plural: 'nodes/proxy' }, method.toLowerCase())
  }
  if (!core.nodeDoor(name)) throw unavailable(`the kubelet of node "${name}" cannot be reached`)
  switch (path.replace(/\/$/, '')) {
    case 'healthz':
      return answer(200, 'text/plain; charset=utf-8', 'ok')
    case 'pods':
      return answer(200, 'application/json', JSON.stringify(podsOn(core, name)))
    case 'stats/summary':
      return answer(200, 'application/json', JSON.stringify(summaryOf(core, name)))
    default:
      return answer(404, 'text/plain; charset=utf-8', '404 page not found\n')
  }
}

function answer(status: number, type: string, body: string): StreamResponse {
  return { status, headers: { 'content-type': type }, body: Readable.from([Buffer.from(body)]) }
}

function podsOn({ store }: Core, node: string) {
  const items = store
    .list(prefixOf(pods))
    .entries.map(({ value }) => value as Pod)
    .filter(({ spec }) => spec.nodeName === node)
  return { kind: 'PodList', apiVersion: 'v1', metadata: {}, items }
}

interface Use {
  cpuCores: number
  cpuSeconds: number
  memoryBytes: number
  residentBytes: number
}

const NOTHING: Use = { cpuCores: 0, cpuSeconds: 0, memoryBytes: 0, residentBytes: 0 }

function useOf({ cpuCores, cpuSeconds, memoryBytes, residentBytes }: ContainerUse): Use {
  return { cpuCores: cpuCores ?? 0, cpuSeconds, memoryBytes, residentBytes }
}

function sum(uses: readonly Use[]): Use {
  return uses.reduce(
    (total, use) => ({
      cpuCores: total.cpuCores + use.cpuCores,
      cpuSeconds: total.cpuSeconds + use.cpuSeconds,
      memoryBytes: total.memoryBytes + use.memoryBytes,
      residentBytes: total.residentBytes + use.residentBytes,
    }),
    NOTHING,
  )
}

function statsOf({ cpuCores, cpuSeconds, memoryBytes, residentBytes }: Use, time: string) {
  return {
    cpu: {
      time,
      usageNanoCores: Math.round(cpuCores * 1e9),
      usageCoreNanoSeconds: Math.round(cpuSeconds * 1e9),
    },
    memory: {
      time,
      usageBytes: residentBytes,
      workingSetBytes: memoryBytes,
      rssBytes: residentBytes,
    },
  }
}

function summaryOf(core: Core, nodeName: string) {
  const measured = core.use.pods().filter(({ node }) => node === nodeName)
  const all = measured.flatMap(({ containers }) => containers.map(useOf))
  const at = Math.max(...measured.map((pod) => pod.at), 0) || core.clock.now()
  const node = core.store.get(storeKey(nodes, { name: nodeName }))?.value as KubeObject | undefined
  return {
    node: {
      nodeName,
      startTime: node?.metadata.creationTimestamp ?? null,
      ...statsOf(sum(all), timestamp(at)),
    },
    pods: measured.map((pod) => podStats(core, pod)),
  }
}

function podStats({ store }: Core, { namespace, name, uid, at, containers }: PodUse) {
  const time = timestamp(at)
  const pod = store.get(storeKey(pods, { namespace, name }))?.value as Pod | undefined
  const startedAt = (container: string): string | null => {
    const statuses = pod?.status?.containerStatuses ?? []
    return statuses.find((each) => each.name === container)?.state?.running?.startedAt ?? null
  }
  return {
    podRef: { name, namespace, uid },
    startTime: pod?.status?.startTime ?? null,
    containers: containers.map((container) => ({
      name: container.name,
      startTime: startedAt(container.name),
      ...statsOf(useOf(container), time),
    })),
    ...statsOf(sum(containers.map(useOf)), time),
    process_stats: { process_count: containers.reduce((all, each) => all + each.processes, 0) },
  }
}
