// Loadbots, gate, ports and tiles. Only what changed or moves is drawn again: a tile is cleared and redrawn in its cell.
import type { Band, FreeMark, TileMark } from './bands.ts'
import { drawGate, drawPort, drawSource, GATE_HALF } from './drawMarks.ts'
import { drawFree, drawTile } from './drawTile.ts'
import type { Palette } from './palette.ts'
import type { Scene } from './scene.ts'
import type { SourceMark } from './sources.ts'
import type { Extent } from './surface.ts'
import { clear, resize, surfaceOn, toUnits } from './surface.ts'
import type { Tween } from './tween.ts'
import { easeOut, MOTION, poseAt, retarget } from './tween.ts'

type Cell = TileMark | FreeMark
const isTile = (cell: Cell): cell is TileMark => 'uid' in cell

interface Moving {
  fromX: number
  fromY: number
  since: number
}

export interface MarksLayer {
  resize(extent: Extent): void
  setScene(scene: Scene, now: number): void
  /** 0–1: how full the proxy process is. */
  setQueue(queue: number): void
  invalidate(): void
  /** Draws what is due; answers whether anything still moves. */
  draw(now: number, calm: boolean, palette: Palette): boolean
}

/** The layer on one canvas. */
export function createMarksLayer(canvas: HTMLCanvasElement): MarksLayer {
  const surface = surfaceOn(canvas)
  const { g } = surface
  let scene: Scene | null = null
  let queue = 0
  let allDue = true
  let gateDue = true
  let sourcesDue = true
  const due = new Set<string>()
  let cells = new Map<string, Cell>()
  let tweens = new Map<string, Tween>()
  let moves = new Map<string, Moving>()

  const drawCell = (cell: Cell, now: number, calm: boolean, palette: Palette): boolean => {
    g.clearRect(cell.x - 0.75, cell.y - 0.75, cell.size + 1.5, cell.size + 1.5)
    if (!isTile(cell)) {
      drawFree(g, cell, palette)
      return false
    }
    const tween = tweens.get(cell.uid)
    if (!tween) return false
    const pose = poseAt(tween, now, calm)
    drawTile(g, cell, pose, palette)
    return pose.isMoving
  }

  const drawCells = (now: number, calm: boolean, palette: Palette): boolean => {
    const todo = allDue ? [...cells.keys()] : [...due]
    due.clear()
    for (const key of todo) {
      const cell = cells.get(key)
      if (cell && drawCell(cell, now, calm, palette)) due.add(key)
    }
    return due.size > 0
  }

  const drawSources = (at: Scene, now: number, calm: boolean, palette: Palette): boolean => {
    g.clearRect(0, 0, at.frame.sourcesRight + 24, at.frame.height)
    let moving = false
    for (const mark of at.sources) {
      const move = moves.get(mark.uid)
      const t = calm || !move ? 1 : easeOut((now - move.since) / MOTION.moveMs)
      if (t < 1) moving = true
      const x = move ? move.fromX + (mark.x - move.fromX) * t : mark.x
      const y = move ? move.fromY + (mark.y - move.fromY) * t : mark.y
      drawSource(g, { ...mark, x, y }, palette)
    }
    return moving
  }

  const drawTheGate = ({ frame, gate }: Scene, palette: Palette): void => {
    g.clearRect(frame.gateX - 30, frame.centreY - GATE_HALF - 8, 60, GATE_HALF * 2 + 16)
    if (gate) drawGate(g, frame, gate, queue, palette)
  }

  return {
    resize(extent) {
      resize(surface, extent)
      allDue = true
    },
    setScene(next, now) {
      const isFirst = scene === null
      if (!scene || layoutOf(scene) !== layoutOf(next)) allDue = true
      const nextCells = cellsOf(next.bands)
      for (const key of changedCells(cells, nextCells)) due.add(key)
      tweens = retargeted(tweens, nextCells, now, isFirst)
      moves = movedSources(scene, next, moves, now)
      sourcesDue = true
      gateDue ||= scene?.gate?.mode !== next.gate?.mode
      cells = nextCells
      scene = next
    },
    setQueue(next) {
      const stepped = Math.round(next * 25) / 25
      if (stepped === queue) return
      queue = stepped
      gateDue = true
    },
    invalidate() {
      allDue = true
    },
    draw(now, calm, palette) {
      if (!scene) return false
      if (allDue) clear(surface)
      toUnits(surface)
      if (allDue) for (const band of scene.bands) drawPort(g, scene.frame, band, palette)
      if (allDue || gateDue) drawTheGate(scene, palette)
      gateDue = false
      const sourcesMove = (allDue || sourcesDue) && drawSources(scene, now, calm, palette)
      sourcesDue = sourcesMove
      const tilesMove = drawCells(now, calm, palette)
      allDue = false
      return sourcesMove || tilesMove
    },
  }
}

/** Everything has to be drawn anew when this changes. */
function layoutOf({ frame, density, bands }: Scene): string {
  const nodes = bands.map(({ name, isReady }) => `${name}${isReady ? '' : '!'}`).join()
  return `${frame.width}x${frame.height} ${density.size} ${nodes} ${bands[0]?.height ?? 0}`
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
  if (isTile(a) && isTile(b)) {
    return a.uid === b.uid && a.state === b.state && a.progress === b.progress && a.tone === b.tone
  }
  return isTile(a) === isTile(b)
}

function retargeted(
  before: Map<string, Tween>,
  cells: Map<string, Cell>,
  now: number,
  isFirst: boolean,
): Map<string, Tween> {
  const tweens = new Map<string, Tween>()
  for (const cell of cells.values()) {
    if (isTile(cell)) tweens.set(cell.uid, retarget(before.get(cell.uid), cell, now, isFirst))
  }
  return tweens
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
