// Loadbots, gate, ports and tiles. Only what changed or moves is drawn again: a tile is cleared and redrawn in its cell.
import type { Band, FreeMark, TileMark } from './bands.ts'
import { drawGate, drawPort, drawSource, GATE_HALF } from './drawMarks.ts'
import { TEXTURE_UP_TO } from './density.ts'
import { drawFree, drawTile } from './drawTile.ts'
import type { Palette } from './palette.ts'
import { tellProbe } from './probe.ts'
import type { Scene } from './scene.ts'
import type { SourceMark } from './sources.ts'
import type { Extent, Surface } from './surface.ts'
import { clear, resize, surfaceOn, toUnits } from './surface.ts'
import type { Tween } from './tween.ts'
import { easeOut, MOTION, poseAt, retarget as retargetOne } from './tween.ts'

type Cell = TileMark | FreeMark
const isTile = (cell: Cell): cell is TileMark => 'uid' in cell

/** The queue is drawn in so many steps, so that it does not ask for a redraw with every measurement. */
const QUEUE_STEPS = 25

interface Moving {
  fromX: number
  fromY: number
  since: number
}

/** The layer on one canvas. */
export class MarksLayer {
  readonly #surface: Surface
  #scene: Scene | null = null
  #queue = 0
  #isAllDue = true
  #isGateDue = true
  #areSourcesDue = true
  /** Cells that have to be drawn again. */
  readonly #due = new Set<string>()
  #cells = new Map<string, Cell>()
  /** By uid. */
  readonly #tweens = new Map<string, Tween>()
  #moves = new Map<string, Moving>()

  constructor(canvas: HTMLCanvasElement) {
    this.#surface = surfaceOn(canvas)
  }

  resize(extent: Extent): void {
    resize(this.#surface, extent)
    this.#isAllDue = true
  }

  /** `ahead`: what to add to `now` to get the stage's clock, in ms. */
  setScene(scene: Scene, now: number, ahead: number): void {
    const before = this.#scene
    const isNewLayout = !before || layoutOf(before) !== layoutOf(scene)
    this.#isAllDue ||= isNewLayout
    const cells = cellsOf(scene.bands)
    // Places of another layout are no places of this one.
    const changed = isNewLayout ? [...cells.keys()] : changedCells(this.#cells, cells)
    for (const key of changed) this.#due.add(key)
    const how = { isFirst: before === null, ahead }
    const left = isNewLayout ? this.#cells.keys() : changed
    retarget(this.#tweens, { left, changed, cells, before: this.#cells }, now, how)
    this.#moves = movedSources(before, scene, this.#moves, now)
    this.#areSourcesDue = true
    this.#isGateDue ||= before?.gate?.mode !== scene.gate?.mode
    this.#cells = cells
    this.#scene = scene
  }

  /** 0–1: how full the proxy process is. */
  setQueue(queue: number): void {
    const stepped = Math.round(queue * QUEUE_STEPS) / QUEUE_STEPS
    if (stepped === this.#queue) return
    this.#queue = stepped
    this.#isGateDue = true
  }

  /** Everything is out of date. */
  invalidate(): void {
    this.#isAllDue = true
  }

  /** Draws what is due; answers whether anything still moves. */
  draw(now: number, calm: boolean, palette: Palette): boolean {
    const scene = this.#scene
    if (!scene) return false
    const isAll = this.#isAllDue
    this.#isAllDue = false
    if (isAll) clear(this.#surface)
    toUnits(this.#surface)
    if (isAll) {
      for (const band of scene.bands) drawPort(this.#surface.g, scene.frame, band, palette)
    }
    if (isAll || this.#isGateDue) this.#drawGate(scene, palette)
    if (isAll || this.#areSourcesDue) {
      this.#areSourcesDue = this.#drawSources(scene, now, calm, palette)
    }
    this.#drawCells(isAll ? [...this.#cells.keys()] : [...this.#due], now, calm, palette)
    return this.#areSourcesDue || this.#due.size > 0
  }

  #drawGate({ frame, gate }: Scene, palette: Palette): void {
    const { g } = this.#surface
    this.#isGateDue = false
    g.clearRect(frame.gateX - 30, frame.centreY - GATE_HALF - 8, 60, GATE_HALF * 2 + 16)
    if (gate) drawGate(g, frame, gate, this.#queue, palette)
  }

  #drawSources(scene: Scene, now: number, calm: boolean, palette: Palette): boolean {
    const { g } = this.#surface
    g.clearRect(0, 0, scene.frame.sourcesRight + 24, scene.frame.height)
    let isMoving = false
    for (const mark of scene.sources) {
      const move = this.#moves.get(mark.uid)
      const t = calm || !move ? 1 : easeOut((now - move.since) / MOTION.moveMs)
      isMoving ||= t < 1
      const x = move ? move.fromX + (mark.x - move.fromX) * t : mark.x
      const y = move ? move.fromY + (mark.y - move.fromY) * t : mark.y
      drawSource(g, { ...mark, x, y }, palette)
    }
    return isMoving
  }

  /** Draws the cells; those that move are due again. */
  #drawCells(keys: readonly string[], now: number, calm: boolean, palette: Palette): void {
    this.#due.clear()
    for (const key of keys) {
      const cell = this.#cells.get(key)
      if (cell && this.#drawCell(cell, now, calm, palette)) this.#due.add(key)
    }
  }

  #drawCell(cell: Cell, now: number, calm: boolean, palette: Palette): boolean {
    const { g } = this.#surface
    // Edges lie half outside; cells of the texture touch, so nothing of the neighbours may go.
    const margin = cell.size <= TEXTURE_UP_TO ? 0 : 0.75
    g.clearRect(cell.x - margin, cell.y - margin, cell.size + margin * 2, cell.size + margin * 2)
    if (!isTile(cell)) {
      drawFree(g, cell, palette)
      return false
    }
    const tween = this.#tweens.get(cell.uid)
    if (!tween) return false
    const pose = poseAt(tween, now, calm)
    drawTile(g, cell, pose, palette)
    tellProbe(cell.uid, cell.state)
    return pose.isMoving && cell.size > TEXTURE_UP_TO
  }
}

/** Everything has to be drawn anew when this changes. */
function layoutOf({ frame, bands }: Scene): string {
  const nodes = bands
    .map(({ name, isReady, tileSize }) => `${name}${isReady ? '' : '!'}${tileSize}`)
    .join()
  return `${frame.width}x${frame.height} ${nodes} ${bands[0]?.height ?? 0}`
}

function cellsOf(bands: readonly Band[]): Map<string, Cell> {
  const cells = new Map<string, Cell>()
  for (const { tiles, free } of bands) {
    for (const mark of free) cells.set(mark.cell, mark)
    for (const tile of tiles) cells.set(tile.cell, tile)
  }
  return cells
}

function changedCells(before: Map<string, Cell>, after: Map<string, Cell>): string[] {
  const changed: string[] = []
  for (const [key, cell] of after) {
    const old = before.get(key)
    if (!old || !looksEqual(old, cell)) changed.push(key)
  }
  // A row that is no longer shown leaves nothing to draw over it, so its cells are drawn as free ones once more.
  for (const [key, cell] of before) {
    if (after.has(key)) continue
    const { x, y, size } = cell
    after.set(key, { cell: key, x, y, size })
    if (isTile(cell)) changed.push(key)
  }
  return changed
}

function looksEqual(a: Cell, b: Cell): boolean {
  if (a === b) return true
  if (isTile(a) && isTile(b)) {
    return a.uid === b.uid && a.state === b.state && a.progress === b.progress && a.tone === b.tone
  }
  return isTile(a) === isTile(b)
}

/** Brings the tweens up to date in place: those of tiles that changed, appeared or went. */
function retarget(
  tweens: Map<string, Tween>,
  {
    left,
    changed,
    cells,
    before,
  }: {
    /** Places whose tiles may have gone, and places that may have other ones now. */
    left: Iterable<string>
    changed: readonly string[]
    cells: Map<string, Cell>
    before: Map<string, Cell>
  },
  now: number,
  how: { isFirst: boolean; ahead: number },
): void {
  const old = new Map<string, Tween>()
  for (const key of left) {
    const was = before.get(key)
    if (!was || !isTile(was)) continue
    const tween = tweens.get(was.uid)
    if (tween) old.set(was.uid, tween)
    tweens.delete(was.uid)
  }
  for (const key of changed) {
    const cell = cells.get(key)
    if (!cell || !isTile(cell)) continue
    const known = old.get(cell.uid) ?? tweens.get(cell.uid)
    tweens.set(cell.uid, retargetOne(known, cell, now, how))
  }
}

function movedSources(
  before: Scene | null,
  after: Scene,
  moves: Map<string, Moving>,
  now: number,
): Map<string, Moving> {
  const old = new Map<string, SourceMark>(before?.sources.map((mark) => [mark.uid, mark]))
  const next = new Map<string, Moving>()
  for (const mark of after.sources) {
    const was = old.get(mark.uid)
    const move = moves.get(mark.uid)
    if (was && (was.x !== mark.x || was.y !== mark.y)) {
      next.set(mark.uid, { fromX: was.x, fromY: was.y, since: now })
    } else if (move) next.set(mark.uid, move)
  }
  return next
}
