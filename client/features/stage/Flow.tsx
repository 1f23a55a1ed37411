import { memo, useMemo, useState } from 'react'
import type { CSSProperties } from 'react'
import type { Band } from '../../canvas/bands.ts'
import { GATE_HALF } from '../../canvas/drawMarks.ts'
import { FlowCanvas } from '../../canvas/FlowCanvas.tsx'
import { FlowMirror } from '../../canvas/FlowMirror.tsx'
import type { MirrorDeeds } from '../../canvas/FlowMirror.tsx'
import type { Scene } from '../../canvas/scene.ts'
import type { SceneSource } from '../../canvas/sceneSource.ts'
import { useInfo, useLoad, usePacedPods } from '../../live/live.ts'
import { shownNow } from '../../live/replay.ts'
import { select } from '../../live/selection.ts'
import { formatCompact, plural } from '../../ui/numbers.ts'
import css from './Flow.module.css'
import { FlowTargets, openPod, openService } from './FlowTargets.tsx'
import { Legend } from './Legend.tsx'
import { useLiveScene } from './liveScene.ts'
import { useFold } from '../../ui/useFold.ts'
import { usePaced } from '../../ui/usePaced.ts'
import { useIsStale } from '../../live/useIsStale.ts'
import { useSize } from '../../ui/useSize.ts'
import { useUnit } from '../../ui/useUnit.ts'
import { COUNT_PACE, useFleet, useService } from './views.ts'

/** Left, top: in u from the corner of the flow. */
function at(x: number, y: number): CSSProperties {
  return { left: `calc(${x} * var(--u))`, top: `calc(${y} * var(--u))` }
}

/** Apart, so that four measurements a second do not render everything around it. */
function Drawing({ source }: { source: SceneSource }) {
  const load = useLoad()
  // Nothing flies by rates of a while ago.
  const isStale = useIsStale()
  return <FlowCanvas source={source} load={isStale ? null : load} clock={shownNow} />
}

function Sources({ scene }: { scene: Scene }) {
  const fleet = useFleet()
  const load = useLoad()
  const info = useInfo()
  if (!fleet) return null
  const sending = Object.values(load?.byBot ?? {}).filter((rate) => rate > 0).length
  const words = plural(fleet.replicas, 'loadbot')
  const isNone = scene.sources.length === 0
  return (
    <div className={css.sources}>
      <h2>
        {words}{' '}
        {isNone ? (
          <span>no load: add one below, or press ]</span>
        ) : (
          load &&
          sending > 0 && (
            <span>
              {fleet.replicas > 1 ? 'send' : 'sends'} {formatCompact(load.rate / sending)} req/s
              {sending > 1 && ' each'}
            </span>
          )
        )}
      </h2>
      {info && scene.frame.height >= LOW_FLOW && (
        <p>
          {info.server} · {info.machine}
        </p>
      )}
    </div>
  )
}

/** Below this height, in u, there is room for one line under the gate. */
const LOW_FLOW = 350

function Gate({ scene }: { scene: Scene }) {
  const service = useService()
  if (!service) return null
  const { gateX, centreY, height } = scene.frame
  return (
    <>
      <div className={`${css.gate} ${css.above}`} style={at(gateX, centreY - GATE_HALF - 14)}>
        <h2>
          <button type="button" onClick={openService}>
            Service {service.name}
          </button>
        </h2>
        <code>{service.address}</code>
      </div>
      <div
        className={css.gate}
        data-low={height < LOW_FLOW}
        style={at(gateX, centreY + GATE_HALF + 14)}
      >
        <b>{service.proxyMode ?? 'no proxy yet'}</b>
        <span>{plural(service.endpoints, 'endpoint')}</span>
      </div>
    </>
  )
}

/** What the pods of a band answered per second, as measured. */
function rateOf(band: Band, byServer: Readonly<Record<string, number>>): number {
  return band.tiles.reduce((sum, { name }) => sum + (byServer[name] ?? 0), 0)
}

function statusOf(band: Band): string | null {
  if (band.nodes.some(({ failed }) => failed)) return 'failed'
  if (!band.isReady) return 'not ready'
  return band.isSimulated ? 'simulated' : null
}

/** A band lower than this, in CSS pixels, has room for its name only. */
const TWO_LINES_PX = 25

/** A node opens; a band that gathers many is none. */
function NodeName({ band }: { band: Band }) {
  if (band.nodes.length !== 1) return band.name
  const look = (): void => select({ kind: 'nodes', namespace: null, name: band.name })
  return (
    <button type="button" onClick={look}>
      {band.name}
    </button>
  )
}

const NodeLabel = memo(function NodeLabel({
  band,
  x,
  unit,
  rate,
}: {
  band: Band
  x: number
  unit: number
  rate: number
}) {
  const status = statusOf(band)
  return (
    <div
      className={css.node}
      data-ready={band.isReady}
      data-low={band.height < 52}
      style={{ ...at(x, band.y), height: `calc(${band.height} * var(--u))` }}
    >
      <h3>
        <NodeName band={band} />
      </h3>
      {(band.height * unit >= TWO_LINES_PX || status !== null) && (
        <p>{status ?? (rate > 0 ? `${formatCompact(rate)}/s` : 'idle')}</p>
      )}
    </div>
  )
})

/** Rates are added up when they were measured, not whenever a tile changes. */
function NodeLabels({ scene, unit }: { scene: Scene; unit: number }) {
  const rates = useFold(
    useLoad(),
    (load) =>
      new Map(scene.bands.map((band) => [band.name, load?.live ? rateOf(band, load.byServer) : 0])),
  )
  return scene.bands.map((band) => (
    <NodeLabel
      key={band.name}
      band={band}
      x={scene.frame.labelX}
      unit={unit}
      rate={rates.get(band.name) ?? 0}
    />
  ))
}

/** Pods that no node can take, and why. Pods that only have to wait for their turn are not worth a sentence. */
function Waiting({ scene }: { scene: Scene }) {
  const { frame } = scene
  const waiting = scene.waiting.filter(({ reason }) => reason !== null)
  const reason = waiting[0]?.reason
  if (!reason) return null
  return (
    <p className={css.waiting} style={{ left: `calc(${frame.gateX} * var(--u))` }}>
      <b>{plural(waiting.length, 'pod')}</b> waiting for a node: {reason}
    </p>
  )
}

/** A cluster without the demo: what to type first. */
function Invitation() {
  return (
    <div className={css.invitation}>
      <h2>Nothing is on stage yet</h2>
      <p>Every pod you start stands here at once. For example:</p>
      <code>kubectl create deployment hello --image=podium/web:v1 --replicas=9</code>
    </div>
  )
}

function Mirror({ scene, onFocus }: { scene: Scene } & Pick<MirrorDeeds, 'onFocus'>) {
  const pods = usePacedPods(COUNT_PACE)
  const deeds = useMemo((): MirrorDeeds => ({ onOpen: openPod, onFocus }), [onFocus])
  const others = useMemo(
    () =>
      pods.filter(({ role, node }) => role === 'loadbot' || role === 'aggregator' || node === null),
    [pods],
  )
  const bands = usePaced(scene.bands, COUNT_PACE(pods.length))
  return <FlowMirror bands={bands} others={others} deeds={deeds} />
}

/** From the loadbots through the Service to every pod: what is there, in which state, and what moves between. */
export function Flow() {
  const [box, size] = useSize<HTMLElement>()
  const unit = useUnit()
  const [source, scene] = useLiveScene(size, unit)
  const service = useService()
  const [focused, setFocused] = useState<string | null>(null)
  const isEmpty =
    service === null &&
    scene !== null &&
    scene.bands.length > 0 &&
    scene.bands.every(({ tiles }) => tiles.length === 0)
  return (
    <section ref={box} className={css.flow} aria-label="Traffic and pods">
      {scene && (
        <>
          <Drawing source={source} />
          <FlowTargets scene={scene} unit={unit} focused={focused} />
          <Sources scene={scene} />
          <Legend />
          <Gate scene={scene} />
          <NodeLabels scene={scene} unit={unit} />
          <Waiting scene={scene} />
          {isEmpty && <Invitation />}
          <Mirror scene={scene} onFocus={setFocused} />
        </>
      )}
    </section>
  )
}
