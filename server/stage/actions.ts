// What the controls ask for, read from JSON by hand: every wrong field is named in the answer.
import { badRequest } from '../../shared/status.ts'
import { SCENES } from '../../shared/scenes.ts'
import type { Action } from '../../shared/stage.ts'

type Fields = Record<string, unknown>

/** Reads one field or throws a sentence about it. */
type Reader = (value: unknown, name: string) => unknown

const text: Reader = (value, name) => {
  if (typeof value === 'string' && value !== '' && value.length <= 253) return value
  throw badRequest(`${name} has to be a name.`)
}
const count: Reader = (value, name) => {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value
  throw badRequest(`${name} has to be a whole number, 0 or more.`)
}
const share: Reader = (value, name) => {
  const isPercent = typeof value === 'string' && /^\d{1,3}%$/.test(value)
  return isPercent ? value : count(value, `${name} (a number of pods or a percentage)`)
}
const oneOf =
  (...choices: string[]): Reader =>
  (value, name) => {
    if (typeof value === 'string' && choices.includes(value)) return value
    throw badRequest(`${name} has to be one of ${choices.join(', ')}.`)
  }
const optional =
  (reader: Reader): Reader =>
  (value, name) =>
    value === undefined ? undefined : reader(value, name)

const FIELDS: Record<Action['type'], Record<string, Reader>> = {
  load: { perSecond: count },
  scale: { target: oneOf('loadbots', 'servers'), replicas: count },
  update: { version: text },
  strategy: { maxSurge: share, maxUnavailable: share },
  pause: {},
  resume: {},
  rollBack: {},
  killPod: { pod: optional(text) },
  failNode: { node: text },
  restoreNode: { node: text },
  proxyMode: { mode: oneOf('userspace', 'iptables') },
  startScene: { scene: oneOf(...SCENES) },
  endScene: { scene: oneOf(...SCENES) },
  rollingUpdate: { target: oneOf('loadbots', 'aggregator'), version: text },
}

/**
 * The action that `body` asks for.
 * @throws ApiError 400 that names the first thing wrong with it
 */
export function parseAction(body: unknown): Action {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw badRequest('An action is a JSON object such as {"type": "pause"}.')
  }
  const { type, ...given } = body as Fields
  if (typeof type !== 'string' || !Object.hasOwn(FIELDS, type)) {
    throw badRequest(`type has to be one of ${Object.keys(FIELDS).join(', ')}.`)
  }
  const readers = FIELDS[type as Action['type']]
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(readers, name)) throw badRequest(`An action ${type} has no field ${name}.`)
  }
  const action: Fields = { type }
  for (const [name, read] of Object.entries(readers)) {
    const value = read(given[name], name)
    if (value !== undefined) action[name] = value
  }
  return action as unknown as Action
}
