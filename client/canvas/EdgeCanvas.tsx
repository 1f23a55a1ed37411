import { useEffect, useRef } from 'react'
import { usePreferences } from '../ui/preferences.tsx'
import { EdgeEngine } from './edgeEngine.ts'
import css from './FlowCanvas.module.css'
import type { Strand } from './strands.ts'
import { StrandLayers } from './StrandLayers.tsx'

/** Strands between any places, and what flies along them by rates; decorative: the words beside it say the same. */
export function EdgeCanvas({
  width,
  height,
  unit,
  strands,
  rates,
}: {
  /** In u. */
  width: number
  height: number
  /** CSS pixels per u. */
  unit: number
  strands: readonly Strand[]
  /** Requests per second by the strands' `pod`; null: nothing is known of now, nothing flies. */
  rates: Readonly<Record<string, number>> | null
}) {
  const { theme, calm } = usePreferences()
  const strandsA = useRef<HTMLCanvasElement>(null)
  const strandsB = useRef<HTMLCanvasElement>(null)
  const particles = useRef<HTMLCanvasElement>(null)
  const engine = useRef<EdgeEngine>(null)
  useEffect(() => {
    const created = new EdgeEngine([strandsA.current!, strandsB.current!], particles.current!)
    engine.current = created
    return () => created.close()
  }, [])
  useEffect(() => engine.current?.setLook(theme, calm), [theme, calm])
  useEffect(() => {
    engine.current?.setStrands(strands, { width, height, unit })
  }, [strands, width, height, unit])
  useEffect(() => engine.current?.setRates(rates), [rates])
  return (
    <div className={css.stack} aria-hidden="true">
      <StrandLayers a={strandsA} b={strandsB} particles={particles} />
    </div>
  )
}
