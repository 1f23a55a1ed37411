// Short words for the schemas of custom resources that Podium brings with it.
import type { JsonSchema } from './custom.ts'

export const text = (description: string): JsonSchema => ({ type: 'string', description })

/** @param required names among `properties` that must be there */
export const object = (
  description: string,
  properties: Record<string, JsonSchema>,
  required: string[] = [],
): JsonSchema => ({
  type: 'object',
  description,
  properties,
  ...(required.length > 0 && { required }),
})

export const list = (description: string, items: JsonSchema): JsonSchema => ({
  type: 'array',
  description,
  items,
})
