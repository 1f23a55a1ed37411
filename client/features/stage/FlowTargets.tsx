import { useState } from 'react'
import type { CSSProperties, PointerEvent } from 'react'
import type { LoadView, PodView } from '../../../shared/stage.ts'
import type { Hit, Spot } from '../../canvas/hit.ts'
import { hitAt, spotOfPod } from '../../canvas/hit.ts'
import type { Scene } from '../../canvas/scene.ts'
import { askForTrace } from '../../live/findings.ts'
import { useLoad, useShownStores } from '../../live/live.ts'
import { stores } from '../../live/page.ts'
import { select, useSelection } from '../../live/selection.ts'
import { formatCompact } from '../../ui/numbers.ts'
import css from './FlowTargets.module.css'

/** Opens what was hit, for whoever looks into things; a request that flies by is followed, or rather one like it. */
export function open(hit: Hit): void {
  if (hit.kind === 'pod') openPod(hit.key)
  else if (hit.kind === 'node') select({ kind: 'nodes', namespace: null, name: hit.name })
  else {
    if (hit.kind === 'request') askForTrace()
    openService()
  }
}

/** Looks into the pod called `namespace/name`. */
export function openPod(key: string): void {
  const [namespace, name] = key.split('/')
  if (namespace && name) select({ kind: 'pods', namespace, name })
}

/** Looks into the Service in front of the servers. */
export function openService(): void {
  const service = stores.feed.list('service')[0]
  const [namespace, name] = service?.key.split('/') ?? []
  if (namespace && name) select({ kind: 'services', namespace, name })
}

function rateOf({ role, name }: PodView, load: LoadView | null): number {
  if (!load?.live) return 0
  return (role === 'loadbot' ? load.byBot : load.byServer)[name] ?? 0
}

/** `nginx-abc · v2 ready · 10.4k/s` */
function podWords(pod: PodView, load: LoadView | null): string {
  const rate = rateOf(pod, load)
  const parts = [pod.name, `${pod.version} ${pod.reason ?? pod.state}`]
  return [...parts, ...(rate > 0 ? [`${formatCompact(rate)}/s`] : [])].join(' · ')
}

function Ring({ spot, look }: { spot: Spot; look: 'near' | 'focus' | 'open' }) {
  const style = {
    '--x': spot.x,
    '--y': spot.y,
    '--width': spot.width,
    '--height': spot.height,
  } as CSSProperties
  return <i className={css.ring} data-look={look} data-round={spot.isRound} style={style} />
}

function Name({ spot, podKey, scene }: { spot: Spot; podKey: string; scene: Scene }) {
  const load = useLoad()
  const pod = useShownStores().feed.get('pod', podKey)
  if (!pod) return null
  const isRight = spot.x > scene.frame.width / 2
  const style = { '--x': isRight ? spot.x + spot.width : spot.x, '--y': spot.y } as CSSProperties
  return (
    <p className={css.name} data-right={isRight} style={style}>
      {podWords(pod, load)}
    </p>
  )
}

/** Where the open object stands, if it is on the stage. */
function openSpot(scene: Scene, selection: ReturnType<typeof useSelection>): Spot | null {
  if (selection?.kind !== 'pods' || selection.namespace === null) return null
  return spotOfPod(scene, `${selection.namespace}/${selection.name}`)
}

/** Lies over the drawing: what the pointer or the keyboard is on gets a ring and its name, and opens when pressed. */
export function FlowTargets({
  scene,
  unit,
  focused,
}: {
  scene: Scene
  unit: number
  /** The pod that the keyboard is on, `namespace/name`. */
  focused: string | null
}) {
  const [near, setNear] = useState<Hit | null>(null)
  const opened = openSpot(scene, useSelection())
  const at = (event: PointerEvent): Hit | null => {
    const box = event.currentTarget.getBoundingClientRect()
    return hitAt(scene, (event.clientX - box.left) / unit, (event.clientY - box.top) / unit)
  }
  const nearSpot = near?.kind === 'pod' ? spotOfPod(scene, near.key) : (near?.spot ?? null)
  const focusSpot = focused === null ? null : spotOfPod(scene, focused)
  const named = focused ?? (near?.kind === 'pod' ? near.key : null)
  const nameSpot = focusSpot ?? nearSpot
  return (
    <div
      className={css.targets}
      data-hit={near !== null}
      title={near?.kind === 'request' ? 'Follow one request' : undefined}
      aria-hidden="true"
      onPointerMove={(event) => setNear(at(event))}
      onPointerLeave={() => setNear(null)}
      onPointerUp={(event) => {
        const hit = event.button === 0 ? at(event) : null
        if (hit) open(hit)
      }}
    >
      {opened && <Ring spot={opened} look="open" />}
      {nearSpot && <Ring spot={nearSpot} look="near" />}
      {focusSpot && <Ring spot={focusSpot} look="focus" />}
      {named !== null && nameSpot && <Name spot={nameSpot} podKey={named} scene={scene} />}
    </div>
  )
}
