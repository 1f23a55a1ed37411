// Draws the flow: one loop over three layers, which rests when nothing moves and when nobody looks.
import type { LoadView } from '../../shared/stage.ts'
import { MarksLayer } from './marksLayer.ts'
import { createPace } from './pace.ts'
import type { Palette } from './palette.ts'
import { readPalette } from './palette.ts'
import { ParticlesLayer } from './particlesLayer.ts'
import type { Scene } from './scene.ts'
import type { SceneSource } from './sceneSource.ts'
import type { Strand } from './strands.ts'
import type { StrandsLayer } from './strandsLayer.ts'
import { createStrandsLayer } from './strandsLayer.ts'

export interface FlowCanvases {
  strands: [HTMLCanvasElement, HTMLCanvasElement]
  particles: HTMLCanvasElement
  marks: HTMLCanvasElement
}

const MOST_DENSITY = 2
/** Share of its brightness that a strand without any requests keeps where brightness stands for the rate. */
const DIMMEST = 0.25
/** In calm, brightness follows the rates this often. */
const CALM_REPAINT_MS = 1_000
const USUAL_FRAME_MS = 16
/** Where the pace has to fall this low, every other frame is left out and nothing is blended. */
const SLOW_AT_SHARE = 0.25
/** After a long pause particles go on from where they were, they do not jump. */
const LONGEST_STEP_MS = 100

/** Draws on the given canvases until closed. */
export class FlowEngine {
  readonly #strands: StrandsLayer
  readonly #particles: ParticlesLayer
  readonly #marks: MarksLayer
  readonly #pace = createPace()
  #palette: Palette | null = null
  #source: SceneSource | null = null
  #clock: () => number = Date.now
  #scene: Scene | null = null
  #load: LoadView | null = null
  #extent = ''
  #calm = false
  #calmRepaintAt = 0
  #isIdle = true
  #frame = 0
  #tickAt = 0
  #drawnAt = 0
  #isSkipping = false

  constructor(canvases: FlowCanvases) {
    this.#strands = createStrandsLayer(canvases.strands)
    this.#particles = new ParticlesLayer(canvases.particles)
    this.#marks = new MarksLayer(canvases.marks)
  }

  /** Draws the scenes of `source` until told to stop. `clock`: the stage's, in ms since the epoch. */
  follow(source: SceneSource, clock: () => number): () => void {
    const onNews = (): void => {
      // What the cluster said is drawn in the very next frame, also where every other one is skipped.
      this.#isSkipping = true
      this.#schedule()
    }
    this.#source = source
    this.#clock = clock
    onNews()
    return source.subscribe(onNews)
  }

  setLoad(load: LoadView | null): void {
    this.#load = load
    const isIdle = !load?.live || load.rate === 0
    if (isIdle !== this.#isIdle) this.#strands.invalidate()
    this.#isIdle = isIdle
    this.#particles.setLoad(load)
    this.#marks.setQueue(queueOf(load))
    if (this.#calm && performance.now() - this.#calmRepaintAt > CALM_REPAINT_MS) {
      this.#calmRepaintAt = performance.now()
      this.#strands.invalidate()
    }
    this.#schedule()
  }

  setCalm(calm: boolean): void {
    if (this.#calm !== calm) this.#strands.invalidate()
    this.#calm = calm
    this.#schedule()
  }

  /** The colours on the page changed to those of `theme`. */
  setTheme(theme: string): void {
    if (this.#palette?.theme === theme) return
    this.#palette = null
    this.#strands.invalidate()
    this.#marks.invalidate()
    this.#schedule()
  }

  close(): void {
    cancelAnimationFrame(this.#frame)
    this.#strands.close()
  }

  #resize({ frame: { width, height } }: Scene, unit: number): void {
    const density = Math.min(MOST_DENSITY, window.devicePixelRatio || 1)
    const extent = `${width}x${height}@${unit * density}`
    if (extent === this.#extent) return
    this.#extent = extent
    for (const layer of [this.#strands, this.#particles, this.#marks]) {
      layer.resize({ width, height, unit, density })
    }
  }

  #schedule(): void {
    this.#frame ||= requestAnimationFrame((now) => this.#tick(now))
  }

  get #isSlow(): boolean {
    return this.#pace.share <= SLOW_AT_SHARE
  }

  #takeScene(): Scene | null {
    const scene = this.#source?.current() ?? null
    if (!scene || !this.#source || scene === this.#scene) return scene
    this.#resize(scene, this.#source.unit)
    if (this.#scene?.signature !== scene.signature) {
      this.#strands.invalidate()
      this.#particles.setStrands(scene.strands)
    }
    const now = performance.now()
    this.#marks.setScene(scene, now, this.#clock() - now)
    this.#scene = scene
    return scene
  }

  #tick(now: number): void {
    this.#frame = 0
    const scene = this.#takeScene()
    if (!scene) return
    if (this.#tickAt > 0) this.#pace.frame(now - this.#tickAt)
    this.#tickAt = now
    // A machine this slow shows every other frame, so that its time goes to the load.
    this.#isSkipping = this.#isSlow && !this.#isSkipping
    if (this.#isSkipping || this.#draw(scene, now)) this.#schedule()
    else this.#tickAt = this.#drawnAt = 0
  }

  /** Draws one frame; answers whether another one will differ. */
  #draw(scene: Scene, now: number): boolean {
    const palette = (this.#palette ??= readPalette())
    const elapsed = this.#drawnAt === 0 ? USUAL_FRAME_MS : now - this.#drawnAt
    this.#drawnAt = now
    const calm = this.#calm
    const gain = calm ? gainBy(this.#load, scene.strands) : this.#isIdle ? unlit : undefined
    const strandsMove = this.#strands.draw(scene.strands, palette, now, {
      isHard: this.#isSlow,
      gain,
    })
    const marksMove = this.#marks.draw(now, calm, palette)
    const step = Math.min(elapsed, LONGEST_STEP_MS)
    const particlesMove = this.#particles.draw(now, step, this.#pace.share, calm, palette)
    return strandsMove || marksMove || particlesMove || this.#source?.isStale === true
  }
}

/** How full the proxy process is drawn: requests in flight, on a logarithmic scale that is full at 100,000. */
function queueOf(load: LoadView | null): number {
  return Math.min(1, Math.log10(1 + (load?.inFlight ?? 0)) / 5)
}

/** Only traffic is lit: without any, strands are ways that could be taken. */
const unlit = (): number => DIMMEST

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
