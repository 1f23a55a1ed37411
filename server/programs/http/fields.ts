// Header fields: what may stand in one, and the few that frame a message (RFC 9112, sections 5 and 6).

const LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/
const DIGITS = /^[0-9]+$/

/** The values of all fields with that name, in order, without surrounding blanks. */
export type Fields = Map<string, string[]>

/** Reads header lines (without their line ends); null when one of them is malformed. Folded lines are malformed. */
export function parseFields(lines: readonly string[]): Fields | null {
  const fields: Fields = new Map()
  for (const line of lines) {
    const match = LINE.exec(line)
    if (match === null) return null
    const name = (match[1] ?? '').toLowerCase()
    const value = (match[2] ?? '').replace(/[ \t]+$/, '')
    const values = fields.get(name)
    if (values) values.push(value)
    else fields.set(name, [value])
  }
  return fields
}

/** The comma-separated members of a list field, in lower case. */
export function listOf(fields: Fields, name: string): string[] {
  return (fields.get(name) ?? [])
    .join(',')
    .toLowerCase()
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '')
}

/** How a message says that its body ends. */
export type Framing = { kind: 'none' } | { kind: 'length'; length: number } | { kind: 'chunked' }

/**
 * The framing that the fields of a message announce; null when they contradict themselves. Both kinds at once are
 * refused, for that is how requests are smuggled (RFC 9112, section 6.3).
 */
export function framingOf(fields: Fields): Framing | null {
  const lengths = fields.get('content-length')
  const codings = fields.get('transfer-encoding')?.join(',').toLowerCase()
  if (codings !== undefined) {
    // Chunked comes last and once; an empty list member after it is left to no one's interpretation.
    const chunked = /(?:^|,)[ \t]*chunked$/.test(codings) && !/chunked[ \t]*,/.test(codings)
    return chunked && lengths === undefined ? { kind: 'chunked' } : null
  }
  if (lengths === undefined) return { kind: 'none' }
  const value = lengths[0] ?? ''
  const length = Number(value)
  if (lengths.length > 1 || !DIGITS.test(value) || !Number.isSafeInteger(length)) return null
  return { kind: 'length', length }
}
