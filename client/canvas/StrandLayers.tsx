import type { RefObject } from 'react'
import css from './FlowCanvas.module.css'

type Canvas = RefObject<HTMLCanvasElement | null>

/** The canvases of whatever draws strands: two that change over, and one for what flies along them. */
export function StrandLayers({ a, b, particles }: { a: Canvas; b: Canvas; particles: Canvas }) {
  return (
    <>
      <div className={css.group}>
        <canvas ref={a} className={`${css.layer} ${css.strands}`} />
        <canvas ref={b} className={`${css.layer} ${css.strands}`} />
      </div>
      <canvas ref={particles} className={css.layer} />
    </>
  )
}
