// Draws the flow: one loop over three layers, which rests when nothing moves and when nobody looks.
import type { LoadView } from '../../shared/stage.ts'
import { createMarksLayer } from './marksLayer.ts'
import { createPace } from './pace.ts'
import type { Palette } from './palette.ts'
import { readPalette } from './palette.ts'
import { createParticlesLayer } from './particlesLayer.ts'
import type { Scene } from './scene.ts'
import type { Strand } from './strands.ts'
import { createStrandsLayer } from './strandsLayer.ts'

export interface FlowCanvases {
  strands: [HTMLCanvasElement, HTMLCanvasElement]
  particles: HTMLCanvasElement
  marks: HTMLCanvasElement
}

export interface FlowEngine {
  /** `unit`: CSS pixels per u. */
  setScene(scene: Scene, unit: number): void
  setLoad(load: LoadView | null): void
  setCalm(calm: boolean): void
  /** The colours on the page changed. */
  repaint(): void
  close(): void
}

const MOST_DENSITY = 2
/** Share of its brightness that a strand without any requests keeps where brightness stands for the rate. */
const DIMMEST = 0.25
/** In calm, brightness follows the rates this often. */
const CALM_REPAINT_MS = 1_000

/** An engine that draws on the given canvases until closed. */
export function createFlowEngine(canvases: FlowCanvases): FlowEngine {
  const strandsLayer = createStrandsLayer(canvases.strands)
  const particles = createParticlesLayer(canvases.particles)
  const marks = createMarksLayer(canvases.marks)
  const pace = createPace()
  let palette: Palette | null = null
  let scene: Scene | null = null
  let load: LoadView | null = null
  let extent = ''
  let calm = false
  let calmRepaintAt = 0
  let frame = 0
  let lastAt = 0

  const tick = (now: number): void => {
    frame = 0
    if (!scene) return
    palette ??= readPalette()
    const elapsed = lastAt === 0 ? 16 : now - lastAt
    lastAt = now
    pace.frame(elapsed)
    const gain = calm ? gainBy(load, scene.strands) : undefined
    const strandsMove = strandsLayer.draw(scene.strands, palette, now, gain)
    const marksMove = marks.draw(now, calm, palette)
    const particlesMove = particles.draw(now, Math.min(elapsed, 100), pace.share, calm, palette)
    if (strandsMove || marksMove || particlesMove) schedule()
    else lastAt = 0
  }
  const schedule = (): void => {
    frame ||= requestAnimationFrame(tick)
  }

  return {
    setScene(next, unit) {
      const density = Math.min(MOST_DENSITY, window.devicePixelRatio || 1)
      const { width, height } = next.frame
      const nextExtent = `${width}x${height}@${unit * density}`
      if (nextExtent !== extent) {
        extent = nextExtent
        for (const layer of [strandsLayer, particles, marks]) {
          layer.resize({ width, height, unit, density })
        }
      }
      if (scene?.signature !== next.signature) {
        strandsLayer.invalidate()
        particles.setStrands(next.strands)
      }
      marks.setScene(next, performance.now())
      scene = next
      schedule()
    },
    setLoad(next) {
      load = next
      particles.setLoad(next)
      marks.setQueue(queueOf(next))
      if (calm && performance.now() - calmRepaintAt > CALM_REPAINT_MS) {
        calmRepaintAt = performance.now()
        strandsLayer.invalidate()
      }
      schedule()
    },
    setCalm(next) {
      if (calm !== next) strandsLayer.invalidate()
      calm = next
      schedule()
    },
    repaint() {
      palette = null
      strandsLayer.invalidate()
      marks.invalidate()
      schedule()
    },
    close: () => cancelAnimationFrame(frame),
  }
}

/** How full the proxy process is drawn: requests in flight, on a logarithmic scale that is full at 100,000. */
function queueOf(load: LoadView | null): number {
  return Math.min(1, Math.log10(1 + (load?.inFlight ?? 0)) / 5)
}

/** Brightness by measured rate, within each side. */
function gainBy(load: LoadView | null, strands: readonly Strand[]): (strand: Strand) => number {
  const rateOf = ({ side, pod }: Strand): number =>
    (side === 'left' ? load?.byBot : load?.byServer)?.[pod] ?? 0
  const most = { left: 0, right: 0 }
  for (const strand of strands) most[strand.side] = Math.max(most[strand.side], rateOf(strand))
  return (strand) => {
    const top = most[strand.side]
    return top === 0 ? DIMMEST : DIMMEST + (1 - DIMMEST) * (rateOf(strand) / top)
  }
}
