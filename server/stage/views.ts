// Keeps the feed what the cluster is: each change of an object becomes the change of its view, and nothing else is sent.
import type { Event } from '../../shared/kubernetes/cluster.ts'
import { SERVICE_PROXY } from '../../shared/kubernetes/cluster.ts'
import {
  configMaps,
  deployments,
  endpointSlices,
  events,
  leases,
  nodes,
  pods,
  replicaSets,
  replicationControllers,
  services,
} from '../../shared/kubernetes/kinds.ts'
import { controllerOf, keyOf } from '../../shared/kubernetes/meta.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import { SERVICE_NAME_LABEL } from '../../shared/kubernetes/network.ts'
import type { Pod } from '../../shared/kubernetes/pod.ts'
import type { Deployment } from '../../shared/kubernetes/workloads.ts'
import type { Clock, Timer } from '../machinery/clock.ts'
import type { Informers, ObjectChange } from '../machinery/informer.ts'
import type { Cast, CastObjects } from './cast.ts'
import type { Feed } from './feed.ts'
import { eventView, fleetView, isNodeLost, nodeView, podView, serviceView } from './projections.ts'
import { rolloutView } from './rollout.ts'
import type { SetWithPods } from './rolloutSets.ts'
import { createSeats } from './seats.ts'

/** Events held for the hall; the newest. */
const MAX_EVENTS = 200
/** The rollout is counted over its pods, so pods that change together are counted once. */
const COUNT_AFTER_MS = 20
/** While an update runs, its estimate changes by itself. */
const RECOUNT_EVERY_MS = 1_000

export interface ViewsDeps {
  informers: Informers
  clock: Clock
  feed: Feed
  cast: Cast | null
  objects: CastObjects
}

/** Index names of the pods' informer. */
const BY_NODE = 'stage/node'
const BY_CONTROLLER = 'stage/controller'
const BY_SERVICE = 'stage/service'

/**
 * Subscribes to all kinds on the stage, once all their lists are in (so that roles are right from the start).
 * @returns when the feed shows the whole cluster, and the way to stop
 */
export function startViews(deps: ViewsDeps): { synced: Promise<void>; close: () => void } {
  const { informers } = deps
  informers.of(pods).addIndex(BY_NODE, ({ spec }) => (spec.nodeName ? [spec.nodeName] : []))
  for (const kind of [pods, replicaSets]) {
    informers.of<KubeObject>(kind).addIndex(BY_CONTROLLER, controllerUid)
  }
  informers.of(endpointSlices).addIndex(BY_SERVICE, ({ metadata }) => {
    const service = metadata.labels?.[SERVICE_NAME_LABEL]
    return service ? [`${metadata.namespace}/${service}`] : []
  })
  let closed = false
  const unsubscribe: (() => void)[] = []
  const synced = Promise.all(ON_STAGE.map((kind) => informers.of<KubeObject>(kind).synced)).then(
    () => {
      if (closed) return
      const recount = showRollout(deps)
      unsubscribe.push(...showMachines(deps), ...showPods(deps, recount.soon), recount.stop)
      if (deps.cast) unsubscribe.push(...showCast(deps, deps.cast, recount.soon))
      unsubscribe.push(showEvents(deps))
    },
  )
  return {
    synced,
    close() {
      closed = true
      for (const stop of unsubscribe) stop()
    },
  }
}

const ON_STAGE = [
  pods,
  nodes,
  deployments,
  replicaSets,
  replicationControllers,
  services,
  endpointSlices,
  leases,
  events,
]

function controllerUid(object: KubeObject): string[] {
  const owner = controllerOf(object)
  return owner ? [owner.uid] : []
}

function showMachines({ informers, feed }: ViewsDeps): (() => void)[] {
  const onNode = informers.of(nodes).subscribe(({ type, object }) => {
    if (type === 'deleted') feed.drop('node', keyOf(object))
    else feed.put(nodeView(object))
  })
  return [onNode]
}

function showPods(deps: ViewsDeps, recount: () => void): (() => void)[] {
  const { informers, feed, clock, objects } = deps
  const seats = createSeats((pod) => objects.roleOf(pod))
  const show = (pod: Pod): void => {
    const now = clock.now()
    const isLost = isNodeLost(informers.of(nodes).get(pod.spec.nodeName ?? ''))
    const key = keyOf(pod)
    const known = feed.get('pod', key)
    const previous = known?.uid === pod.metadata.uid ? known : undefined
    feed.put(podView(pod, seats.seatOf(pod, now), isLost, previous, now))
  }
  const onPod = informers.of(pods).subscribe(({ type, object, previous }) => {
    const isOther = previous && previous.metadata.uid !== object.metadata.uid
    if (isOther) seats.leave(previous.metadata.uid ?? '', clock.now())
    if (type === 'deleted') {
      seats.leave(object.metadata.uid ?? '', clock.now())
      feed.drop('pod', keyOf(object))
    } else show(object)
    recount()
  })
  const onNode = informers.of(nodes).subscribe(({ type, object, previous }) => {
    if (type !== 'deleted' && isNodeLost(object) === isNodeLost(previous)) return
    for (const pod of informers.of(pods).byIndex(BY_NODE, object.metadata.name ?? '')) show(pod)
  })
  return [onPod, onNode]
}

/** Counts the rollout soon after something in it changed, and each second while it runs. */
function showRollout({ informers, feed, clock, objects }: ViewsDeps): {
  soon: () => void
  stop: () => void
} {
  let timer: Timer | undefined
  let dueAt = Number.POSITIVE_INFINITY
  let stopped = false
  const schedule = (ms: number): void => {
    const at = clock.now() + ms
    if (stopped || at >= dueAt) return
    timer?.cancel()
    dueAt = at
    timer = clock.after(ms, count)
  }
  const count = (): void => {
    dueAt = Number.POSITIVE_INFINITY
    const deployment = objects.deployment()
    for (const key of feed.all('rollout').keys()) {
      if (!deployment || key !== keyOf(deployment)) feed.drop('rollout', key)
    }
    if (!deployment) return
    const sets = setsOf(informers, deployment)
    const previous = feed.get('rollout', keyOf(deployment))
    const view = rolloutView(deployment, sets, previous, clock.now())
    feed.put(view)
    if (view.phase !== 'steady') schedule(RECOUNT_EVERY_MS)
  }
  return {
    soon: () => schedule(COUNT_AFTER_MS),
    stop() {
      stopped = true
      timer?.cancel()
    },
  }
}

/** The ReplicaSets of a Deployment with their pods, from the indexes that `startViews` adds. */
export function setsOf(informers: Informers, deployment: Deployment): SetWithPods[] {
  const sets = informers.of(replicaSets).byIndex(BY_CONTROLLER, deployment.metadata.uid ?? '')
  return sets.map((set) => ({
    set,
    pods: informers.of(pods).byIndex(BY_CONTROLLER, set.metadata.uid ?? ''),
  }))
}

function showCast(deps: ViewsDeps, cast: Cast, recount: () => void): (() => void)[] {
  const { informers, feed, objects } = deps
  const showFleet = (): void => {
    const loadbots = objects.loadbots()
    if (loadbots) feed.put(fleetView(loadbots, objects.loadbotConfig()))
    else feed.drop('fleet', `${cast.namespace}/${cast.loadbots}`)
  }
  const showService = (): void => {
    const service = objects.service()
    const key = `${cast.namespace}/${cast.service}`
    if (!service) return feed.drop('service', key)
    const slices = informers.of(endpointSlices).byIndex(BY_SERVICE, key)
    const proxy = informers.of(leases).get(`${SERVICE_PROXY.namespace}/${SERVICE_PROXY.name}`)
    feed.put(serviceView(service, slices, proxy))
  }
  const named =
    (namespace: string, name: string, show: () => void) =>
    ({ object }: ObjectChange<KubeObject>): void => {
      if (object.metadata.name === name && object.metadata.namespace === namespace) show()
    }
  return [
    informers.of(replicationControllers).subscribe(named(cast.namespace, cast.loadbots, showFleet)),
    informers.of(configMaps).subscribe(named(cast.namespace, cast.loadbots, showFleet)),
    informers.of(deployments).subscribe(named(cast.namespace, cast.deployment, recount)),
    informers.of(replicaSets).subscribe(recount),
    informers.of(services).subscribe(named(cast.namespace, cast.service, showService)),
    informers.of(leases).subscribe(named(SERVICE_PROXY.namespace, SERVICE_PROXY.name, showService)),
    informers.of(endpointSlices).subscribe(({ object }) => {
      if (object.metadata.labels?.[SERVICE_NAME_LABEL] === cast.service) showService()
    }),
  ]
}

function showEvents({ informers, feed }: ViewsDeps): () => void {
  const show = (event: Event): void => {
    const view = eventView(event)
    // Repeated events come last again: the order of the feed is the order in which things happened.
    if (feed.get('event', view.key)?.at !== view.at) feed.drop('event', view.key)
    feed.put(view)
    const shown = feed.all('event')
    const oldest = shown.keys().next()
    if (shown.size > MAX_EVENTS && !oldest.done) feed.drop('event', oldest.value)
  }
  const newest = [...informers.of(events).all()]
    .sort((a, b) => eventView(a).at - eventView(b).at)
    .slice(-MAX_EVENTS)
  for (const event of newest) show(event)
  const held = new Set(informers.of(events).all())
  return informers.of(events).subscribe(({ type, object }) => {
    if (type === 'deleted') feed.drop('event', keyOf(object))
    else if (!held.delete(object)) show(object)
  })
}
