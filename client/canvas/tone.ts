// Which of the three version colours a version wears. The colours cycle by the number in the tag.

import { hashText } from './hash.ts'

/** 1, 2, 3: the three version colours, and the number of pips that say the same without colour. */
export type Tone = 1 | 2 | 3

/** A tile's colour: `none` for pods that are no part of the show, which have no version to tell. */
export type TileTone = Tone | 'none'

const CYCLE = 3

/**
 * `v1` → 1, `v2` → 2, `v3` → 3, `v4` → 1. A tag without a number takes its place among `known`, the versions the stage
 * offers; an unknown one a place of its own making, the same each time.
 */
export function toneOf(version: string, known: readonly string[] = []): Tone {
  const number = /^v?(\d+)/.exec(version)?.[1]
  if (number !== undefined) return toTone(Number(number) - 1)
  const place = known.indexOf(version)
  if (place >= 0) return toTone(place)
  return toTone(hashText(version))
}

function toTone(place: number): Tone {
  return ((((place % CYCLE) + CYCLE) % CYCLE) + 1) as Tone
}
