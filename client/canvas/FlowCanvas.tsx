import { useEffect, useRef } from 'react'
import type { LoadView } from '../../shared/stage.ts'
import { usePreferences } from '../ui/preferences.tsx'
import { FlowEngine } from './engine.ts'
import css from './FlowCanvas.module.css'
import type { SceneSource } from './sceneSource.ts'
import { StrandLayers } from './StrandLayers.tsx'

/** The flow, drawn. It fills its positioned parent; what it shows is said in words by `FlowMirror`. */
export function FlowCanvas({
  source,
  load,
  clock,
}: {
  source: SceneSource
  load: LoadView | null
  /** The stage's clock, in ms since the epoch. */
  clock: () => number
}) {
  const { theme, calm } = usePreferences()
  const strandsA = useRef<HTMLCanvasElement>(null)
  const strandsB = useRef<HTMLCanvasElement>(null)
  const particles = useRef<HTMLCanvasElement>(null)
  const marks = useRef<HTMLCanvasElement>(null)
  const engine = useRef<FlowEngine>(null)

  useEffect(() => {
    const created = new FlowEngine({
      strands: [strandsA.current!, strandsB.current!],
      particles: particles.current!,
      marks: marks.current!,
    })
    engine.current = created
    return () => created.close()
  }, [])
  useEffect(() => engine.current?.setCalm(calm), [calm])
  useEffect(() => engine.current?.setTheme(theme), [theme])
  useEffect(() => engine.current?.follow(source, clock), [source, clock])
  useEffect(() => engine.current?.setLoad(load), [load])

  return (
    <div className={css.stack} aria-hidden="true">
      <StrandLayers a={strandsA} b={strandsB} particles={particles} />
      <canvas ref={marks} className={css.layer} />
    </div>
  )
}
