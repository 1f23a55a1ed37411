// Reads the table of messages into what the decoder walks by.
import { MESSAGES } from './messages.ts'

export interface ProtoField {
  /** The JSON name; undefined when the field's own fields stand in its place. */
  readonly name: string | undefined
  readonly shape: 'one' | 'list' | 'map'
  /** A scalar's name, or a message's. */
  readonly type: string
  /** Zero is said on purpose. */
  readonly keepZero: boolean
}

/** A message's fields by number. */
export type ProtoMessage = ReadonlyMap<number, ProtoField>

let table: ReadonlyMap<string, ProtoMessage> | undefined

/** The fields of the message with that name; undefined when it is not in the table. */
export function protoMessage(name: string): ProtoMessage | undefined {
  table ??= new Map(MESSAGES.trim().split('\n').map(parseMessage))
  return table.get(name)
}

function parseMessage(line: string): [string, ProtoMessage] {
  const [name = '', fields = ''] = line.split(': ')
  return [name, new Map(fields.split(', ').filter(Boolean).map(parseField))]
}

function parseField(text: string): [number, ProtoField] {
  const [name = '', number = '', type = ''] = text.split(' ')
  const [, prefix, plain = '', zero] = /^(\[\]|\{\})?(\w+)(!)?$/.exec(type) ?? []
  const shape = prefix === '[]' ? 'list' : prefix === '{}' ? 'map' : 'one'
  return [
    Number(number),
    { name: name === '...' ? undefined : name, shape, type: plain, keepZero: zero !== undefined },
  ]
}
