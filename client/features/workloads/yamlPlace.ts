// Where in a YAML text one is, told by the indentation: what is being typed is seldom well-formed. Pure.
import type { Step } from './schema.ts'

export interface Place {
  /** Of the object that the word under the cursor is, or will be, a field of. */
  path: Step[]
  /** The word so far. */
  word: string
  /** The field whose value is being typed; null: a field's name is. */
  field: string | null
  /** Fields that stand there already. */
  present: ReadonlySet<string>
}

const LINE = /^( *)((?:- +)*)(.*)$/
const FIELD = /^(?:"([^"]+)"|'([^']+)'|([\w./-]+)):(?: |$)/
const VALUE = /^([\w./-]+):\s+(\S*)$/

interface Line {
  /** Columns of its dashes. */
  dashes: number[]
  /** Column of what follows them. */
  column: number
  field: string | null
  isBlank: boolean
}

function read(text: string): Line {
  const [, indent = '', marks = '', rest = ''] = LINE.exec(text) ?? []
  const dashes = [...marks.matchAll(/-/g)].map((mark) => indent.length + mark.index)
  const found = FIELD.exec(rest)
  return {
    dashes,
    column: indent.length + marks.length,
    field: found ? (found[1] ?? found[2] ?? found[3] ?? null) : null,
    isBlank: rest.trim() === '' ? dashes.length === 0 : rest.startsWith('#'),
  }
}

/** The lines of the document around `offset`, those from its line on included, and where in them that line is. */
function documentAround(text: string, offset: number): { lines: string[]; at: number } {
  const before = text.slice(0, offset).split('\n')
  const start = before.findLastIndex((line) => line.startsWith('---')) + 1
  const after = text.slice(offset).split('\n')
  const end = after.findIndex((line, at) => at > 0 && line.startsWith('---'))
  const rest = after.slice(1, end < 0 ? undefined : end)
  const here = before.at(-1) + (after[0] ?? '')
  return { lines: [...before.slice(start, -1), here, ...rest], at: before.length - 1 - start }
}

/** The place of `offset` in `text`. */
export function placeAt(text: string, offset: number): Place {
  const { lines, at } = documentAround(text, offset)
  const typed = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset)
  const here = read(typed)
  const rest = typed.slice(here.column)
  const value = VALUE.exec(rest)
  return {
    path: pathOf(lines.slice(0, at), here),
    word: value ? (value[2] ?? '') : rest,
    field: value?.[1] ?? null,
    present: presentAround(lines, at, here),
  }
}

/** Upwards from line to line, to the left from field to field. */
function pathOf(above: readonly string[], here: Line): Step[] {
  const path: Step[] = []
  let column = here.column
  // A list may stand under its field without being indented.
  let isItem = false
  const leave = (dashes: readonly number[]): void => {
    for (const dash of dashes.toReversed()) {
      path.unshift(0)
      column = dash
      isItem = true
    }
  }
  leave(here.dashes)
  for (const text of above.toReversed()) {
    const line = read(text)
    if (line.isBlank) continue
    const isParent = line.column < column || (isItem && line.column === column)
    if (isParent && line.field !== null) {
      path.unshift(line.field)
      column = line.column
      isItem = false
      leave(line.dashes)
    } else if (!isItem && line.column === column && line.dashes.length > 0) {
      leave(line.dashes)
    }
  }
  return path
}

function presentAround(lines: readonly string[], at: number, here: Line): Set<string> {
  const present = new Set<string>()
  const gather = (others: readonly string[], isUpwards: boolean): void => {
    for (const text of others) {
      const line = read(text)
      if (line.isBlank) continue
      if (line.column < here.column) return
      const isOther = !isUpwards && line.dashes.length > 0 && line.column === here.column
      if (isOther) return
      if (line.column === here.column && line.field !== null) present.add(line.field)
      if (isUpwards && line.column === here.column && line.dashes.length > 0) return
    }
  }
  if (here.dashes.length === 0) gather(lines.slice(0, at).toReversed(), true)
  gather(lines.slice(at + 1), false)
  return present
}
