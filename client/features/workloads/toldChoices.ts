// Kubernetes' published schemas name the values of a field in its description only. Pure.

/** What stands before the values. */
const LEADS =
  /(?:\bone of|\b(?:valid|allowed) (?:options|values|operators)(?: are)?|\bwhether the [a-z ]+ is|\bpossible values are|\bsupported values(?: are)?|\bsupports|\bcan be|\bmust be)(?: one of)?(?: the following(?: values)?)?:?\s*/gi

const NEXT =
  /\s*(?:,\s*(?:or\s|and\s)?|or\s|and\s)?\s*["'`]?([A-Z][A-Za-z0-9]*)["'`]?(?![\w.-]*\w)/y

const BULLET =
  /^\s*(?:[-*]\s+)?["'`]?([A-Z][A-Za-z0-9]*)["'`]?(?:\s*\(default\))?(?:\s*:|\s+-\s|\s+means\b|$)/

/** The values that a description names; none where it names fewer than two. They are a hint: the API knows better. */
export function toldChoices(description: string): string[] {
  const plain = description.replaceAll(/\([^)]*\)/g, '')
  for (const { index, 0: lead } of plain.matchAll(LEADS)) {
    const rest = plain.slice(index + lead.length)
    const inline = inARow(rest)
    if (inline.length > 1) return inline
    const listed = inLines(rest)
    if (listed.length > 1) return listed
  }
  return []
}

/** `UDP, TCP, or SCTP` */
function inARow(text: string): string[] {
  const found: string[] = []
  NEXT.lastIndex = 0
  for (let next = NEXT.exec(text); next; next = NEXT.exec(text)) found.push(next[1]!)
  return found
}

/** One a line, each with what it means. */
function inLines(text: string): string[] {
  return text.split(/\n|\s(?=[*-]\s)/).flatMap((line) => BULLET.exec(line)?.[1] ?? [])
}
