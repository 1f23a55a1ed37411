// The script of the show: acts of steps, what each says to the presenter and what it does. Pure; the stage does what a step
// says through the same actions as its controls, so that nothing happens in an act that a hand could not do.
import type { GateState } from './gates.ts'
import type { SceneName } from './scenes.ts'
import type { Action, ProxyMode } from './stage.ts'

export interface Step {
  title: string
  /** What the presenter may say or look at; sentences. */
  notes: readonly string[]
  /** Planned length. */
  seconds: number
  /** The view that shows it; absent: the Stage. */
  view?: '/cluster' | '/traffic'
  /** What is done when the step begins, given what is so then; nothing: the step is only watched. */
  actions?: (state: GateState) => Action[]
}

export interface Act {
  title: string
  steps: readonly Step[]
}

const scale =
  (target: 'loadbots' | 'servers', replicas: number) =>
  ({ limits }: GateState): Action[] => {
    const most = target === 'servers' ? limits.replicas : limits.loadbots
    return [{ type: 'scale', target, replicas: Math.min(replicas, most) }]
  }

const update = (version: string) => (): Action[] => [{ type: 'update', version }]

/** Only where this machine can run that mode, and does not already. */
const proxy =
  (mode: ProxyMode) =>
  ({ proxyModes, service }: GateState): Action[] =>
    proxyModes.includes(mode) && service?.proxyMode !== mode ? [{ type: 'proxyMode', mode }] : []

function fullLoad({ fleet }: GateState): Action[] {
  return fleet?.fullLoad ? [{ type: 'load', perSecond: fleet.fullLoad }] : []
}

/** Begins a scene; one that is on already goes on. */
const begin =
  (scene: SceneName) =>
  ({ scenes }: GateState): Action[] =>
    scenes.some(({ key }) => key === scene) ? [] : [{ type: 'startScene', scene }]

/** Ends every scene that is on. */
function endScenes({ scenes }: GateState): Action[] {
  return scenes
    .filter(({ phase }) => phase === 'running')
    .map(({ key }): Action => ({ type: 'endScene', scene: key }))
}

/** What each loadbot sends in the quieter acts, per second. */
const GENTLE_RATE = 25_000

function gentleLoad({ fleet }: GateState): Action[] {
  const perSecond = Math.min(GENTLE_RATE * (fleet?.replicas ?? 0), fleet?.fullLoad ?? Infinity)
  return perSecond > 0 && Number.isFinite(perSecond) ? [{ type: 'load', perSecond }] : []
}

/** The last real node by name, which the demo can do without. */
function lastNode({ nodes }: GateState): string | undefined {
  const order = new Intl.Collator('en', { numeric: true })
  const real = nodes.filter(({ simulated }) => !simulated).map(({ name }) => name)
  return real.sort((a, b) => order.compare(a, b)).at(-1)
}

function failNode(state: GateState): Action[] {
  const node = lastNode(state)
  return node === undefined ? [] : [{ type: 'failNode', node }]
}

function restoreNodes({ nodes }: GateState): Action[] {
  return nodes
    .filter(({ failed }) => failed)
    .map(({ name }): Action => ({ type: 'restoreNode', node: name }))
}

/** The keynote, act by act. */
export const ACTS: readonly Act[] = [
  {
    title: 'One pod',
    steps: [
      {
        title: 'One nginx answers',
        notes: [
          'A pod is a process of this machine with an address of its own.',
          'Point at the tile: one dot, version 1.',
        ],
        seconds: 60,
        actions: scale('servers', 1),
      },
      {
        title: 'Kill it',
        notes: [
          'Nobody restarts it by hand: the ReplicaSet wants one and has none.',
          'A request that finds nobody meanwhile is counted, in red.',
        ],
        seconds: 60,
        actions: () => [{ type: 'killPod' }],
      },
    ],
  },
  {
    title: 'A Service',
    steps: [
      {
        title: 'Four pods behind one address',
        notes: ['The address stays; who answers changes. Requests get their colour at the gate.'],
        seconds: 45,
        actions: scale('servers', 4),
      },
      {
        title: 'Through a process',
        notes: [
          'The gate is a program that copies every byte. Look at the latency.',
          'This is how Kubernetes began.',
        ],
        seconds: 60,
        actions: proxy('userspace'),
      },
      {
        title: 'Through the kernel',
        notes: ['The same Service as rules in the kernel. The dock compares what was measured.'],
        seconds: 60,
        actions: proxy('iptables'),
      },
    ],
  },
  {
    title: 'One million',
    steps: [
      {
        title: 'More loadbots, more pods',
        notes: ['Loadbots are pods too, kept by a ReplicationController.'],
        seconds: 45,
        actions: (state) => [...scale('loadbots', 4)(state), ...scale('servers', 16)(state)],
      },
      {
        title: 'All this machine has',
        notes: [
          'The number is counted on both sides: by who asks and by who answers.',
          'The aggregator that adds it up is itself run by the cluster.',
        ],
        seconds: 90,
        actions: fullLoad,
      },
    ],
  },
  {
    title: 'Rolling update under load',
    steps: [
      {
        title: 'Twenty-four pods of version 1',
        notes: ['The load steps back a little, so that the hall can follow single pods.'],
        seconds: 30,
        actions: (state) => [...gentleLoad(state), ...scale('servers', 24)(state)],
      },
      {
        title: 'Ship version 2',
        notes: [
          'Blue becomes amber pod by pod, while the load goes on.',
          'Watch the row of small circles: one a second, red if a single request fails.',
        ],
        seconds: 90,
        actions: update('v2'),
      },
      {
        title: 'Let the count speak',
        notes: ['Failed since the update began: an exact number, not a rounded one.'],
        seconds: 30,
      },
    ],
  },
  {
    title: 'A bad release',
    steps: [
      {
        title: 'Ship version 3, hands off',
        notes: ['Version 3 exits shortly after its start. Step away from the keyboard.'],
        seconds: 45,
        actions: update('v3'),
      },
      {
        title: 'Let it stop by itself',
        notes: ['It pauses itself. The pods of version 2 were never taken away.'],
        seconds: 45,
      },
      {
        title: 'Roll back',
        notes: ['One command. The pods that never served go.'],
        seconds: 30,
        actions: () => [{ type: 'rollBack' }],
      },
    ],
  },
  {
    title: 'A node is lost',
    steps: [
      {
        title: 'Pull the plug',
        notes: [
          'All processes of the last node are dead at once. What was in flight there is lost, and counted.',
          'After a few missed heartbeats the node is not ready, and the Service forgets its pods.',
        ],
        seconds: 60,
        actions: failNode,
      },
      {
        title: 'Bring it back',
        notes: ['The kubelet reports again and starts what is missing.'],
        seconds: 45,
        actions: restoreNodes,
      },
    ],
  },
  {
    title: 'Overcommit and eviction',
    steps: [
      {
        title: 'Memory hogs',
        notes: [
          'Nodes promise more than they have. These pods take real memory, the node’s bar fills.',
          'One is killed at its own limit; when the node runs short, the others go by their class.',
        ],
        seconds: 90,
        view: '/cluster',
        actions: begin('memory'),
      },
      {
        title: 'Give it back',
        notes: ['The scene’s Namespace is deleted, and all that was in it.'],
        seconds: 15,
        view: '/cluster',
        actions: endScenes,
      },
    ],
  },
  {
    title: 'One host, two services',
    steps: [
      {
        title: 'An Ingress fans out',
        notes: [
          'One host name, two paths, two Services. The rule without a Service answers 503, and is counted.',
        ],
        seconds: 75,
        view: '/traffic',
        actions: begin('fanOut'),
      },
      {
        title: 'Clear the stage',
        notes: ['Its Namespace goes, and with it the way in.'],
        seconds: 15,
        view: '/traffic',
        actions: endScenes,
      },
    ],
  },
  {
    title: 'As in 2015',
    steps: [
      {
        title: 'Update what counts',
        notes: [
          'The aggregator is a ReplicationController: no Deployment existed then.',
          'kubectl rolling-update replaced one controller by another, pod by pod.',
        ],
        seconds: 60,
        actions: () => [{ type: 'rollingUpdate', target: 'aggregator', version: 'v2' }],
      },
      {
        title: 'Thank you',
        notes: ['Everything on this screen happened. The cluster is yours: kubectl works.'],
        seconds: 30,
      },
    ],
  },
]

/** One step of the whole script, counted from 0. */
export interface Cue {
  act: Act
  /** From 1. */
  actNumber: number
  step: Step
  /** From 1, within its act. */
  stepNumber: number
  /** Planned seconds from the beginning of the show to the beginning of this step. */
  startsAt: number
}

/** All steps in order; a cue's number is its index. */
export const CUES: readonly Cue[] = listCues(ACTS)

/** Planned seconds of the whole show. */
export const PLANNED_SECONDS = ACTS.reduce((sum, act) => sum + secondsOf(act), 0)

/** Planned seconds of an act. */
export function secondsOf({ steps }: Act): number {
  return steps.reduce((sum, { seconds }) => sum + seconds, 0)
}

function listCues(acts: readonly Act[]): Cue[] {
  let startsAt = 0
  return acts.flatMap((act, actAt) =>
    act.steps.map((step, stepAt): Cue => {
      const cue = { act, actNumber: actAt + 1, step, stepNumber: stepAt + 1, startsAt }
      startsAt += step.seconds
      return cue
    }),
  )
}
