// Everything the dock and the keyboard can do, with the reason for each thing that cannot be done now.
import { useState } from 'react'
import { can } from '../../../shared/gates.ts'
import type { GateState, Verdict } from '../../../shared/gates.ts'
import type { Action, NodeView, ProxyMode, RolloutView, FleetView } from '../../../shared/stage.ts'
import { useGateState, useIsConnected, useIsLoaded } from '../../live/live.ts'
import { useIsReplay } from '../../live/replay.ts'
import { useAct } from './useAct.ts'
import type { Act, Group } from './useAct.ts'
import { useScale } from './useScale.ts'
import type { Scale } from './useScale.ts'

type Doing = 'fullLoad' | 'update' | 'pause' | 'resume' | 'rollBack' | 'killPod' | 'node'

export interface Controls {
  rollout: RolloutView | null
  proxyMode: ProxyMode | null
  /** Those that this machine can run. */
  proxyModes: readonly ProxyMode[]
  versions: readonly string[]
  /** The version the update button means. */
  version: string | null
  loadbots: Scale
  servers: Scale
  /** null: it can be done. */
  reasons: Record<Doing, string | null>
  proxyReason: (mode: ProxyMode) => string | null
  strategyReason: (maxSurge: number | string, maxUnavailable: number | string) => string | null
  /** The node that the node button acts on, and whether it brings it back. */
  node: { name: string; restores: boolean } | null
  /** Why the last thing asked of that part was not done. */
  errorOf: (group: Group) => string | null
  pickVersion: (version: string) => void
  cycleVersion: () => void
  update: () => void
  pause: () => void
  resume: () => void
  rollBack: () => void
  killPod: () => void
  failOrRestoreNode: () => void
  /** Requests per second that this machine was found to sustain; null until that is known. */
  fullLoad: number | null
  goFullLoad: () => void
  setProxyMode: (mode: ProxyMode) => void
  toggleProxyMode: () => void
  setStrategy: (maxSurge: number | string, maxUnavailable: number | string) => void
}

const reasonOf = (verdict: Verdict): string | null => (verdict.allowed ? null : verdict.reason)

const OFFLINE = 'The connection to the stage is lost; controls come back with it.'
const PAST = 'This is the past, which stays as it was. L leads back to now.'
const UNREAD = 'The stage is still being read.'

/** The version offered first: the one under way, else the one after the one that runs. */
export function offeredVersion(
  rollout: RolloutView | null,
  versions: readonly string[],
): string | null {
  if (!rollout) return versions[0] ?? null
  const { phase, toVersion } = rollout
  if (phase !== 'steady' && phase !== 'scaling') return toVersion
  return versions[(versions.indexOf(toVersion) + 1) % versions.length] ?? null
}

/** The node to fail: the last one by name that is up and real; or the one to restore, while one is failed. */
export function nodeInReach(
  nodes: readonly NodeView[],
): { name: string; restores: boolean } | null {
  const order = new Intl.Collator('en', { numeric: true })
  const sorted = [...nodes].sort((a, b) => order.compare(a.name, b.name))
  const failed = sorted.find((node) => node.failed)
  if (failed) return { name: failed.name, restores: true }
  const up = sorted.findLast((node) => node.ready && !node.simulated)
  return up ? { name: up.name, restores: false } : null
}

function useVersionChoice(gate: GateState): {
  version: string | null
  pick: (version: string) => void
  cycle: () => void
} {
  const toVersion = gate.rollout?.toVersion ?? null
  // A choice lasts until the cluster goes to another version.
  const [choice, setChoice] = useState<{ version: string; madeAt: string | null } | null>(null)
  const chosen = choice && choice.madeAt === toVersion ? choice.version : null
  const version = chosen ?? offeredVersion(gate.rollout, gate.versions)
  const pick = (next: string): void => setChoice({ version: next, madeAt: toVersion })
  const cycle = (): void => {
    const next = gate.versions[(gate.versions.indexOf(version ?? '') + 1) % gate.versions.length]
    if (next) pick(next)
  }
  return { version, pick, cycle }
}

/** Whether the loadbots are set to send as much as the machine sustains, give or take what rounding leaves. */
function isAtFullLoad(fleet: FleetView | null): boolean {
  const { ratePerLoadbot, replicas, fullLoad } = fleet ?? {}
  if (!fleet || !ratePerLoadbot || !replicas || !fullLoad) return false
  return Math.abs(ratePerLoadbot * replicas - fullLoad) <= replicas
}

function reasonsOf(
  gate: GateState,
  version: string | null,
  node: Controls['node'],
): Controls['reasons'] {
  return {
    fullLoad: isAtFullLoad(gate.fleet)
      ? 'The loadbots are set to all this machine sustains.'
      : reasonOf(can.fullLoad(gate)),
    update:
      version === null ? 'There is no version to update to.' : reasonOf(can.update(gate, version)),
    pause: reasonOf(can.pause(gate)),
    resume: reasonOf(can.resume(gate)),
    rollBack: reasonOf(can.rollBack(gate)),
    killPod: reasonOf(can.killPod(gate)),
    node:
      node === null
        ? 'No node is up that could be failed.'
        : reasonOf(
            node.restores ? can.restoreNode(gate, node.name) : can.failNode(gate, node.name),
          ),
  }
}

type When = (reason: string | null, group: Group, action: Action | null) => void
type Doings = Pick<
  Controls,
  'update' | 'pause' | 'resume' | 'rollBack' | 'killPod' | 'failOrRestoreNode'
>

/** What has neither a number nor a choice: one press, one action, if nothing speaks against it. */
function doingsOf(
  when: When,
  reasons: Controls['reasons'],
  version: string | null,
  node: Controls['node'],
): Doings {
  const nodeAction = (): Action | null =>
    node && { type: node.restores ? 'restoreNode' : 'failNode', node: node.name }
  return {
    update: () =>
      when(reasons.update, 'rollout', version === null ? null : { type: 'update', version }),
    pause: () => when(reasons.pause, 'rollout', { type: 'pause' }),
    resume: () => when(reasons.resume, 'rollout', { type: 'resume' }),
    rollBack: () => when(reasons.rollBack, 'rollout', { type: 'rollBack' }),
    killPod: () => when(reasons.killPod, 'chaos', { type: 'killPod' }),
    failOrRestoreNode: () => when(reasons.node, 'chaos', nodeAction()),
  }
}

function useScales(
  gate: GateState,
  away: string | null,
  act: Act,
): Pick<Controls, 'loadbots' | 'servers'> {
  const gated = (verdict: Verdict): Verdict =>
    away === null ? verdict : { allowed: false, reason: away }
  const { fleet, rollout, limits } = gate
  return {
    loadbots: useScale(
      'loadbots',
      fleet?.replicas ?? 0,
      limits.loadbots,
      (n) => gated(can.scaleLoadbots(gate, n)),
      act,
    ),
    servers: useScale(
      'servers',
      rollout?.replicas ?? 0,
      limits.replicas,
      (n) => gated(can.scaleServers(gate, n)),
      act,
    ),
  }
}

/** Why nothing can be done at all: it is over, nobody would hear it, or nothing is known yet. */
function useAway(): string | null {
  const isReplay = useIsReplay()
  const isConnected = useIsConnected()
  const isLoaded = useIsLoaded()
  if (isReplay) return PAST
  if (!isConnected) return OFFLINE
  return isLoaded ? null : UNREAD
}

/** The controls, for the dock, the banner and the keyboard alike. */
export function useControls(): Controls {
  const gate = useGateState()
  const away = useAway()
  const acting = useAct()
  const { version, pick, cycle } = useVersionChoice(gate)
  const node = nodeInReach(gate.nodes)
  const verdict = (reason: string | null): string | null => away ?? reason
  const own = reasonsOf(gate, version, node)
  const reasons = Object.fromEntries(
    Object.entries(own).map(([doing, reason]) => [doing, verdict(reason)]),
  ) as Controls['reasons']
  const when: When = (reason, group, action) => {
    if (reason !== null) acting.refuse(group, reason)
    else if (action) void acting.act(group, action)
  }
  const proxyMode = gate.service?.proxyMode ?? null
  const proxyReason = (mode: ProxyMode) => verdict(reasonOf(can.proxyMode(gate, mode)))
  const setProxyMode = (mode: ProxyMode) =>
    when(proxyReason(mode), 'proxy', { type: 'proxyMode', mode })
  const strategyReason: Controls['strategyReason'] = (surge, unavailable) =>
    verdict(reasonOf(can.strategy(gate, surge, unavailable)))
  return {
    ...useScales(gate, away, acting),
    ...doingsOf(when, reasons, version, node),
    fullLoad: gate.fleet?.fullLoad ?? null,
    goFullLoad: () => {
      const perSecond = gate.fleet?.fullLoad ?? null
      when(reasons.fullLoad, 'loadbots', perSecond === null ? null : { type: 'load', perSecond })
    },
    rollout: gate.rollout,
    proxyMode,
    proxyModes: gate.proxyModes,
    versions: gate.versions,
    version,
    reasons,
    proxyReason,
    strategyReason,
    node,
    errorOf: acting.errorOf,
    pickVersion: pick,
    cycleVersion: cycle,
    setProxyMode,
    toggleProxyMode: () => setProxyMode(proxyMode === 'iptables' ? 'userspace' : 'iptables'),
    setStrategy: (maxSurge, maxUnavailable) =>
      when(strategyReason(maxSurge, maxUnavailable), 'rollout', {
        type: 'strategy',
        maxSurge,
        maxUnavailable,
      }),
  }
}
